import { assert, follows, maxZxid, ZXID_ZERO } from '@paddock/model';
import type {
  BaseRecord,
  EnsembleConfiguration,
  EpochRecord,
  LogEntry,
  Zxid,
} from '@paddock/model';
import type { Completion, Disk, DiskFile } from '@paddock/ports';
import { BatchEncoder } from './batch-encoder.ts';
import { endOf, readEntries, readEntriesBelow } from './log-reading.ts';
import { Memberships } from './memberships.ts';
import type { DatedConfiguration, DatedRestoration } from './memberships.ts';
import { recover } from './recovery.ts';
import type { RecoveredSegments } from './recovery.ts';
import { Segment } from './segment.ts';
import { RECORD_BYTES, SEGMENT_BYTES_MAX, segmentName } from './segment-format.ts';
import type { TornTail } from './segment-scan.ts';
import { writeBaseRecord, writeEpochRecord } from './small-records.ts';
import { TxnLogError } from './txn-log-error.ts';

export interface TxnLogOptions {
  /** A segment that has grown so far is followed by another. */
  readonly segmentBytes: number;
  /** Membership of a directory that has never been used; otherwise the stored one holds. */
  readonly initialConfiguration: EnsembleConfiguration;
  /** Zeros are written so far ahead of the records; 0: none. FILL_BYTES by default. */
  readonly fillBytes?: number;
}

/** Completions. */
export interface TxnLogHandlers {
  /** Every entry up to here is durable. Cumulative. */
  durable(zxid: Zxid): void;
  /** Entries behind this one can still be read. */
  purged(logStart: Zxid): void;
  /** Once, and nothing after it: what is durable is not known, so the stage stops. */
  failed(error: TxnLogError): void;
}

/** What was found at start; the broadcaster is told this. */
export interface RecoveredLog {
  readonly lastZxid: Zxid;
  readonly committed: Zxid;
  readonly logStart: Zxid;
  readonly epochs: EpochRecord;
  /** The last entry of each epoch in the log, ascending. */
  readonly epochEnds: readonly Zxid[];
  /** The base record's at the base, and those of the log, ascending. */
  readonly configurations: readonly DatedConfiguration[];
  /** Those of the log, ascending. */
  readonly restorations: readonly DatedRestoration[];
  readonly base: Zxid;
  /** What was cut off the end, for the operator; null: nothing. */
  readonly torn: TornTail | null;
}

/** Counts since start. */
export interface TxnLogCounters {
  entries: number;
  /** Group commits: entries ÷ syncs is how many share one. */
  syncs: number;
  /** Of records and headers, without what is filled ahead. */
  bytes: number;
  segments: number;
}

/** A batch ends at about so many bytes; what is behind goes with the next. */
const BATCH_BYTES = 4 * 1024 * 1024;

/**
 * Zeros are written so far ahead of the records: a sync within them has no new file size to bring to
 * disk, which on ext4 takes a fifth and more off the median. Batches of a quarter of it and more gain
 * nothing, and fill nothing.
 */
const FILL_BYTES = 256 * 1024;

/**
 * The durable history of one replica. Appends are gathered while a batch is under way (group commit, one in flight):
 * write, sync, completion, next batch.
 */
export class TxnLog {
  readonly recovered: RecoveredLog;
  readonly counters: TxnLogCounters = { entries: 0, syncs: 0, bytes: 0, segments: 0 };

  readonly #disk: Disk;
  readonly #segmentBytes: number;
  readonly #handlers: TxnLogHandlers;
  readonly #encoder = new BatchEncoder();
  readonly #fill: Uint8Array;
  #base: BaseRecord;
  #segments: Segment[];
  #memberships: Memberships;
  /** Purged, and still being removed: a purge that comes meanwhile queues behind. */
  readonly #leaving: Segment[] = [];
  /** Checksum that the next record names; 0 at the start of a generation. */
  #lastChecksum: number;
  /** Last entry handed in. */
  #last: Zxid;
  #durable: Zxid;
  #committed: Zxid = ZXID_ZERO;
  /** Entries not yet in a batch, from #taken on. */
  #waiting: LogEntry[] = [];
  #taken = 0;
  #isBusy = false;
  #isStopped = false;

  constructor(disk: Disk, options: TxnLogOptions, handlers: TxnLogHandlers) {
    assert(options.segmentBytes + BATCH_BYTES * 2 < SEGMENT_BYTES_MAX, 'offsets fit 32 bits');
    const found = recover(disk, options.initialConfiguration);
    this.#disk = disk;
    this.#segmentBytes = options.segmentBytes;
    this.#handlers = handlers;
    // A small segment is soon followed by another: it is not filled with more than it is to hold.
    this.#fill = new Uint8Array(Math.min(options.fillBytes ?? FILL_BYTES, options.segmentBytes));
    this.#base = found.base;
    this.#segments = found.segments;
    this.#memberships = new Memberships(found.base, found.configurations);
    this.#lastChecksum = found.lastChecksum;
    this.#last = found.last;
    this.#durable = found.last;
    this.recovered = this.#describe(found);
  }

  get base(): BaseRecord {
    return this.#base;
  }

  /** The entry before the oldest that can be read. */
  get logStart(): Zxid {
    return this.#segments[0]?.after ?? this.#base.zxid;
  }

  get lastZxid(): Zxid {
    return this.#last;
  }

  /** Completed by `durable`. The log keeps the entries until then; `committed` is recorded with them (H9). */
  append(entries: readonly LogEntry[], committed: Zxid): void {
    for (const entry of entries) {
      assert(follows(this.#last, entry.zxid), 'an entry has exactly the next zxid');
      this.#last = entry.zxid;
      this.#memberships.append(entry);
      this.#waiting.push(entry);
    }
    this.#committed = maxZxid(this.#committed, committed);
    this.#next();
  }

  /**
   * Durable entries behind `after`: at least one if there is one, about `maxBytes` of them; none where the log does
   * not reach back. Blocks. Throws TxnLogError, DiskError.
   */
  read(after: Zxid, maxBytes: number): LogEntry[] {
    if (after < this.logStart) return [];
    return readEntries(this.#segments, after, maxBytes);
  }

  /** The last durable entries behind `after` and before `before`, as far as the log reaches back; as `read`. */
  readBelow(after: Zxid, before: Zxid, maxBytes: number): LogEntry[] {
    return readEntriesBelow(this.#segments, maxZxid(after, this.logStart), before, maxBytes);
  }

  /** Durable on return. Blocks. Throws DiskError. */
  writeEpochs(epochs: EpochRecord): void {
    writeEpochRecord(this.#disk, epochs);
  }

  /**
   * Starts a new generation behind a snapshot at `zxid`: the log is empty, what it had is gone (H8). Nothing may be
   * under way. Durable on return. Blocks. Throws DiskError.
   */
  restartFrom(base: Omit<BaseRecord, 'generation'>): void {
    this.#assertIdle();
    const next = { ...base, generation: this.#base.generation + 1 };
    writeBaseRecord(this.#disk, next);
    for (const segment of this.#segments) {
      segment.file.close();
      this.#disk.remove(segment.name);
    }
    this.#disk.syncDirectory();
    this.#base = next;
    this.#segments = [];
    this.#memberships = new Memberships(next, []);
    this.#setEnd(base.zxid, 0);
  }

  /**
   * Removes every entry behind `after`, which need not be one, but nothing of the base. Returns the last zxid that is
   * left. Nothing may be under way. Durable on return (H10). Blocks. Throws TxnLogError, DiskError.
   */
  truncate(after: Zxid): Zxid {
    this.#assertIdle();
    const kept = this.#segments.findLastIndex((segment) => segment.first <= after);
    if (kept < 0 && this.logStart !== this.#base.zxid) {
      throw new TxnLogError({ code: 'purged', zxid: after });
    }
    // From the end backwards, each durably, so that a crash leaves a log without a hole.
    for (let i = this.#segments.length - 1; i > kept; i--) this.#drop(i);
    const segment = this.#segments[kept];
    const end = segment === undefined ? null : endOf(segment, after);
    if (segment !== undefined && end !== null && end.offset < segment.end) {
      segment.file.truncate(end.offset);
      segment.cut(end.offset, end.zxid, end.checksum);
    }
    assert(segment === undefined || end !== null, 'a segment begins with the entry of its name');
    const last = end?.zxid ?? this.#base.zxid;
    this.#memberships.cutBehind(last);
    this.#setEnd(last, end?.checksum ?? 0);
    return last;
  }

  /** Removes the segments that lie wholly below `below`, never the last. Completed by `purged`. Throws DiskError. */
  purge(below: Zxid): void {
    let count = 0;
    while ((this.#segments[count + 1]?.first ?? Infinity) <= below) count++;
    this.#keepMembership(this.#segments[count]?.after ?? this.logStart);
    const purged = this.#segments.splice(0, count);
    for (const segment of purged) segment.file.close();
    const isRemoving = this.#leaving.length > 0;
    this.#leaving.push(...purged);
    if (!isRemoving) this.#removeNext();
  }

  /** Memberships as of the end of the log. */
  get configurations(): readonly DatedConfiguration[] {
    return this.#memberships.all;
  }

  close(): void {
    for (const segment of this.#segments) segment.file.close();
    this.#isStopped = true;
  }

  #describe(found: RecoveredSegments): RecoveredLog {
    return {
      lastZxid: found.last,
      committed: found.committed < found.last ? found.committed : found.last,
      logStart: this.logStart,
      epochs: found.epochs,
      epochEnds: found.epochEnds,
      configurations: this.configurations,
      restorations: found.restorations,
      base: found.base.zxid,
      torn: found.torn,
    };
  }

  /** Starts the next batch unless one is under way. */
  #next(): void {
    if (this.#isBusy || this.#isStopped || this.#taken === this.#waiting.length) return;
    this.#isBusy = true;
    let segment: Segment;
    try {
      segment = this.#segmentForNext();
    } catch (error) {
      this.#fail(this.#disk.location, error);
      return;
    }
    const from = this.#taken;
    const to = this.#batchEnd(from);
    const start = segment.end;
    this.#encoder.encode(segment, this.#waiting, from, to, this.#committed);
    this.#lastChecksum = segment.lastChecksum;
    this.counters.entries += to - from;
    this.counters.bytes += this.#encoder.length;
    this.#advanceTo(to);
    const chunks = this.#encoder.chunks;
    if (this.#encoder.length * 4 < this.#fill.length && segment.end > segment.filledEnd) {
      chunks.push(this.#fill);
      segment.filledEnd = segment.end + this.#fill.length;
    }
    this.#write(segment, start, chunks);
  }

  #write(segment: Segment, start: number, chunks: readonly Uint8Array[]): void {
    segment.file.write(
      start,
      chunks,
      this.#then(segment.file, () => this.#sync(segment, start === 0)),
    );
  }

  #sync(segment: Segment, isNew: boolean): void {
    segment.file.sync(
      this.#then(segment.file, () => {
        this.counters.syncs++;
        if (!isNew) this.#complete(segment);
        else {
          // The name of a new segment is part of what is acknowledged.
          this.#disk.startDirectorySync(this.#then(segment.file, () => this.#complete(segment)));
        }
      }),
    );
  }

  #complete(segment: Segment): void {
    segment.durableEnd = segment.end;
    this.#durable = segment.last;
    this.#isBusy = false;
    this.#handlers.durable(this.#durable);
    this.#next();
  }

  /** Goes on if it went well; a failure is final. */
  #then(file: DiskFile, action: () => void): Completion {
    return (result) => {
      if (this.#isStopped) return;
      if (result.ok) action();
      else this.#fail(file.name, result.error);
    };
  }

  #fail(file: string, error: unknown): void {
    if (this.#isStopped) return;
    this.#isStopped = true;
    this.#handlers.failed(TxnLogError.from(file, error));
  }

  /** The last segment, or a new one behind it if that is full. */
  #segmentForNext(): Segment {
    const last = this.#segments[this.#segments.length - 1];
    if (last !== undefined && last.end < this.#segmentBytes) return last;
    const next = this.#waiting[this.#taken];
    assert(next !== undefined, 'a segment is begun for an entry');
    const generation = this.#base.generation;
    const place = {
      generation,
      first: next.zxid,
      after: last?.last ?? this.#base.zxid,
      previous: this.#lastChecksum,
    };
    const segment = new Segment(this.#disk.create(segmentName(generation, next.zxid)), place);
    this.#segments.push(segment);
    this.counters.segments++;
    return segment;
  }

  #batchEnd(from: number): number {
    let bytes = 0;
    let to = from;
    while (to < this.#waiting.length && bytes < BATCH_BYTES) {
      bytes += RECORD_BYTES + (this.#waiting[to]?.payload.length ?? 0);
      to++;
    }
    return to;
  }

  #advanceTo(to: number): void {
    this.#taken = to;
    if (to < this.#waiting.length) return;
    this.#waiting = [];
    this.#taken = 0;
  }

  #drop(index: number): void {
    const [segment] = this.#segments.splice(index, 1);
    if (segment === undefined) return;
    segment.file.close();
    this.#disk.remove(segment.name);
    this.#disk.syncDirectory();
  }

  /** One after the other, from the oldest on, so that a crash leaves a log without a hole. */
  #removeNext(): void {
    const segment = this.#leaving[0];
    if (segment === undefined) {
      this.#handlers.purged(this.logStart);
      return;
    }
    const { file } = segment;
    const following = this.#then(file, () => {
      this.#leaving.shift();
      this.#removeNext();
    });
    this.#disk.startRemove(
      segment.name,
      this.#then(file, () => this.#disk.startDirectorySync(following)),
    );
  }

  /** What the log will not tell any more at its next start, the base record does, and before. */
  #keepMembership(logStart: Zxid): void {
    const configuration = this.#memberships.forgetThrough(logStart);
    if (configuration === null) return;
    this.#base = { ...this.#base, configuration };
    writeBaseRecord(this.#disk, this.#base);
  }

  #setEnd(last: Zxid, checksum: number): void {
    this.#last = last;
    this.#durable = last;
    this.#lastChecksum = checksum;
    if (this.#committed > last) this.#committed = last;
  }

  #assertIdle(): void {
    assert(!this.#isBusy && this.#taken === this.#waiting.length, 'no append is under way');
  }
}
