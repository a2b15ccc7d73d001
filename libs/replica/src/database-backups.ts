import type { SnapshotReply, SnapshotRequest, StageEvent, Zxid } from '@paddock/model';
import type { Clock, Disk, LinkAcceptor, LinkDialer, Timers } from '@paddock/ports';
import type {
  BackupNeed,
  DatabaseCore,
  DatabaseOptions,
  RestorationNeed,
  RestorationOptions,
} from '@paddock/tree-core';
import type { SnapshotFiles } from '@paddock/txn-log';
import { BackupFetching } from './backup-fetching.ts';
import { BackupServing } from './backup-serving.ts';
import { BackupStore } from './backup-store.ts';
import { acceptDatabaseBy } from './database-links.ts';
import { DatabaseRestoring } from './database-restoring.ts';

export interface DatabaseBackupsDependencies {
  readonly clock: Clock;
  readonly disk: Disk;
  readonly timers: Timers;
  readonly dialer: LinkDialer<SnapshotRequest[], SnapshotReply[]>;
  readonly files: SnapshotFiles;
  readonly report: (event: StageEvent) => void;
  applied(): Zxid;
  /** One more backup is here. */
  held(backup: string): void;
  /** The backup that the next entry restores is not here, or not as it was. */
  lost(reason: string): void;
  /** The database cannot go on. */
  failed(reason: string): void;
}

/** The backups of one database: those that come, those held, and the one that takes the place of everything. */
export class DatabaseBackups {
  readonly #dependencies: DatabaseBackupsDependencies;
  readonly #options: RestorationOptions;
  readonly #queueBytes: number;
  readonly #store: BackupStore;
  readonly #fetching: BackupFetching;
  readonly #serving: BackupServing;
  #restoring: DatabaseRestoring | null = null;

  constructor({ limits, timing }: DatabaseOptions, dependencies: DatabaseBackupsDependencies) {
    const { disk, clock, timers, dialer, report } = dependencies;
    const { queueBytes } = limits;
    this.#dependencies = dependencies;
    this.#queueBytes = queueBytes;
    this.#options = {
      unusedContainerMs: timing.unusedContainerMs,
      chunkBytes: limits.linkMessageBytes / 4,
    };
    const store = new BackupStore(this.#options, {
      disk,
      clock,
      timers,
      applied: () => dependencies.applied(),
      held: (backup) => dependencies.held(backup),
      syncFailed: (error) => dependencies.failed(error.message),
    });
    this.#store = store;
    this.#serving = new BackupServing({ timers, store, queueBytes });
    const delayMs = timing.reconnectMaxMs;
    this.#fetching = new BackupFetching({ timers, report, store, queueBytes, dialer, delayMs });
  }

  /** From the effect `restoration` on until its snapshot is complete: nobody else writes to the snapshot files. */
  get isRestoring(): boolean {
    return this.#restoring !== null;
  }

  /** Links of other databases and of operators: a snapshot is what `snapshots` serves. */
  accept(
    snapshots: LinkAcceptor<SnapshotReply[], SnapshotRequest[]>,
  ): LinkAcceptor<SnapshotReply[], SnapshotRequest[]> {
    return acceptDatabaseBy(snapshots, this.#serving.accept);
  }

  /** To a core that has just been built. */
  tellHeld(): void {
    for (const backup of this.#store.held) this.#dependencies.held(backup);
  }

  fetch(need: BackupNeed): void {
    this.#fetching.fetch(need);
  }

  /** Another state is about to take the place of this one. */
  stopFetching(): void {
    this.#fetching.stop();
  }

  restore(need: RestorationNeed, core: DatabaseCore): void {
    const { clock, timers, files } = this.#dependencies;
    this.#fetching.stop();
    files.abandon();
    this.#restoring = new DatabaseRestoring(need, core, this.#options, {
      clock,
      timers,
      files,
      store: this.#store,
      queueBytes: this.#queueBytes,
      lost: (reason) => {
        this.#restoring = null;
        this.#dependencies.lost(reason);
      },
      failed: (reason) => this.#dependencies.failed(reason),
    });
    this.#restoring.start();
  }

  /** The file of the snapshot has taken so many bytes. */
  written(bytes: number): void {
    this.#restoring?.written(bytes);
  }

  /** The snapshot is durable: it can be loaded. */
  restored(): void {
    const need = this.#restoring?.need;
    this.#restoring = null;
    if (need !== undefined) this.#store.restored(need.backup, need.zxid);
  }

  purge(oldestSnapshot: Zxid): void {
    this.#store.purge(oldestSnapshot);
  }

  stop(): void {
    this.#restoring?.stop();
    this.#fetching.stop();
    this.#serving.stop();
  }
}
