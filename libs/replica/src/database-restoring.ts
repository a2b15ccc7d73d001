import { zxidOfBackup } from '@paddock/codec';
import { formatZxid } from '@paddock/model';
import type { Clock, Timers, CancelTimer } from '@paddock/ports';
import { Restoration } from '@paddock/tree-core';
import type { DatabaseCore, RestorationNeed, RestorationOptions } from '@paddock/tree-core';
import type { SnapshotFiles } from '@paddock/txn-log';
import { BackupLoad } from './backup-load.ts';
import type { BackupStore } from './backup-store.ts';

const LOAD_TURN_BYTES = 512 * 1024;

export interface DatabaseRestoringDependencies {
  readonly clock: Clock;
  readonly timers: Timers;
  readonly store: BackupStore;
  readonly files: SnapshotFiles;
  readonly queueBytes: number;
  /** The backup is not here, or not as it was. */
  lost(reason: string): void;
  /** The database cannot go on. */
  failed(reason: string): void;
}

/**
 * Makes of a backup the snapshot of the entry that restores it, in turns: every replica makes the same. The files tell
 * when it is finished; it is loaded then as one of another database would be.
 */
export class DatabaseRestoring {
  readonly need: RestorationNeed;
  readonly #dependencies: DatabaseRestoringDependencies;
  readonly #core: DatabaseCore;
  readonly #restoration: Restoration;
  #chunks: Iterator<Uint8Array> | null = null;
  #load: BackupLoad | null = null;
  #turn: CancelTimer | undefined;
  #unwrittenBytes = 0;

  constructor(
    need: RestorationNeed,
    core: DatabaseCore,
    options: RestorationOptions,
    dependencies: DatabaseRestoringDependencies,
  ) {
    this.need = need;
    this.#core = core;
    this.#dependencies = dependencies;
    this.#restoration = new Restoration(options, dependencies.clock);
  }

  start(): void {
    const { backup } = this.need;
    const reading = this.#dependencies.store.read(backup);
    if (reading === null) {
      this.#dependencies.lost('it is not here');
      return;
    }
    this.#load = new BackupLoad(reading, this.#restoration, zxidOfBackup(backup));
    this.#goOn();
  }

  stop(): void {
    this.#turn?.();
    this.#load?.close();
  }

  /** The file has taken so many bytes of chunks. */
  written(bytes: number): void {
    this.#unwrittenBytes -= bytes;
    this.#goOn();
  }

  #goOn(): void {
    if (this.#turn !== undefined) return;
    this.#turn = this.#dependencies.timers.soon(() => {
      this.#turn = undefined;
      if (this.#load !== null) this.#loadSome(this.#load);
      else if (this.#chunks !== null) this.#writeSome(this.#chunks);
    });
  }

  #loadSome(load: BackupLoad): void {
    const end = load.next(LOAD_TURN_BYTES);
    if (end === null) {
      this.#goOn();
      return;
    }
    this.#load = null;
    if (end.reason !== '') {
      this.#dependencies.lost(end.reason);
      return;
    }
    const reason = this.#core.restore(this.#restoration);
    if (reason !== null) {
      this.#fail(reason);
      return;
    }
    this.#dependencies.files.begin(this.need.zxid);
    this.#chunks = this.#restoration.chunks();
    this.#goOn();
  }

  #writeSome(chunks: Iterator<Uint8Array>): void {
    if (this.#unwrittenBytes > this.#dependencies.queueBytes) return;
    const chunk = chunks.next();
    if (chunk.done === true) {
      this.#chunks = null;
      this.#dependencies.files.finish(this.need.zxid);
      return;
    }
    this.#unwrittenBytes += chunk.value.length;
    this.#dependencies.files.write(chunk.value);
    this.#goOn();
  }

  #fail(reason: string): void {
    const { backup, zxid } = this.need;
    const what = `the backup ${backup} that entry ${formatZxid(zxid)} restores cannot be used`;
    this.#dependencies.failed(`${what}: ${reason}`);
  }
}
