import { zxidOfBackup } from '@paddock/codec';
import { epochOf, EPOCH_LEAP, formatZxid } from '@paddock/model';
import type { Zxid } from '@paddock/model';
import { DiskError } from '@paddock/ports';
import type { Clock, Disk, Timers } from '@paddock/ports';
import { offerOf, Restoration, zxidInName } from '@paddock/tree-core';
import type { RestorationOptions } from '@paddock/tree-core';
import { SnapshotReading, SnapshotWriting } from '@paddock/txn-log';
import { BackupLoad } from './backup-load.ts';

export interface BackupStoreDependencies {
  readonly disk: Disk;
  readonly clock: Clock;
  readonly timers: Timers;
  /** How far the database has come. */
  applied(): Zxid;
  /** One more is here, durable and verified. */
  held(backup: string): void;
  /** What is durable is unknown: the process must stop. */
  syncFailed(error: Error): void;
}

/** What came of bringing a backup here. */
export interface BackupOutcome {
  held(): void;
  failed(reason: string): void;
  /** The file has taken so many bytes of chunks. */
  written(bytes: number): void;
}

/** A backup that comes. */
export interface BackupWriting {
  write(chunk: Uint8Array): void;
  finish(): void;
  abandon(): void;
}

/** Each is as large as the tree; those that nobody restores are an operator's to remove. */
const HELD_MAX = 4;
const VERIFY_TURN_BYTES = 512 * 1024;

const OFFERED = 'offered.';
const HELD = 'backup.';
const RESTORED = /^restored\.([0-9a-f]{8})\.([0-9a-f]{8})\.(.+)$/u;

/**
 * Backups that a restoration may name, beside the snapshots of the database: under `backup.<name>` what is durable and
 * was loaded to see that it comes to its digests; under `restored.<zxid>.<name>` what is needed only to replay the log
 * from a snapshot that is older than its restoration.
 */
export class BackupStore {
  readonly #options: RestorationOptions;
  readonly #dependencies: BackupStoreDependencies;
  #isWriting = false;

  /** Removes what an earlier process left unfinished. Throws DiskError. */
  constructor(options: RestorationOptions, dependencies: BackupStoreDependencies) {
    this.#options = options;
    this.#dependencies = dependencies;
    const { disk } = dependencies;
    for (const name of disk.list()) if (name.startsWith(OFFERED)) disk.remove(name);
  }

  /** Names of those that a restoration may name. */
  get held(): readonly string[] {
    const names = this.#dependencies.disk.list().filter((it) => it.startsWith(HELD));
    return names.map((it) => it.slice(HELD.length));
  }

  /** Null where it is not here, held or restored. Throws DiskError. */
  read(backup: string): SnapshotReading | null {
    const { disk } = this.#dependencies;
    const file = disk.exists(HELD + backup)
      ? HELD + backup
      : disk.list().find((it) => RESTORED.exec(it)?.[3] === backup);
    return file === undefined ? null : new SnapshotReading(disk, file, zxidOfBackup(backup));
  }

  /** A string: why it is not taken. */
  begin(backup: string, outcome: BackupOutcome): BackupWriting | string {
    const { disk, timers } = this.#dependencies;
    if (offerOf(backup) === undefined) return `${backup} is no name of a backup`;
    if (this.#isWriting) return 'another backup is being brought here';
    if (this.read(backup) !== null) return 'it is here already';
    if (this.held.length >= HELD_MAX) {
      return `${HELD_MAX} backups wait here to be restored: remove ${HELD}* of them from ${disk.location}`;
    }
    const zxid = zxidOfBackup(backup);
    // Its restoration comes behind that, in an epoch which broadcasters must believe (H24).
    if (epochOf(zxid) >= epochOf(this.#dependencies.applied()) + EPOCH_LEAP) {
      return `it is of ${formatZxid(zxid)}, far above all that is known here: found a new ensemble with it`;
    }
    const failed = (reason: string): void => {
      this.#isWriting = false;
      outcome.failed(reason);
    };
    let writing: SnapshotWriting;
    try {
      const names = { unfinished: `${OFFERED}${backup}.tmp`, final: OFFERED + backup };
      for (const name of Object.values(names)) if (disk.exists(name)) disk.remove(name);
      writing = new SnapshotWriting(disk, (turn) => void timers.soon(turn), zxid, names, {
        written: (bytes) => outcome.written(bytes),
        finished: () => this.#verify(backup, outcome, failed),
        failed,
        syncFailed: (error) => this.#dependencies.syncFailed(error),
      });
    } catch (error) {
      if (!(error instanceof DiskError)) throw error;
      return error.message;
    }
    this.#isWriting = true;
    return {
      write: (chunk) => writing.write(chunk),
      finish: () => writing.finish(),
      abandon: () => {
        this.#isWriting = false;
        writing.abandon();
      },
    };
  }

  /** Its state is in a snapshot at `zxid` by now. */
  restored(backup: string, zxid: Zxid): void {
    const { disk } = this.#dependencies;
    if (!disk.exists(HELD + backup)) return;
    disk.rename(HELD + backup, `restored.${zxidInName(zxid)}.${backup}`);
  }

  /** No start replays the log from further back: what was restored before that is not needed any more. */
  purge(oldestSnapshot: Zxid): void {
    const { disk } = this.#dependencies;
    for (const name of disk.list()) {
      const match = RESTORED.exec(name);
      if (match === null || zxidOfBackup(`${match[1]}.${match[2]}`) > oldestSnapshot) continue;
      disk.startRemove(name, () => undefined);
    }
  }

  /** Frames that are whole say nothing of the rows in them. */
  #verify(backup: string, outcome: BackupOutcome, failed: (reason: string) => void): void {
    const { disk, clock, timers } = this.#dependencies;
    const zxid = zxidOfBackup(backup);
    const reading = new SnapshotReading(disk, OFFERED + backup, zxid);
    const restoration = new Restoration(this.#options, clock);
    const loading = new BackupLoad(reading, restoration, zxid);
    const turn = (): void => {
      const end = loading.next(VERIFY_TURN_BYTES);
      if (end === null) void timers.soon(turn);
      else if (end.reason !== '') failed(end.reason);
      else if (restoration.name(offerOf(backup) ?? '') !== backup) {
        failed('its digest is another than its name says');
      } else this.#hold(backup, outcome, failed);
    };
    turn();
  }

  #hold(backup: string, outcome: BackupOutcome, failed: (reason: string) => void): void {
    const { disk } = this.#dependencies;
    try {
      disk.rename(OFFERED + backup, HELD + backup);
      disk.startDirectorySync((result) => {
        if (!result.ok) {
          this.#dependencies.syncFailed(result.error);
          return;
        }
        this.#isWriting = false;
        this.#dependencies.held(backup);
        outcome.held();
      });
    } catch (error) {
      if (!(error instanceof DiskError)) throw error;
      failed(error.message);
    }
  }
}
