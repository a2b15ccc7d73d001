import { formatZxid, InvariantError, ZXID_ZERO } from '@paddock/model';
import type { Limits, Timing, Zxid } from '@paddock/model';
import type { Disk } from '@paddock/ports';
import type { MemoryDisk } from '@paddock/link-memory';
import type { ReplicaIdentity } from '../ensemble/stage-assembly.ts';
import type { LivingState } from '../ensemble/simulated-ensemble.ts';
import { zxidOfBackup } from '@paddock/codec';
import { BackupLoad, BackupStore } from '@paddock/replica';
import { DatabaseCore, DatabaseEffects, Restoration } from '@paddock/tree-core';
import type { DatabaseStatus, RestorationNeed } from '@paddock/tree-core';
import { SnapshotFiles, TxnLog, TxnLogError } from '@paddock/txn-log';
import type { SnapshotReading } from '@paddock/txn-log';

export interface DurableState {
  readonly identity: ReplicaIdentity;
  readonly limits: Limits;
  readonly timing: Timing;
  /** The disks as a power cut at this moment would leave them, losing all that it may. */
  readonly log: MemoryDisk;
  readonly snapshots: MemoryDisk;
  /** A snapshot that cannot be read is no surprise. */
  readonly mayBeRotten: boolean;
}

const BACKUP_GONE = 'the backup that is restored is not held';
const READ_BYTES = 1024 * 1024;
const CLOCK = { monotonicMs: () => 0, wallMs: () => 0 };

/**
 * P7: memory at applied zxid z is what comes of a snapshot that is on disk and the log from there to z; and z lies
 * within what is durable here (H9).
 */
export function memoryEqualsReplay(living: LivingState, durable: DurableState): string[] {
  try {
    return compare(living, durable, openLog(durable));
  } catch (error) {
    // A log with what was never committed may break the rules of whoever applies it.
    if (!(error instanceof TxnLogError || error instanceof InvariantError)) throw error;
    return [`what is durable cannot be used: ${error.message}`];
  }
}

function compare(living: LivingState, durable: DurableState, log: TxnLog): string[] {
  const violations: string[] = [];
  const files = openSnapshots(durable.snapshots);
  // Fetched from another database, and durable before the log begins anew behind it (H8).
  const isAhead = log.lastZxid < living.applied;
  if (isAhead && !files.zxids.includes(living.applied)) {
    const applied = `the database has applied ${formatZxid(living.applied)}`;
    violations.push(`${applied}, and what is durable ends at ${formatZxid(log.lastZxid)}`);
    return violations;
  }
  const starts: Zxid[] = [...files.zxids].filter((it) =>
    isAhead ? it === living.applied : it <= living.applied,
  );
  if (!isAhead && log.logStart === ZXID_ZERO) starts.push(ZXID_ZERO);
  // The oldest and the newest: those between are newer ones that have grown old.
  starts.splice(1, starts.length - 2);
  // It waits, empty, for the snapshot of another one, in place of its own that was found to be bad.
  const isReplaced = durable.mayBeRotten && living.applied === ZXID_ZERO;
  if (starts.length === 0 && !isReplaced) {
    violations.push('neither snapshot nor log reach back to anything');
  }
  for (const start of starts) {
    if (start < log.logStart) continue;
    const core = new DatabaseCore(durable, { clock: CLOCK });
    const effects = new DatabaseEffects();
    const isWhole = start === ZXID_ZERO || loadChunks(core, effects, files.read(start));
    if (!isWhole && durable.mayBeRotten) continue;
    core.step({ kind: 'snapshotLoadEnded', snapshot: start }, effects);
    core.step({ kind: 'broadcasterConnected', link: 1 }, effects);
    const replayed = replay(core, durable, log, living.applied);
    // No start goes so far back, as long as there is a snapshot from behind the restoration.
    if (replayed.isBackupGone && files.zxids.some((it) => it > replayed.applied)) continue;
    if (
      replayed.applied !== living.applied ||
      replayed.znodesDigest !== living.znodesDigest ||
      replayed.sessionsDigest !== living.sessionsDigest
    ) {
      const came = `${replayed.znodesDigest}/${replayed.sessionsDigest} @${formatZxid(replayed.applied)}`;
      const is = `${living.znodesDigest}/${living.sessionsDigest} @${formatZxid(living.applied)}`;
      const fatal = replayed.trouble;
      violations.push(
        `the replay from ${formatZxid(start)} comes to ${came}, memory is ${is} ${fatal}`,
      );
    }
  }
  return violations;
}

/** False where the file is not whole. */
function loadChunks(
  core: DatabaseCore,
  effects: DatabaseEffects,
  reading: SnapshotReading,
): boolean {
  for (;;) {
    const piece = reading.next();
    if (piece.kind !== 'chunk') return piece.kind === 'end';
    core.step({ kind: 'snapshotChunkLoaded', chunk: piece.chunk }, effects);
  }
}

/** Across restorations too, whose backups are held as long as there is a snapshot from before them. */
function replay(
  from: DatabaseCore,
  durable: DurableState,
  log: TxnLog,
  to: Zxid,
): DatabaseStatus & { readonly trouble: string; readonly isBackupGone: boolean } {
  let core = from;
  let trouble = '';
  for (;;) {
    const effects = new DatabaseEffects();
    const { applied } = core.status();
    const read = applied >= to || trouble !== '' ? [] : log.read(applied, READ_BYTES);
    const entries = read.filter(({ zxid }) => zxid <= to);
    if (entries.length === 0) {
      return { ...core.status(), trouble, isBackupGone: trouble === BACKUP_GONE };
    }
    const messages = [{ kind: 'entries', entries } as const];
    core.step({ kind: 'broadcasterReceived', link: 1, messages }, effects);
    trouble = effects.fatal?.reason ?? '';
    if (effects.restoration === null) continue;
    const restored = restore(core, effects.restoration, durable);
    if (typeof restored === 'string') trouble = restored;
    else core = restored;
  }
}

/** The core that goes on behind a restoration; why there is none, if there is none. */
function restore(
  core: DatabaseCore,
  { backup, zxid }: RestorationNeed,
  durable: DurableState,
): DatabaseCore | string {
  const { unusedContainerMs } = durable.timing;
  const options = { unusedContainerMs, chunkBytes: durable.limits.linkMessageBytes / 4 };
  const store = new BackupStore(options, {
    disk: durable.snapshots,
    clock: CLOCK,
    timers: { soon: () => ignore, after: () => ignore, every: () => ignore },
    applied: () => ZXID_ZERO,
    held: ignore,
    syncFailed: ignore,
  });
  const reading = store.read(backup);
  if (reading === null) return BACKUP_GONE;
  const restoration = new Restoration(options, CLOCK);
  const load = new BackupLoad(reading, restoration, zxidOfBackup(backup));
  const trouble = load.next(Infinity)?.reason ?? '';
  if (trouble !== '') return trouble;
  const reason = core.restore(restoration);
  if (reason !== null) return reason;
  const next = new DatabaseCore(durable, { clock: CLOCK });
  const effects = new DatabaseEffects();
  for (const chunk of restoration.chunks()) {
    next.step({ kind: 'snapshotChunkLoaded', chunk }, effects);
  }
  next.step({ kind: 'snapshotLoadEnded', snapshot: zxid }, effects);
  next.step({ kind: 'broadcasterConnected', link: 1 }, effects);
  return effects.fatal === null ? next : effects.fatal.reason;
}

function openLog({ log, limits }: DurableState): TxnLog {
  const initialConfiguration = {
    clusterId: 'simulated',
    formatLevel: 1,
    version: 1,
    removed: [],
    members: [],
  };
  return new TxnLog(
    log,
    { segmentBytes: limits.segmentBytes, initialConfiguration },
    { durable: ignore, purged: ignore, failed: ignore },
  );
}

function openSnapshots(disk: Disk): SnapshotFiles {
  const handlers = {
    written: ignore,
    finished: ignore,
    failed: ignore,
    evidenceEnded: ignore,
    syncFailed: ignore,
  };
  return new SnapshotFiles({ kept: 1 }, { disk, yieldTurn: ignore }, handlers);
}

function ignore(): void {
  // A copy that is only read tells nothing.
}
