import { decodeConfiguration, decodeRestoration } from '@paddock/codec';
import { EPOCH_ZERO, epochOf, maxZxid, ZXID_ZERO } from '@paddock/model';
import type { EnsembleConfiguration, EpochRecord, LogEntry, Zxid } from '@paddock/model';
import type { DatedConfiguration, DatedRestoration, RecoveredHistory } from '../../src/index.ts';

/** What a replica has on its disks. */
export interface Disks {
  incarnation: number;
  epochs: EpochRecord;
  base: DatedConfiguration;
  log: LogEntry[];
  /** The entry before the oldest of the log: those before it were purged. */
  logStart: Zxid;
  /** As the newest synced batch names it. */
  committed: Zxid;
  /** The database's newest snapshot, and all that it shows: the payload is what the ensemble is about. */
  snapshot: { zxid: Zxid; applied: LogEntry[]; configuration: Uint8Array };
}

export function emptyDisks(incarnation: number, configuration: EnsembleConfiguration): Disks {
  return {
    incarnation,
    epochs: { acceptedEpoch: EPOCH_ZERO, currentEpoch: EPOCH_ZERO },
    base: { zxid: ZXID_ZERO, configuration },
    log: [],
    logStart: ZXID_ZERO,
    committed: ZXID_ZERO,
    snapshot: { zxid: ZXID_ZERO, applied: [], configuration: new Uint8Array() },
  };
}

/** What a broadcaster that starts on them is told. */
export function recoveredFrom(disks: Disks): RecoveredHistory {
  const { base, log, logStart, epochs } = disks;
  const configurations: DatedConfiguration[] = [base];
  const restorations: DatedRestoration[] = [];
  const epochEnds: Zxid[] = [];
  for (const entry of log) {
    const newest = epochEnds.at(-1);
    if (newest !== undefined && epochOf(newest) === epochOf(entry.zxid)) epochEnds.pop();
    epochEnds.push(entry.zxid);
    if (entry.kind === 'configuration') configurations.push(datedConfiguration(entry));
    if (entry.kind === 'restoration') {
      restorations.push({ zxid: entry.zxid, ...decodeRestoration(entry.payload) });
    }
  }
  const lastZxid = log.at(-1)?.zxid ?? maxZxid(base.zxid, logStart);
  const committed = disks.committed < lastZxid ? disks.committed : lastZxid;
  const history = {
    lastZxid,
    committed,
    logStart,
    epochs,
    epochEnds,
    configurations,
    restorations,
  };
  return { ...history, base: base.zxid };
}

/** This life of the replica is listed, and its log knows that this is committed: no former voter is needed any more. */
export function isListed(disks: Disks, replica: number, incarnation: number): boolean {
  const { configurations, committed } = recoveredFrom(disks);
  const newest = configurations.at(-1);
  return (
    disks.incarnation === incarnation &&
    newest !== undefined &&
    newest.zxid <= committed &&
    newest.configuration.members.some(
      (it) => it.replica === replica && it.incarnation === incarnation,
    )
  );
}

export function readLog(disks: Disks, after: Zxid, maxBytes: number): LogEntry[] {
  if (after < disks.logStart) return [];
  const from = firstBehind(disks.log, after);
  return disks.log.slice(from, from + 1 + Math.floor(maxBytes / 100));
}

/** Where in the log the first entry behind `zxid` stands. */
function firstBehind(log: readonly LogEntry[], zxid: Zxid): number {
  let low = 0;
  let high = log.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((log[middle]?.zxid ?? ZXID_ZERO) > zxid) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** True if something went. */
export function purgeLog(disks: Disks, below: Zxid, applied: Zxid): boolean {
  const kept = disks.log.findIndex((it) => it.zxid >= below || it.zxid >= applied);
  const gone = disks.log.slice(0, kept < 0 ? disks.log.length : kept);
  if (gone.length < 3) return false;
  const newest = gone.findLast((it) => it.kind === 'configuration');
  if (newest !== undefined) {
    const { configuration } = datedConfiguration(newest);
    disks.base = { zxid: disks.base.zxid, configuration };
  }
  disks.log = disks.log.slice(gone.length);
  disks.logStart = gone.at(-1)?.zxid ?? disks.logStart;
  return true;
}

function datedConfiguration({ zxid, payload }: LogEntry): DatedConfiguration {
  return { zxid, configuration: decodeConfiguration(payload) };
}
