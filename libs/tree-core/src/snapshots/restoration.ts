import { assert, EPOCH_MAX, makeEpoch, makeZxid, parentPath } from '@paddock/model';
import type { EnsembleConfiguration, Zxid } from '@paddock/model';
import type { Clock } from '@paddock/ports';
import { DatabaseEffects } from '../database-effects.ts';
import { DatabaseState } from '../database-state.ts';
import { backupName } from './backup-name.ts';
import { END_CHUNK } from './snapshot-chunks.ts';
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
 * Makes of a backup the state with which a new ensemble begins, or a running one goes on: at a zxid behind all that the
 * backup knows, so that none comes again, without the sessions of the backup, and without their ephemerals. Every
 * replica that does so comes to the same.
 */
export class Restoration {
  readonly #options: RestorationOptions;
  readonly #clock: Clock;
  readonly #state: DatabaseState;
  readonly #loading: SnapshotLoading;
  #end: Uint8Array | null = null;

  constructor(options: RestorationOptions, clock: Clock) {
    this.#options = options;
    this.#clock = clock;
    this.#state = new DatabaseState(1, options.unusedContainerMs);
    this.#loading = new SnapshotLoading(this.#state);
  }

  /** Returns why the backup cannot be used, if it cannot. */
  add(chunk: Uint8Array): string | null {
    if (chunk[0] === END_CHUNK) this.#end = chunk.slice();
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

  /** Once it is loaded: by this a restoration names it, whoever offers it. */
  name(offer: string): string {
    assert(this.#end !== null, 'a backup that is loaded has an end');
    return backupName(this.#state.applied, this.#end, offer);
  }

  /** Ends what does not outlive its ensemble. Returns the zxid at which the new one begins; null: no epoch is left. */
  begin(configuration: EnsembleConfiguration): Zxid | null {
    const state = this.#state;
    const epoch = state.knownEpoch() + 1;
    if (epoch >= EPOCH_MAX) return null;
    const zxid = makeZxid(makeEpoch(epoch), 1);
    this.#endSessions(zxid);
    state.applied = zxid;
    state.term = null;
    state.configuration = configuration;
    return zxid;
  }

  /**
   * The ensemble whose state was `former` goes on with this at `zxid`: its own sessions end too, and what became of
   * their writes is kept, as it is of every session that has ended (H20). Returns why it cannot, if it cannot.
   */
  replace(former: DatabaseState, zxid: Zxid): string | null {
    const state = this.#state;
    if (state.applied >= zxid || state.knownEpoch() > former.knownEpoch()) {
      return 'it is of a later zxid than this ensemble has come to';
    }
    this.#endSessions(zxid);
    state.sessions.dropTombstones(zxid);
    for (const it of former.sessions.tombstones()) {
      state.sessions.addTombstone(it.session, it.end, it.zxid, it.lastSequence, it.outcomes);
    }
    for (const it of former.sessions.sessions()) {
      const outcomes = it.window.from(0);
      state.sessions.addTombstone(it.session, 'restored', zxid, it.lastSequence, outcomes);
    }
    state.applied = zxid;
    // Time goes on (H17).
    state.time = Math.max(state.time, former.time);
    state.term = former.term;
    state.configuration = former.configuration;
    return null;
  }

  /** The chunks of the snapshot with which it begins. Memory that has rotted ends the process. */
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

  #endSessions(zxid: Zxid): void {
    const { znodes, sessions, quotas } = this.#state;
    for (const session of [...sessions.sessions()]) {
      for (const path of [...znodes.ephemerals(session.session)].sort()) {
        const parent = znodes.record(znodes.find(parentPath(path)));
        znodes.delete(znodes.find(path), parent.cversion + 1, zxid);
        quotas.znodeDeleted(path);
      }
      sessions.end(session, 'restored', zxid);
    }
  }
}
