import { sameAttachment, ZXID_ZERO } from '@paddock/model';
import type {
  Attachment,
  DatabaseReply,
  DatabaseRequest,
  Outcome,
  SessionId,
  TermAnnouncement,
  WatchRegistration,
  ZnodePath,
  Zxid,
} from '@paddock/model';
import { statAt, text } from '../frontend-under-test.ts';
import type { NaiveEntry } from './naive-processor.ts';

type Read = Extract<DatabaseRequest, { kind: 'read' }>;
type Attach = Extract<DatabaseRequest, { kind: 'attach' }>;

interface Session {
  attachment: Attachment;
  last: number;
  outcomes: Outcome[];
}

interface Cell {
  value: Uint8Array;
  zxid: Zxid;
}

/** One stream of a front-end: all of it is forgotten when it ends. */
interface Stream {
  readonly attached: Map<SessionId, Attachment>;
  readonly watches: Map<SessionId, Set<ZnodePath>>;
  readonly parkedReads: { readonly number: number; readonly read: Read }[];
  parkedAttaches: Attach[];
  reads: number;
  /** The first so many reads were sent before the newest proof of freshness. */
  fresh: number;
}

/** A database that applies one entry at a time, keeps one front-end's stream, and looks nothing up fast. */
export class NaiveDatabase {
  applied: Zxid = ZXID_ZERO;
  inbox: DatabaseRequest[][] = [];
  replies: DatabaseReply[] = [];
  #cells = new Map<ZnodePath, Cell>();
  #sessions = new Map<SessionId, Session>();
  #term: TermAnnouncement | null = null;
  #history: { path: ZnodePath; zxid: Zxid }[] = [];
  #stream: Stream | null = null;

  get hasStream(): boolean {
    return this.#stream !== null;
  }

  endStream(): void {
    this.#stream = null;
    this.inbox = [];
    this.replies = [];
  }

  /** Begins again from nothing, up to `count` entries: a restart from an older snapshot. */
  restart(log: readonly NaiveEntry[], count: number): void {
    this.endStream();
    this.applied = ZXID_ZERO;
    this.#cells = new Map();
    this.#sessions = new Map();
    this.#term = null;
    this.#history = [];
    for (const entry of log.slice(0, count)) this.apply(entry);
  }

  receive(messages: readonly DatabaseRequest[]): void {
    for (const message of messages) this.#take(message);
    const stream = this.#stream;
    if (stream === null) return;
    this.#settleParked();
    this.replies.push({ kind: 'readsAccepted', reads: stream.reads });
  }

  /** A probe has come back: reads that wait for freshness may be answered. */
  refresh(): void {
    if (this.#stream === null) return;
    this.#stream.fresh = this.#stream.reads;
    this.#settleParked();
  }

  apply(entry: NaiveEntry): void {
    const { zxid } = entry;
    this.applied = zxid;
    switch (entry.kind) {
      case 'marker':
        this.#term = entry.term;
        this.#say({ kind: 'termMarker', zxid, term: entry.term });
        break;
      case 'open': {
        const { session, attachment, timeoutMs } = entry;
        this.#sessions.set(session, { attachment, last: 0, outcomes: [] });
        this.#stream?.attached.set(session, attachment);
        this.#say({ kind: 'sessionOpened', session, attachment, zxid, timeoutMs });
        break;
      }
      case 'resume': {
        const { session, attachment, timeoutMs } = entry;
        const known = this.#sessionOf(session);
        const fenced = known.attachment;
        known.attachment = attachment;
        this.#forget(session);
        this.#say({ kind: 'sessionFenced', session, attachment: fenced, zxid });
        const lastSequence = known.last;
        this.#say({ kind: 'sessionResumed', session, attachment, zxid, timeoutMs, lastSequence });
        break;
      }
      case 'write':
        this.#applyWrite(entry);
        break;
    }
    this.#settleParked();
    this.#say({ kind: 'applied', zxid });
  }

  #applyWrite(entry: Extract<NaiveEntry, { kind: 'write' }>): void {
    const { session, sequence, zxid, operation } = entry;
    const known = this.#sessionOf(session);
    if (sequence !== known.last + 1) throw new Error(`write ${sequence} behind ${known.last}`);
    known.last = sequence;
    if (operation.kind === 'setData') {
      this.#cells.set(operation.path, { value: operation.data, zxid });
      this.#history.push({ path: operation.path, zxid });
      this.#fire(operation.path, zxid);
    }
    const result = { kind: 'dataSet', stat: statAt(zxid) } as const;
    const outcome: Outcome = { sequence, zxid, requestHash: 0, result };
    known.outcomes.push(outcome);
    const attachment = this.#stream?.attached.get(session);
    if (attachment !== undefined) this.#say({ kind: 'outcome', session, attachment, outcome });
  }

  #fire(path: ZnodePath, zxid: Zxid): void {
    for (const [session, watched] of this.#stream?.watches ?? []) {
      if (!watched.delete(path)) continue;
      this.#say({ kind: 'event', session, event: { kind: 'nodeDataChanged', path, zxid } });
    }
  }

  #take(message: DatabaseRequest): void {
    if (message.kind === 'openStream') {
      this.#stream = {
        attached: new Map(),
        watches: new Map(),
        parkedReads: [],
        parkedAttaches: [],
        reads: 0,
        fresh: 0,
      };
      this.#say({ kind: 'streamOpened', applied: this.applied, term: this.#term });
      return;
    }
    const stream = this.#stream;
    if (stream === null) return;
    if (message.kind === 'attach') {
      stream.parkedAttaches.push(message);
    } else if (message.kind === 'detach') {
      const attached = stream.attached.get(message.session);
      if (attached !== undefined && sameAttachment(attached, message.attachment)) {
        this.#forget(message.session);
      }
    } else if (message.kind === 'read') {
      stream.reads++;
      stream.parkedReads.push({ number: stream.reads, read: message });
    }
  }

  #settleParked(): void {
    const stream = this.#stream;
    if (stream === null) return;
    const attaches = stream.parkedAttaches;
    stream.parkedAttaches = attaches.filter((it) => it.floor > this.applied);
    for (const attach of attaches) if (attach.floor <= this.applied) this.#attach(stream, attach);
    // A parked read parks the later reads of its session.
    const stopped = new Set<SessionId>();
    for (const parked of stream.parkedReads.splice(0)) {
      const { session } = parked.read;
      if (!stream.attached.has(session)) continue;
      const isStale = parked.read.stalenessMs !== Infinity && parked.number > stream.fresh;
      if (stopped.has(session) || isStale || !this.#isReady(parked.read)) {
        stopped.add(session);
        stream.parkedReads.push(parked);
      } else {
        this.#answer(stream, parked.number, parked.read);
      }
    }
  }

  #isReady(read: Read): boolean {
    return read.floor <= this.applied && read.afterSequence <= this.#sessionOf(read.session).last;
  }

  #answer(stream: Stream, number: number, read: Read): void {
    const { path } = read.operation;
    const cell = this.#cells.get(path) ?? { value: text(''), zxid: ZXID_ZERO };
    if (read.operation.watch) {
      const watched = stream.watches.get(read.session) ?? new Set();
      stream.watches.set(read.session, watched.add(path));
    }
    const result = { kind: 'data', data: cell.value, stat: statAt(cell.zxid) } as const;
    this.#say({ kind: 'readReply', read: number, zxid: this.applied, result });
  }

  #attach(stream: Stream, attach: Attach): void {
    const { session, attachment, firstUnsettled } = attach;
    const known = this.#sessions.get(session);
    const answer = (verdict: 'attached' | 'fenced' | 'unknown', outcomes: Outcome[] = []): void => {
      this.#say({
        kind: 'attachAnswer',
        session,
        attachment,
        zxid: this.applied,
        verdict: { kind: verdict },
        timeoutMs: 9000,
        lastSequence: known?.last ?? 0,
        outcomes,
      });
    };
    if (known === undefined) {
      answer('unknown');
    } else if (!sameAttachment(known.attachment, attachment)) {
      answer(attachment.attempt > known.attachment.attempt ? 'unknown' : 'fenced');
    } else {
      stream.attached.set(session, attachment);
      answer(
        'attached',
        known.outcomes.filter((it) => it.sequence >= firstUnsettled),
      );
      this.#bringBack(stream, session, attach.watches);
    }
  }

  #bringBack(stream: Stream, session: SessionId, watches: readonly WatchRegistration[]): void {
    const watched = new Set<ZnodePath>();
    for (const { path, from } of watches) {
      const missed = this.#history.find((it) => it.path === path && it.zxid > from);
      if (missed === undefined) {
        watched.add(path);
      } else {
        const { zxid } = missed;
        this.#say({ kind: 'event', session, event: { kind: 'nodeDataChanged', path, zxid } });
      }
    }
    stream.watches.set(session, watched);
  }

  #forget(session: SessionId): void {
    this.#stream?.attached.delete(session);
    this.#stream?.watches.delete(session);
  }

  #sessionOf(session: SessionId): Session {
    const known = this.#sessions.get(session);
    if (known === undefined) throw new Error('a session that nobody opened');
    return known;
  }

  #say(reply: DatabaseReply): void {
    if (this.#stream !== null) this.replies.push(reply);
  }
}
