import { makeTerm, makeZxid, sameAttachment, ZXID_ZERO } from '@paddock/model';
import type {
  Attachment,
  ProcessorReply,
  ProcessorRequest,
  ProcessorRequestBatch,
  SessionId,
  Term,
  TermAnnouncement,
  WriteOperation,
  Zxid,
} from '@paddock/model';
import type { Draws } from './random.ts';

export type NaiveEntry = { readonly zxid: Zxid } & (
  | { readonly kind: 'marker'; readonly term: TermAnnouncement }
  | {
      readonly kind: 'open' | 'resume';
      readonly session: SessionId;
      readonly attachment: Attachment;
      readonly timeoutMs: number;
    }
  | {
      readonly kind: 'write';
      readonly session: SessionId;
      readonly sequence: number;
      readonly operation: WriteOperation;
    }
);

type Assigned = { attachment: Attachment; last: number };

/**
 * The leader's side by the letter of the contract, without any haste: what is accepted is proposed, what is proposed
 * is committed some time later, and a new term keeps a random prefix of what was not.
 */
export class NaiveProcessor {
  readonly committed: NaiveEntry[] = [];
  proposed: NaiveEntry[] = [];
  term: Term = makeTerm(1, 1);
  /** Whether a link stands, and the answers on their way over it. */
  isConnected = false;
  inbox: ProcessorRequestBatch[] = [];
  replies: ProcessorReply[] = [];
  /** Percent of writes that are refused for overload. */
  overload = 0;
  #epoch = 0;
  #counter = 0;
  #assigned = new Map<SessionId, Assigned>();
  readonly #draws: Draws;

  constructor(draws: Draws) {
    this.#draws = draws;
    this.newTerm();
  }

  get lastCommitted(): Zxid {
    return this.committed.at(-1)?.zxid ?? ZXID_ZERO;
  }

  newTerm(): void {
    const kept = this.#draws.below(this.proposed.length + 1);
    this.committed.push(...this.proposed.slice(0, kept));
    this.proposed = [];
    this.#epoch++;
    this.#counter = 0;
    this.term = makeTerm(this.#epoch, 1);
    this.#assigned = new Map();
    for (const entry of this.committed) this.#assign(entry);
    const term = { term: this.term, processorAddress: `processor:${this.#epoch}` };
    this.proposed.push({ kind: 'marker', zxid: this.#next(), term });
    this.disconnect();
  }

  disconnect(): void {
    this.isConnected = false;
    this.inbox = [];
    this.replies = [];
  }

  commit(count: number): void {
    this.committed.push(...this.proposed.splice(0, count));
  }

  receive(batch: ProcessorRequestBatch): void {
    if (batch.term !== this.term) {
      this.replies.push({ kind: 'termRefused', current: null });
      return;
    }
    for (const message of batch.messages) this.#take(message);
  }

  #take(message: ProcessorRequest): void {
    switch (message.kind) {
      case 'openSession': {
        const { session, attachment, timeoutMs } = message;
        if (this.#assigned.has(session)) return;
        this.#propose({ kind: 'open', zxid: this.#next(), session, attachment, timeoutMs });
        break;
      }
      case 'resumeSession': {
        const { session, attachment } = message;
        const known = this.#assigned.get(session);
        if (known === undefined) throw new Error('a session that was opened is unknown');
        if (sameAttachment(known.attachment, attachment)) return;
        if (attachment.attempt <= known.attachment.attempt) {
          this.#fence(session, attachment);
        } else {
          const timeoutMs = 9000;
          this.#propose({ kind: 'resume', zxid: this.#next(), session, attachment, timeoutMs });
        }
        break;
      }
      case 'write':
        this.#takeWrite(message);
        break;
      case 'touch':
        this.replies.push({ kind: 'touched', round: message.round });
        break;
      case 'acknowledge':
        break;
      case 'readIndex':
        this.replies.push({
          kind: 'readIndexFloor',
          request: message.request,
          floor: this.lastCommitted,
        });
        break;
    }
  }

  #takeWrite(write: Extract<ProcessorRequest, { kind: 'write' }>): void {
    const { session, attachment, sequence, operation } = write;
    const known = this.#assigned.get(session);
    if (known === undefined || !sameAttachment(known.attachment, attachment)) {
      this.#fence(session, attachment);
      return;
    }
    if (sequence <= known.last) return;
    if (sequence > known.last + 1 || this.#draws.chance(this.overload)) {
      const retryAfterMs = this.#draws.below(3) * 30;
      const expected = known.last + 1;
      this.replies.push({ kind: 'expect', session, attachment, sequence: expected, retryAfterMs });
      return;
    }
    this.#propose({ kind: 'write', zxid: this.#next(), session, sequence, operation });
  }

  #fence(session: SessionId, attachment: Attachment): void {
    const basis = this.proposed.at(-1)?.zxid ?? this.lastCommitted;
    const { term } = this;
    const code = 'sessionMoved';
    this.replies.push({ kind: 'verdict', session, attachment, code, reason: '', basis, term });
  }

  #propose(entry: NaiveEntry): void {
    this.proposed.push(entry);
    this.#assign(entry);
  }

  #assign(entry: NaiveEntry): void {
    if (entry.kind === 'marker') return;
    const known = this.#assigned.get(entry.session);
    if (entry.kind === 'write') {
      if (known === undefined) throw new Error('a write of no session');
      known.last = entry.sequence;
    } else {
      this.#assigned.set(entry.session, {
        attachment: entry.attachment,
        last: known?.last ?? 0,
      });
    }
  }

  #next(): Zxid {
    this.#counter++;
    return makeZxid(this.#epoch, this.#counter);
  }
}
