import { assert, EPOCH_MAX, makeEpoch, makeZxid, parentPath } from '@paddock/model';
import type { EnsembleConfiguration, Zxid } from '@paddock/model';
import type { Clock } from '@paddock/ports';
import { DatabaseEffects } from '../database-effects.ts';
import { DatabaseState } from '../database-state.ts';
import { SnapshotLoading } from './snapshot-loading.ts';
import { SnapshotTaking } from './snapshot-taking.ts';

export interface RestorationOptions {
  readonly unusedContainerMs: number;
  readonly chunkBytes: number;
}

/** What a backup holds. */
export interface BackupContent {
  readonly zxid: Zxid;
  /** Time of its last transaction, ms since 1970. */
  readonly time: number;
  /** Of the ensemble that it was taken of; empty where none was known. */
  readonly clusterId: string;
  readonly znodes: number;
  readonly sessions: number;
}

/**
 * Makes of a backup the state with which a new ensemble begins: in a later epoch than any that the backup knows, so
 * that no zxid comes again, without the sessions of the backup, and without their ephemerals. Every replica that does
 * so comes to the same.
 */
export class Restoration {
  readonly #options: RestorationOptions;
  readonly #clock: Clock;
  readonly #state: DatabaseState;
  readonly #loading: SnapshotLoading;

  constructor(options: RestorationOptions, clock: Clock) {
    this.#options = options;
    this.#clock = clock;
    this.#state = new DatabaseState(1, options.unusedContainerMs);
    this.#loading = new SnapshotLoading(this.#state);
  }

  /** Returns why the backup cannot be used, if it cannot. */
  add(chunk: Uint8Array): string | null {
    return this.#loading.add(chunk)?.reason ?? null;
  }

  /** After the last chunk of the backup, which is of `zxid`: checks its digests. */
  loaded(zxid: Zxid): string | null {
    return this.#loading.finish(zxid)?.reason ?? null;
  }

  get content(): BackupContent {
    const { applied, time, configuration, znodes, sessions } = this.#state;
    return {
      zxid: applied,
      time,
      clusterId: configuration?.clusterId ?? '',
      znodes: znodes.count,
      sessions: sessions.count,
    };
  }

  /** Ends what does not outlive its ensemble. Returns the zxid at which the new one begins; null: no epoch is left. */
  begin(configuration: EnsembleConfiguration): Zxid | null {
    const state = this.#state;
    const epoch = state.knownEpoch() + 1;
    if (epoch >= EPOCH_MAX) return null;
    const zxid = makeZxid(makeEpoch(epoch), 1);
    const { znodes, sessions, quotas } = state;
    for (const session of [...sessions.sessions()]) {
      for (const path of [...znodes.ephemerals(session.session)].sort()) {
        const parent = znodes.record(znodes.find(parentPath(path)));
        znodes.delete(znodes.find(path), parent.cversion + 1, zxid);
        quotas.znodeDeleted(path);
      }
      sessions.end(session, 'expired', zxid);
    }
    state.applied = zxid;
    state.term = null;
    state.configuration = configuration;
    return zxid;
  }

  /** The chunks of the snapshot with which the new ensemble begins. Memory that has rotted ends the process. */
  *chunks(): Generator<Uint8Array, undefined> {
    const out = new DatabaseEffects();
    const { chunkBytes } = this.#options;
    const options = { number: 1, chunkBytes, isEvidence: false };
    const taking = new SnapshotTaking(this.#state, options, this.#clock, out);
    for (;;) {
      const isLast = taking.isFinishing;
      for (const command of out.snapshot) if (command.kind === 'write') yield command.chunk;
      out.clear();
      if (isLast) return;
      const trouble = taking.slice(this.#state.applied, out);
      assert(trouble === undefined, trouble ?? '');
    }
  }
}
