import { ZXID_ZERO } from '@paddock/model';
import type { StageEvent } from '@paddock/model';
import { OperatorError } from '@paddock/node-runtime';
import type { Clock } from '@paddock/ports';
import { DatabaseCore, DatabaseEffects } from '@paddock/tree-core';
import type { DatabaseEvent, DatabaseOptions } from '@paddock/tree-core';
import type { SnapshotFiles, SnapshotLoad } from '@paddock/txn-log';

export interface DatabaseLoadingDependencies {
  readonly clock: Clock;
  readonly files: SnapshotFiles;
  readonly report: (event: StageEvent) => void;
}

/** Builds a database from the newest snapshot that is good, in turns; from nothing where there is none. */
export class DatabaseLoading {
  readonly #options: DatabaseOptions;
  readonly #dependencies: DatabaseLoadingDependencies;
  readonly #load: SnapshotLoad;
  readonly #effects = new DatabaseEffects();
  readonly #startedMs: number;
  #core: DatabaseCore;

  constructor(options: DatabaseOptions, dependencies: DatabaseLoadingDependencies) {
    this.#options = options;
    this.#dependencies = dependencies;
    this.#core = this.#empty();
    this.#startedMs = dependencies.clock.monotonicMs();
    this.#load = dependencies.files.startLoad({
      begin: () => {
        this.#core = this.#empty();
      },
      chunk: (chunk) => this.#step({ kind: 'snapshotChunkLoaded', chunk }),
      end: (zxid) => this.#step({ kind: 'snapshotLoadEnded', snapshot: zxid }),
      rejected: (zxid, reason) =>
        dependencies.report({
          level: 'error',
          message: 'a snapshot is bad; the one before it is tried',
          zxid,
          detail: { reason },
        }),
    });
  }

  /** Not loaded yet, unless `next` has said so. */
  get core(): DatabaseCore {
    return this.#core;
  }

  /** Reads some bytes, blocking; true when it is done. Throws an OperatorError where the files may not be built on. */
  next(bytes: number): boolean {
    const end = this.#load.next(bytes);
    if (end === null) return false;
    if (end.kind === 'newerFormat') throw new OperatorError(end.reason);
    if (end.kind === 'none') {
      this.#core = this.#empty();
      this.#step({ kind: 'snapshotLoadEnded', snapshot: ZXID_ZERO });
      return true;
    }
    const { clock, report } = this.#dependencies;
    const milliseconds = Math.round(clock.monotonicMs() - this.#startedMs);
    const detail = { znodes: this.#core.status().znodes, milliseconds };
    report({ level: 'info', message: 'loaded a snapshot', zxid: end.zxid, detail });
    return true;
  }

  close(): void {
    this.#load.close();
  }

  #empty(): DatabaseCore {
    return new DatabaseCore(this.#options, { clock: this.#dependencies.clock });
  }

  #step(event: DatabaseEvent): string | null {
    const effects = this.#effects;
    this.#core.step(event, effects);
    const { fatal } = effects;
    effects.fatal = null;
    effects.clear();
    // An older snapshot would not be damage made good, but time gone back unsaid.
    if (fatal?.cause === 'snapshotNewer') throw new OperatorError(fatal.reason);
    return fatal?.reason ?? null;
  }
}
