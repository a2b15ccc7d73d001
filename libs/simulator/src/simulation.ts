import { formatSessionId } from '@paddock/model';
import type { SessionId } from '@paddock/model';
import { CHECKERS } from './checkers/all.ts';
import type { CheckedRun, FinalState } from './checkers/checked-run.ts';
import { memoryEqualsReplay } from './checkers/memory-equals-replay.ts';
import { SimulatedEnsemble } from './ensemble/simulated-ensemble.ts';
import type { SimulatedReplica } from './ensemble/simulated-replica.ts';
import { Faults } from './faults/faults.ts';
import type { PlannedFault } from './faults/faults.ts';
import type { TraceLine } from './kernel/trace.ts';
import { RunsInCircles } from './kernel/virtual-time.ts';
import { editsOf } from './record/edits.ts';
import type { Settings } from './settings.ts';
import { Stranger } from './users/stranger.ts';
import { User } from './users/user.ts';
import { READ_PATHS } from './users/workload.ts';
import { World } from './world.ts';

export interface SimulationResult {
  readonly seed: number;
  readonly violations: readonly string[];
  /** Of all that was told, where somebody reads the trace: the same seed tells the same. */
  readonly traceHash: string;
  readonly virtualMs: number;
  readonly counts: ReadonlyMap<string, number>;
  /** What was drawn: what can be left out. */
  readonly planned: readonly PlannedFault[];
  readonly settings: Settings;
}

/** What is left out of what the seed draws; all else stays as it was drawn. */
export interface Omissions {
  /** Numbers of faults. */
  readonly faults: readonly number[];
  /** Users, from 1 on. */
  readonly users: readonly number[];
  /** Work ends so early; null: when it was drawn to. */
  readonly workMs: number | null;
}

export const NOTHING_OMITTED: Omissions = { faults: [], users: [], workMs: null };

export interface SimulationOptions {
  /** Who reads the trace, line by line; absent: nobody, and there is none. */
  readonly read?: (line: TraceLine) => void;
  readonly omit?: Omissions;
  /** In place of what the seed draws. */
  readonly settings?: Partial<Settings>;
}

/** Once nothing breaks any more, everything is well again within so long; one session timeout is the most of it. */
const RECOVERY_MS = 45_000;
/** Between two writes meanwhile. */
const BEAT_MS = 250;
/** Who watches without a session is told of the last changes within so long. */
const LAST_EVENTS_MS = 2000;
/** A session of somebody who is gone ends within so long: the longest timeout, and what a new term adds. */
const EXPIRY_MS = 30_000;

/** An ensemble and its users, from the first start to the end of the last session; one seed is one run. */
export class Simulation {
  readonly #world: World;
  readonly #omit: Omissions;
  readonly #ensemble: SimulatedEnsemble;
  readonly #users: User[] = [];
  readonly #stranger: Stranger;
  readonly #faults: Faults;

  constructor(seed: number, options: SimulationOptions = {}) {
    const { read = null, omit = NOTHING_OMITTED, settings = {} } = options;
    const world = new World(seed, { read, settings });
    this.#world = world;
    this.#omit = omit;
    this.#ensemble = new SimulatedEnsemble(world, {
      crashed: (replica) => this.#faults.powerCut(replica),
      removed: (replica) => this.#faults.removed(replica),
      databaseDies: (replica) => this.#checkMemory(replica),
      frontendDied: (replica) => this.#stranger.frontendDied(replica),
    });
    for (let i = 1; i <= world.settings.clients; i++) {
      if (!omit.users.includes(i)) this.#users.push(new User(`user ${i}`, world, this.#ensemble));
    }
    this.#stranger = new Stranger(world, this.#ensemble);
    this.#faults = new Faults(world, this.#ensemble, this.#users);
  }

  run(): SimulationResult {
    const { settings, trace } = this.#world;
    trace.tell('settings', JSON.stringify(settings));
    let hasRecovered = false;
    try {
      hasRecovered = this.#live();
    } catch (error) {
      if (!(error instanceof RunsInCircles)) throw error;
      this.#world.violated(`liveness: ${error.message}`);
    }
    return this.#judge(hasRecovered);
  }

  /** True where everything was well in the end. */
  #live(): boolean {
    const { settings, time, trace } = this.#world;
    for (const replica of this.#ensemble.replicas) this.#faults.startAll(replica, 1000);
    for (const user of this.#users) user.work();
    this.#stranger.work();
    this.#faults.plan(this.#omit.faults);
    time.run(this.#omit.workMs ?? settings.workMs);
    trace.tell('simulation', 'nothing breaks any more');
    this.#faults.end();
    for (const user of this.#users) user.rest();
    this.#stranger.rest();
    if (!this.#recover('after the faults')) return false;
    this.#endSessions();
    this.#loseAllThatMayBeLost();
    const hasRecovered = this.#recover('after the last power cut') && this.#hearLastEvents();
    for (const replica of this.#ensemble.replicas) this.#checkMemory(replica);
    return hasRecovered;
  }

  /** Everybody is answered, and reads everything behind everything that anybody was told. */
  #recover(when: string): boolean {
    const { time } = this.#world;
    const users = this.#users;
    const untilMs = time.nowMs + RECOVERY_MS;
    let unread = users;
    let beatAtMs = time.nowMs + BEAT_MS;
    do {
      // One reads everything, the others what everybody uses.
      for (const user of unread) user.readAll(user === users[0] ? this.#paths() : READ_PATHS);
      const isWell = (): boolean => {
        if (
          users.every((it) => it.isContent || it.client?.isOver === true) &&
          this.#stranger.isContent &&
          this.#ensemble.isWell
        ) {
          return true;
        }
        // Digests are compared at some zxids only.
        if (time.nowMs >= beatAtMs) users[0]?.write();
        if (time.nowMs >= beatAtMs) beatAtMs = time.nowMs + BEAT_MS;
        return false;
      };
      if (!time.run(untilMs, isWell)) {
        this.#world.violated(`liveness: not well ${when}: ${this.#complaints().join('; ')}`);
        return false;
      }
      // A session may have expired while all that was mended: its user starts another one.
      unread = users.filter((it) => !it.isContent);
    } while (unread.length > 0);
    return true;
  }

  /** What the ensemble itself still writes meanwhile, it agrees on too. */
  #hearLastEvents(): boolean {
    const { time } = this.#world;
    time.run(time.nowMs + LAST_EVENTS_MS);
    if (time.run(time.nowMs + RECOVERY_MS, () => this.#ensemble.isWell)) return true;
    const complaints = this.#ensemble.complaints().join('; ');
    this.#world.violated(`liveness: not well any more, though nothing happened: ${complaints}`);
    return false;
  }

  #complaints(): string[] {
    const users = this.#users.filter((it) => !it.isContent);
    const conditions = users.map((it) => it.client?.condition ?? 'no client');
    if (!this.#stranger.isContent) conditions.push(this.#stranger.condition);
    return [...this.#ensemble.waitingFor(), ...conditions];
  }

  /** Half of the users close their sessions, half leave them to expire: none stays. */
  #endSessions(): void {
    const { time, trace } = this.#world;
    trace.tell('simulation', 'everybody leaves');
    this.#users.forEach((user, i) => {
      if (i % 2 === 0) user.close();
      else user.client?.vanish();
    });
    const untilMs = time.nowMs + EXPIRY_MS;
    if (time.run(untilMs, () => this.#openSessions().length === 0)) return;
    const stuck = this.#openSessions().map(formatSessionId).join(', ');
    this.#world.violated(`liveness: these sessions never end: ${stuck}`);
  }

  /** But for those that the front-ends have for themselves. */
  #openSessions(): SessionId[] {
    const { history, log } = this.#world;
    return [...log.openSessions].filter((id) => history.sessions.some((it) => it.id === id));
  }

  /** All power goes, nothing that was not synced is kept, and everything is there again. */
  #loseAllThatMayBeLost(): void {
    for (const replica of this.#ensemble.replicas) this.#faults.powerCut(replica, true);
  }

  #paths(): string[] {
    const paths = new Set<string>(['/']);
    for (const { change } of this.#world.log.transactions()) {
      for (const it of editsOf(change)) if (it.kind === 'createZnode') paths.add(it.path);
    }
    return [...paths];
  }

  #checkMemory(replica: SimulatedReplica): void {
    const living = this.#ensemble.stateOf(replica);
    if (living === null || replica.hasRotten) return;
    const { limits, timing } = this.#world.settings;
    const { disks } = replica;
    const durable = {
      limits,
      timing,
      identity: replica.identity,
      log: disks.broadcaster.durable,
      snapshots: disks.database.durable,
      mayBeRotten: disks.database.hasRotten,
    };
    for (const violation of memoryEqualsReplay(living, durable)) {
      this.#world.violated(`memoryEqualsReplay: replica ${replica.number}: ${violation}`);
    }
  }

  #finalStates(): FinalState[] {
    return this.#ensemble.replicas.flatMap((replica) => {
      const state = this.#ensemble.stateOf(replica);
      if (state === null) return [];
      const digest = `${state.znodesDigest}/${state.sessionsDigest}`;
      return [{ replica: replica.number, applied: state.applied, digest }];
    });
  }

  #judge(hasRecovered: boolean): SimulationResult {
    const { broadcasts, counts, history, log, seed, settings, time, trace } = this.#world;
    const run: CheckedRun = {
      history,
      log,
      broadcasts,
      limits: settings.limits,
      timing: settings.timing,
      finalStates: this.#finalStates(),
      hasRecovered,
    };
    for (const [name, check] of Object.entries(CHECKERS)) {
      for (const violation of check(run)) this.#world.violated(`${name}: ${violation}`);
    }
    counts.set('transactions', log.entries.length);
    counts.set(operationsOn(settings.voters), history.answered());
    counts.set('epochs', broadcasts.leaders.size);
    const { violations } = this.#world;
    const { planned } = this.#faults;
    const traceHash = trace.hash;
    return { seed, violations, traceHash, virtualMs: time.nowMs, counts, planned, settings };
  }
}

/** How many operations were held against the reference, by the size of the ensemble. */
function operationsOn(voters: number): string {
  return voters === 1 ? 'operations on one voter' : `operations on ${voters} voters`;
}
