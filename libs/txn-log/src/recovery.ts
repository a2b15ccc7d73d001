import { EPOCH_ZERO, epochOf, formatZxid, maxZxid, ZXID_ZERO } from '@paddock/model';
import type { BaseRecord, EnsembleConfiguration, EpochRecord, Zxid } from '@paddock/model';
import type { Disk } from '@paddock/ports';
import type { DatedConfiguration, DatedRestoration } from './memberships.ts';
import type { Segment } from './segment.ts';
import { segmentGeneration } from './segment-format.ts';
import { noteEpochEnd, scanSegment } from './segment-scan.ts';
import type { LogPosition, SegmentScan, TornTail } from './segment-scan.ts';
import {
  BASE_FILE,
  EPOCHS_FILE,
  readBaseRecord,
  readEpochRecord,
  writeBaseRecord,
  writeEpochRecord,
} from './small-records.ts';
import { TxnLogError } from './txn-log-error.ts';

/** What a directory holds once it has been put in order. */
export interface RecoveredSegments {
  readonly base: BaseRecord;
  readonly epochs: EpochRecord;
  /** In the order of their entries. */
  readonly segments: Segment[];
  readonly last: Zxid;
  readonly lastChecksum: number;
  /** The highest commit point that a record names. */
  readonly committed: Zxid;
  readonly configurations: DatedConfiguration[];
  readonly restorations: readonly DatedRestoration[];
  /** The last entry of each epoch in the log, ascending. */
  readonly epochEnds: readonly Zxid[];
  /** What was cut off: a batch that was never acknowledged. */
  readonly torn: TornTail | null;
}

/**
 * Reads a directory, cuts off a torn tail, and makes all that durable. A directory with nothing in it becomes one
 * under `initial`. Throws TxnLogError, and then has changed nothing.
 */
export function recover(disk: Disk, initial: EnsembleConfiguration): RecoveredSegments {
  const names = disk.list().filter((name) => segmentGeneration(name) !== undefined);
  if (!disk.exists(BASE_FILE)) bootstrap(disk, names, initial);
  const base = readBaseRecord(disk);
  if (!disk.exists(EPOCHS_FILE)) throw unusable(EPOCHS_FILE, 'it is missing');
  const epochs = readEpochRecord(disk);
  refuseNewer(names, base.generation);
  const current = names.filter((name) => segmentGeneration(name) === base.generation);
  const found = scanAll(disk, current, base);
  if (epochOf(found.last) > epochs.acceptedEpoch) {
    const reason = `the log has entry ${formatZxid(found.last)}, of a later epoch than it accepted`;
    throw unusable(EPOCHS_FILE, reason);
  }
  repair(disk, found);
  const old = names.filter((name) => !current.includes(name));
  for (const name of old) disk.remove(name);
  // Also makes durable what a crash may have left in between.
  disk.syncDirectory();
  return { base, epochs, ...found };
}

function unusable(file: string, reason: string): TxnLogError {
  return new TxnLogError({ code: 'recordUnusable', file, reason });
}

/** The base record is written last: a directory without one was never used. */
function bootstrap(disk: Disk, names: readonly string[], initial: EnsembleConfiguration): void {
  if (names.length > 0) throw unusable(BASE_FILE, 'it is missing, but there are log segments');
  if (disk.exists(EPOCHS_FILE) && readEpochRecord(disk).acceptedEpoch > EPOCH_ZERO) {
    throw unusable(BASE_FILE, 'it is missing, but epochs have been accepted');
  }
  writeEpochRecord(disk, { acceptedEpoch: EPOCH_ZERO, currentEpoch: EPOCH_ZERO });
  writeBaseRecord(disk, {
    zxid: ZXID_ZERO,
    epoch: EPOCH_ZERO,
    configuration: initial,
    generation: 1,
  });
}

function refuseNewer(names: readonly string[], generation: number): void {
  const newer = names.find((name) => (segmentGeneration(name) ?? 0) > generation);
  if (newer === undefined) return;
  throw unusable(BASE_FILE, `it names generation ${generation}, but there is ${newer}`);
}

interface Found extends Omit<RecoveredSegments, 'base' | 'epochs'> {
  /**
   * A last segment with a header and no record: it goes, since it is named after an entry that never came, and another
   * segment may have to begin with an entry of that zxid.
   */
  readonly empty: Segment | null;
}

function scanAll(disk: Disk, names: readonly string[], base: BaseRecord): Found {
  const segments: Segment[] = [];
  const configurations: DatedConfiguration[] = [];
  const restorations: DatedRestoration[] = [];
  const epochEnds: Zxid[] = [];
  let committed = base.zxid;
  let torn: TornTail | null = null;
  let empty: Segment | null = null;
  let position: LogPosition = { last: base.zxid, checksum: null };
  for (const [i, name] of names.entries()) {
    const scan = scanOne(disk, name, base.generation, position, i === names.length - 1);
    committed = maxZxid(committed, scan.committed);
    configurations.push(...scan.configurations);
    restorations.push(...scan.restorations);
    for (const zxid of scan.epochEnds) noteEpochEnd(epochEnds, zxid);
    torn = scan.torn;
    if (scan.segment === null) continue;
    if (scan.segment.after < base.zxid) throw unusable(BASE_FILE, `it is ahead of ${name}`);
    const reaches = segments.length > 0 || scan.segment.after === base.zxid;
    if (reaches && i === names.length - 1 && scan.segment.last === scan.segment.after) {
      empty = scan.segment;
      position = { last: empty.after, checksum: empty.previous };
      break;
    }
    // Purged only below a verified snapshot (H23). Of any later segment the entry before it may be uncommitted (H9).
    if (segments.length === 0) committed = maxZxid(committed, scan.segment.after);
    segments.push(scan.segment);
    position = { last: scan.segment.last, checksum: scan.segment.lastChecksum };
  }
  const last = position.last;
  const lastChecksum = position.checksum ?? 0;
  const dated = { configurations, restorations, epochEnds };
  return { segments, last, lastChecksum, committed, ...dated, torn, empty };
}

function scanOne(
  disk: Disk,
  name: string,
  generation: number,
  position: LogPosition,
  isLast: boolean,
): SegmentScan {
  const file = disk.open(name);
  const scan = scanSegment(file, generation, position, isLast);
  if (scan.segment === null) file.close();
  return scan;
}

/**
 * Cuts the last segment behind its last record: the torn tail, and the zeros that were written ahead. Also where there
 * is nothing to cut: a process that was killed may have written records that nobody has synced, and from here on they
 * count as durable.
 */
function repair(disk: Disk, found: Found): void {
  const { torn, empty } = found;
  if (torn?.offset === 0) disk.remove(torn.segment);
  if (empty !== null) {
    empty.file.close();
    disk.remove(empty.name);
  }
  const last = found.segments[found.segments.length - 1];
  last?.file.truncate(last.end);
}
