import { encodeTermMarker, encodeTransaction } from '@paddock/codec';
import { COUNTER_MAX, counterOf, epochOf, firstZxid, nextZxid, termEpoch } from '@paddock/model';
import type {
  BroadcastRequest,
  Change,
  LogEntry,
  SessionId,
  Term,
  TermMarker,
  Zxid,
} from '@paddock/model';
import type { Outbox } from '@paddock/ports';

/** What the log adds to an entry's payload, about. */
const ENTRY_OVERHEAD = 32;

/** Turns decisions into log entries: the one place where zxids and times of transactions are given. */
export class Proposals {
  readonly #term: Term;
  /** The broadcaster that granted the term: without it the term ends. */
  readonly #link: number;
  readonly #batchBytes: number;
  readonly #batchEntries: number;
  #last: Zxid;
  #time: number;
  #entries: LogEntry[] = [];
  #entriesBytes = 0;

  /** `time`: that of the last transaction before the term. */
  constructor(
    term: Term,
    link: number,
    lastProposed: Zxid,
    time: number,
    limits: { readonly batchBytes: number; readonly batchOperations: number },
  ) {
    this.#term = term;
    this.#link = link;
    this.#last = lastProposed;
    this.#time = time;
    this.#batchBytes = limits.batchBytes;
    this.#batchEntries = limits.batchOperations;
  }

  get lastAssigned(): Zxid {
    return this.#last;
  }

  /** Of the next transaction, ms since 1970. */
  get time(): number {
    return this.#time;
  }

  /** No zxid is left in this epoch: only a new epoch can go on. */
  get exhausted(): boolean {
    return counterOf(this.#last) >= COUNTER_MAX;
  }

  /** Time never goes back, whatever the wall clock does (H17 c). */
  observeWall(wallMs: number): void {
    const wall = Math.floor(wallMs);
    if (wall > this.#time) this.#time = wall;
  }

  encode(
    session: SessionId,
    sequence: number,
    requestHash: number,
    ackedThrough: number,
    change: Change,
  ): Uint8Array {
    return encodeTransaction({
      time: this.#time,
      session,
      sequence,
      requestHash,
      ackedThrough,
      change,
    });
  }

  /** The first entry of the term (H1). */
  proposeMarker(
    marker: TermMarker,
    out: Outbox<BroadcastRequest>,
  ): { readonly zxid: Zxid; readonly bytes: number } {
    const epoch = termEpoch(this.#term);
    const zxid = epochOf(this.#last) === epoch ? nextZxid(this.#last) : firstZxid(epoch);
    const payload = encodeTermMarker(marker);
    this.#append({ zxid, kind: 'termMarker', payload }, out);
    return { zxid, bytes: payload.length };
  }

  propose(payload: Uint8Array, out: Outbox<BroadcastRequest>): Zxid {
    const zxid = nextZxid(this.#last);
    this.#append({ zxid, kind: 'data', payload }, out);
    return zxid;
  }

  /** Of the broadcaster's own making: it obeys it from the append on (H11). */
  proposeConfiguration(payload: Uint8Array, out: Outbox<BroadcastRequest>): Zxid {
    const zxid = nextZxid(this.#last);
    this.#append({ zxid, kind: 'configuration', payload }, out);
    return zxid;
  }

  flush(out: Outbox<BroadcastRequest>): void {
    if (this.#entries.length === 0) return;
    out.push(this.#link, { kind: 'propose', term: this.#term, entries: this.#entries });
    this.#entries = [];
    this.#entriesBytes = 0;
  }

  #append(entry: LogEntry, out: Outbox<BroadcastRequest>): void {
    const bytes = entry.payload.length + ENTRY_OVERHEAD;
    const full = this.#entriesBytes + bytes > this.#batchBytes;
    if (full || this.#entries.length >= this.#batchEntries) this.flush(out);
    this.#entries.push(entry);
    this.#entriesBytes += bytes;
    this.#last = entry.zxid;
  }
}
