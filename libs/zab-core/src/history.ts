import { assert, counterOf, epochOf, follows, ZXID_ZERO } from '@paddock/model';
import type { Epoch, LogEntry, Zxid } from '@paddock/model';

/** Entries of one epoch stand at consecutive positions with consecutive counters. */
interface EpochRun {
  readonly epoch: Epoch;
  readonly firstCounter: number;
  readonly firstPosition: number;
}

/** What an entry costs in memory beside its payload, in bytes. */
const ENTRY_BYTES = 64;

export function entryBytes(entry: LogEntry): number {
  return ENTRY_BYTES + entry.payload.length;
}

/**
 * This replica's history: how far it goes, how far it is durable here, how far it is committed; and its newest entries
 * in memory. Positions count entries since the start of the process. Invariant: everything that is not both durable
 * and committed is in memory.
 */
export class History {
  last: Zxid = ZXID_ZERO;
  durable: Zxid = ZXID_ZERO;
  committed: Zxid = ZXID_ZERO;
  /** Cost of the entries that are not durable yet. */
  pendingBytes = 0;

  readonly #retainedBytes: number;
  #ring: (LogEntry | undefined)[] = new Array<LogEntry | undefined>(1024);
  #first = 0;
  #end = 0;
  #durableEnd = 0;
  #bytes = 0;
  /** The zxid before the oldest entry in memory. */
  #floor: Zxid = ZXID_ZERO;
  #runs: EpochRun[] = [];

  /** `retainedBytes`: what is kept in memory for databases that lag, beside what must be kept. */
  constructor(retainedBytes: number) {
    this.#retainedBytes = retainedBytes;
  }

  recover(last: Zxid, committed: Zxid): void {
    this.last = last;
    this.durable = last;
    this.committed = committed < last ? committed : last;
    this.#floor = last;
  }

  /** Up to here entries may be delivered: committed and durable here (H9). */
  get deliverable(): Zxid {
    return this.committed < this.durable ? this.committed : this.durable;
  }

  append(entry: LogEntry): void {
    assert(follows(this.last, entry.zxid), 'an entry has the zxid behind its predecessor');
    if (this.#end - this.#first === this.#ring.length) this.#grow();
    const epoch = epochOf(entry.zxid);
    const run = this.#runs[this.#runs.length - 1];
    if (run?.epoch !== epoch) {
      this.#runs.push({ epoch, firstCounter: counterOf(entry.zxid), firstPosition: this.#end });
    }
    this.#ring[this.#end & (this.#ring.length - 1)] = entry;
    this.#end++;
    this.last = entry.zxid;
    const bytes = entryBytes(entry);
    this.#bytes += bytes;
    this.pendingBytes += bytes;
  }

  markDurable(zxid: Zxid): void {
    assert(zxid <= this.last, 'nothing is durable that was not appended');
    while (this.#durableEnd < this.#end) {
      const entry = this.at(this.#durableEnd);
      if (entry.zxid > zxid) break;
      this.pendingBytes -= entryBytes(entry);
      this.#durableEnd++;
    }
    if (zxid > this.durable) this.durable = zxid;
  }

  markCommitted(zxid: Zxid): void {
    if (zxid > this.committed) this.committed = zxid;
  }

  /**
   * Drops what every database has been sent, and the oldest entries beyond the bound; the log still has them. Nothing
   * is kept for good measure: what lives longer than its own delivery is copied by each collection of the heap.
   */
  release(delivered: Zxid): void {
    const deliverable = this.deliverable;
    while (this.#first < this.#end) {
      const entry = this.at(this.#first);
      if (entry.zxid > deliverable) break;
      if (entry.zxid > delivered && this.#bytes <= this.#retainedBytes) break;
      this.#ring[this.#first & (this.#ring.length - 1)] = undefined;
      this.#bytes -= entryBytes(entry);
      this.#floor = entry.zxid;
      this.#first++;
    }
    const second = this.#runs[1];
    if (second !== undefined && second.firstPosition <= this.#first) this.#runs.shift();
  }

  /** Position of the first entry behind `zxid`; undefined where memory does not reach back to it. */
  positionAfter(zxid: Zxid): number | undefined {
    if (zxid < this.#floor) return undefined;
    if (zxid >= this.last) return this.#end;
    const epoch = epochOf(zxid);
    for (let i = this.#runs.length - 1; i >= 0; i--) {
      const run = this.#runs[i];
      if (run === undefined || run.epoch > epoch) continue;
      const runEnd = this.#runs[i + 1]?.firstPosition ?? this.#end;
      if (run.epoch < epoch) return runEnd;
      const position = run.firstPosition + counterOf(zxid) - run.firstCounter + 1;
      return Math.min(Math.max(position, this.#first), runEnd);
    }
    return this.#first;
  }

  get endPosition(): number {
    return this.#end;
  }

  at(position: number): LogEntry {
    const entry = this.#ring[position & (this.#ring.length - 1)];
    assert(
      entry !== undefined && position >= this.#first && position < this.#end,
      'a position lies within what is in memory',
    );
    return entry;
  }

  #grow(): void {
    const ring = new Array<LogEntry | undefined>(this.#ring.length * 2);
    for (let position = this.#first; position < this.#end; position++) {
      ring[position & (ring.length - 1)] = this.at(position);
    }
    this.#ring = ring;
  }
}
