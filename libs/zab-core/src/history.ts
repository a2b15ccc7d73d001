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
  /** Cost of the entries that are not both durable and committed yet. */
  pendingBytes = 0;

  readonly #retainedBytes: number;
  #ring: (LogEntry | undefined)[] = new Array<LogEntry | undefined>(1024);
  #first = 0;
  #end = 0;
  /** Position of the first entry that is not both durable and committed. */
  #settledEnd = 0;
  #bytes = 0;
  /** The zxid before the oldest entry in memory. */
  #floor: Zxid = ZXID_ZERO;
  #runs: EpochRun[] = [];
  /** The last entry of each epoch, ascending, from where the log starts: also of what is not in memory. */
  #epochEnds: Zxid[] = [];

  /** `retainedBytes`: what is kept in memory for databases that lag, beside what must be kept. */
  constructor(retainedBytes: number) {
    this.#retainedBytes = retainedBytes;
  }

  /** `start`: what is behind it is in the log. `epochEnds`: the last entry of each epoch there, ascending. */
  recover(last: Zxid, committed: Zxid, start: Zxid, epochEnds: readonly Zxid[]): void {
    this.last = last;
    this.durable = last;
    this.committed = committed < last ? committed : last;
    this.#floor = last;
    // The start is the end of its epoch where the log goes on with a later one.
    const isEnd = start !== ZXID_ZERO && epochEnds.every((end) => epochOf(end) > epochOf(start));
    this.#epochEnds = isEnd ? [start, ...epochEnds] : [...epochEnds];
  }

  /** True while everything that was appended is durable: only then the log can be cut. */
  get isDurable(): boolean {
    return this.durable === this.last;
  }

  /**
   * The last entry that is here and not behind `zxid`. Histories that share an entry share all before it, and an epoch
   * has one leader: so this is the end of what they have in common. ZXID_ZERO where all that is here is behind it.
   */
  prefixEnd(zxid: Zxid): Zxid {
    const epoch = epochOf(zxid);
    for (let i = this.#epochEnds.length - 1; i >= 0; i--) {
      const end = this.#epochEnds[i];
      if (end === undefined || epochOf(end) > epoch) continue;
      return end < zxid ? end : zxid;
    }
    return ZXID_ZERO;
  }

  /** The log was cut behind `last`, durably. */
  truncate(last: Zxid): void {
    assert(last >= this.committed, 'what is committed is not cut off');
    const kept = this.positionAfter(last) ?? this.#first;
    for (let position = kept; position < this.#end; position++) {
      const bytes = entryBytes(this.at(position));
      this.#bytes -= bytes;
      if (position >= this.#settledEnd) this.pendingBytes -= bytes;
    }
    for (let position = kept; position < this.#end; position++) {
      this.#ring[position & (this.#ring.length - 1)] = undefined;
    }
    this.#end = kept;
    if (this.#settledEnd > kept) this.#settledEnd = kept;
    this.#runs = this.#runs.filter((run) => run.firstPosition < kept);
    this.#epochEnds = this.#epochEnds.filter((end) => epochOf(end) <= epochOf(last));
    const newest = this.#epochEnds.length - 1;
    if (newest >= 0 && (this.#epochEnds[newest] ?? last) > last) this.#epochEnds[newest] = last;
    if (this.#floor > last) this.#floor = last;
    this.last = last;
    this.durable = last;
  }

  /** The log was begun anew behind a snapshot at `base`: everything up to there is committed. */
  restart(base: Zxid): void {
    this.#ring.fill(undefined);
    this.#first = this.#end;
    this.#settledEnd = this.#end;
    this.#bytes = 0;
    this.pendingBytes = 0;
    this.#runs = [];
    this.#epochEnds = base === ZXID_ZERO ? [] : [base];
    this.#floor = base;
    this.last = base;
    this.durable = base;
    this.committed = base;
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
    const ends = this.#epochEnds;
    const newest = ends[ends.length - 1];
    if (newest !== undefined && epochOf(newest) === epoch) ends[ends.length - 1] = entry.zxid;
    else ends.push(entry.zxid);
    const bytes = entryBytes(entry);
    this.#bytes += bytes;
    this.pendingBytes += bytes;
  }

  markDurable(zxid: Zxid): void {
    assert(zxid <= this.last, 'nothing is durable that was not appended');
    if (zxid <= this.durable) return;
    this.durable = zxid;
    this.#settle();
  }

  markCommitted(zxid: Zxid): void {
    assert(zxid <= this.last, 'nothing is committed here that was not appended');
    if (zxid <= this.committed) return;
    this.committed = zxid;
    this.#settle();
  }

  /**
   * Drops what every reader has been sent, and the oldest entries beyond the bound; the log still has them. Nothing
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

  #settle(): void {
    const { deliverable } = this;
    while (this.#settledEnd < this.#end) {
      const entry = this.at(this.#settledEnd);
      if (entry.zxid > deliverable) break;
      this.pendingBytes -= entryBytes(entry);
      this.#settledEnd++;
    }
  }

  #grow(): void {
    const ring = new Array<LogEntry | undefined>(this.#ring.length * 2);
    for (let position = this.#first; position < this.#end; position++) {
      ring[position & (ring.length - 1)] = this.at(position);
    }
    this.#ring = ring;
  }
}
