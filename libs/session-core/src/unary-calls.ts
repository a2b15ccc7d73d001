import { ZXID_ZERO } from '@paddock/model';
import type {
  Identities,
  Limits,
  OperationResult,
  ReadOperation,
  WriteOperation,
  Zxid,
} from '@paddock/model';
import { AnswerWindow } from '@paddock/ports';
import type { ClientSession } from './client-session.ts';
import type { SessionFrontendEffects } from './frontend-effects.ts';

/** A call without a session that is not answered. The driver's number may come again, the ticket does not. */
export class UnaryCall {
  readonly ticket: number;
  readonly call: number;
  readonly write: WriteOperation | null;
  readonly read: ReadOperation | null;
  readonly identities: Identities;
  /** Of a read, the least zxid it may show; of a sync, its confirmed floor. */
  floor: Zxid;
  /** Of a sync or a linearizable read: whether the floor has been confirmed; of another read, true. */
  floorKnown: boolean;
  /** Of a read, how long ago the replica may have been confirmed to be fresh; Infinity: as local reads demand. */
  readonly stalenessMs: number;
  readonly deadlineMs: number;
  readonly bytes: number;
  /** Of a read: this replica may answer it without a leader. */
  readonly acceptsReadOnly: boolean;
  /** Of a read: the newest database stream that was asked for it. */
  askedOf: number | null = null;

  constructor(
    ticket: number,
    call: number,
    operation: {
      readonly write: WriteOperation | null;
      readonly read: ReadOperation | null;
      readonly identities: Identities;
      readonly floor: Zxid;
      readonly floorKnown: boolean;
      readonly stalenessMs: number;
      readonly deadlineMs: number;
      readonly bytes: number;
      readonly acceptsReadOnly: boolean;
    },
  ) {
    this.ticket = ticket;
    this.call = call;
    this.write = operation.write;
    this.read = operation.read;
    this.identities = operation.identities;
    this.floor = operation.floor;
    this.floorKnown = operation.floorKnown;
    this.stalenessMs = operation.stalenessMs;
    this.deadlineMs = operation.deadlineMs;
    this.bytes = operation.bytes;
    this.acceptsReadOnly = operation.acceptsReadOnly;
  }

  get isSync(): boolean {
    return this.write === null && this.read === null;
  }
}

/** The calls without a session, and the front-end's own sessions that their writes run in (H19). */
export class UnaryCalls {
  readonly #byTicket = new Map<number, UnaryCall>();
  readonly #tickets = new Map<number, number>();
  #nextTicket = 1;
  #turn = 0;
  readonly sessions: ClientSession[] = [];
  /** Syncs, which the database's progress settles. */
  readonly syncs = new Set<UnaryCall>();
  /** Bounds what the reads bring back at one time; those beyond wait, in order. */
  readonly answers: AnswerWindow;
  unasked: UnaryCall[] = [];
  /** Subtrees that the present database stream is telling: another one knows nothing of them. */
  readonly subtrees = new Set<number>();
  /** The present stream was asked for none of the reads: it may be about to say that it does not serve. */
  mustAskAll = false;
  /** Writes for which no session had room. */
  waiting: UnaryCall[] = [];

  constructor(limits: Limits) {
    this.answers = new AnswerWindow(limits.slowReaderBytes);
  }

  get size(): number {
    return this.#byTicket.size;
  }

  add(call: number, operation: ConstructorParameters<typeof UnaryCall>[2]): UnaryCall {
    const added = new UnaryCall(this.#nextTicket++, call, operation);
    this.#byTicket.set(added.ticket, added);
    this.#tickets.set(call, added.ticket);
    if (added.isSync) this.syncs.add(added);
    return added;
  }

  get(ticket: number): UnaryCall | undefined {
    return this.#byTicket.get(ticket);
  }

  all(): IterableIterator<UnaryCall> {
    return this.#byTicket.values();
  }

  cancel(call: number): void {
    const ticket = this.#tickets.get(call);
    if (ticket === undefined) return;
    this.#remove(ticket);
  }

  /** Answers a call, unless its caller is gone. */
  answered(
    ticket: number,
    zxid: Zxid,
    result: OperationResult,
    out: SessionFrontendEffects,
    readOnly?: true,
  ): void {
    const answered = this.#byTicket.get(ticket);
    if (answered === undefined) return;
    this.#remove(ticket);
    const answer = { call: answered.call, zxid, result };
    out.unaryAnswers.push(readOnly === true ? { ...answer, readOnly } : answer);
  }

  refuse(call: number, result: OperationResult, out: SessionFrontendEffects): void {
    out.unaryAnswers.push({ call, zxid: ZXID_ZERO, result });
  }

  /** The next own session that is live and has room; the calls take turns (H19). */
  nextSession(outstandingMax: number): ClientSession | undefined {
    const count = this.sessions.length;
    for (let i = 0; i < count; i++) {
      this.#turn = (this.#turn + 1) % count;
      const session = this.sessions[this.#turn];
      if (session?.phase !== 'live') continue;
      if (session.operations.length < outstandingMax) return session;
    }
    return undefined;
  }

  #remove(ticket: number): void {
    const call = this.#byTicket.get(ticket);
    if (call === undefined) return;
    this.#byTicket.delete(ticket);
    this.#tickets.delete(call.call);
    if (call.isSync) this.syncs.delete(call);
  }
}
