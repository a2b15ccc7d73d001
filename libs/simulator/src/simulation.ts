import { formatSessionId, parseZxid, ZXID_ZERO } from '@paddock/model';
import type { SessionId } from '@paddock/model';
import type { ReplicatedDatabaseStage } from '@paddock/replica';
import { CHECKERS } from './checkers/all.ts';
import { memoryEqualsReplay } from './checkers/memory-equals-replay.ts';
import { Faults } from './faults/faults.ts';
import { SimulatedReplica } from './ensemble/simulated-replica.ts';
import { Stranger } from './users/stranger.ts';
import { User } from './users/user.ts';
import { READ_PATHS } from './users/workload.ts';
import { World } from './world.ts';

export interface SimulationResult {
  readonly seed: number;
  readonly violations: readonly string[];
  /** Of all that was told: the same seed tells the same. */
  readonly traceHash: string;
  readonly virtualMs: number;
  readonly counts: ReadonlyMap<string, number>;
}

export interface SimulationOptions {
  /** Who reads the trace, line by line; null: nobody, and there is none. */
  readonly print: ((line: string) => void) | null;
}

/** Once nothing breaks any more, everything is well again within so long; one session timeout is the most of it. */
const RECOVERY_MS = 30_000;
/** A session of somebody who is gone ends within so long: the longest timeout, and what a new term adds. */
const EXPIRY_MS = 30_000;

/** One replica and its users, from the first start to the end of the last session; one seed is one run. */
export class Simulation {
  readonly #world: World;
  readonly #replica: SimulatedReplica;
  readonly #users: User[] = [];
  readonly #stranger: Stranger;
  readonly #faults: Faults;

  constructor(seed: number, options: SimulationOptions = { print: null }) {
    const world = new World(seed, options.print);
    this.#world = world;
    this.#replica = new SimulatedReplica(world, {
      crashed: () => this.#faults.powerCut(),
      databaseDies: (database) => this.#checkMemory(database),
      frontendDied: () => this.#stranger.frontendDied(),
    });
    for (let i = 1; i <= world.settings.clients; i++) {
      this.#users.push(new User(`user ${i}`, world, this.#replica));
    }
    this.#stranger = new Stranger(world, this.#replica);
    this.#faults = new Faults(world, this.#replica, this.#users);
  }

  run(): SimulationResult {
    const { settings, time, trace } = this.#world;
    trace.tell('settings', JSON.stringify(settings));
    this.#faults.startAll(1000);
    for (const user of this.#users) user.work();
    this.#stranger.work();
    this.#faults.plan();
    time.run(settings.workMs);
    trace.tell('simulation', 'nothing breaks any more');
    this.#faults.end();
    for (const user of this.#users) user.rest();
    this.#stranger.rest();
    this.#recover('after the faults');
    this.#endSessions();
    this.#loseAllThatMayBeLost();
    return this.#judge();
  }

  /** Everybody is answered, and reads everything behind everything that anybody was told. */
  #recover(when: string): void {
    const { time } = this.#world;
    const users = this.#users;
    let unread = users;
    const untilMs = time.nowMs + RECOVERY_MS;
    while (unread.length > 0) {
      // One reads everything, the others what everybody uses.
      for (const user of unread) user.readAll(user === users[0] ? this.#paths() : READ_PATHS);
      const isWell = (): boolean =>
        users.every((it) => it.isContent || it.client?.isOver === true) &&
        this.#stranger.isContent &&
        this.#replica.isServing;
      if (!time.run(untilMs, isWell)) {
        const conditions = users.map((it) => it.client?.condition ?? 'no client');
        conditions.push(this.#stranger.condition);
        const waiting = [...this.#replica.waitingFor(), ...conditions].join('; ');
        this.#world.violated(`liveness: not well ${when}: ${waiting}`);
        return;
      }
      // A session may have expired while all that was mended: its user starts another one.
      unread = users.filter((it) => !it.isContent);
    }
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

  /** But for those that the front-end has for itself. */
  #openSessions(): SessionId[] {
    const { history, log } = this.#world;
    return [...log.openSessions].filter((id) => history.sessions.some((it) => it.id === id));
  }

  /** All power goes, nothing that was not synced is kept, and everything is there again. */
  #loseAllThatMayBeLost(): void {
    this.#faults.powerCut(true);
    this.#recover('after the last power cut');
    const { database } = this.#replica;
    if (database !== null) this.#checkMemory(database);
  }

  #paths(): string[] {
    const paths = new Set<string>(['/']);
    for (const { change } of this.#world.log.transactions()) {
      if (change.kind === 'createZnode') paths.add(change.path);
    }
    return [...paths];
  }

  #checkMemory(database: ReplicatedDatabaseStage): void {
    const { limits, timing } = this.#world.settings;
    const { disks } = this.#replica;
    const { applied, znodesDigest, sessionsDigest } = database.status();
    const living = {
      applied: parseZxid(String(applied)) ?? ZXID_ZERO,
      znodesDigest: String(znodesDigest),
      sessionsDigest: String(sessionsDigest),
    };
    const durable = {
      limits,
      timing,
      log: disks.broadcaster.durable,
      snapshots: disks.database.durable,
      mayBeRotten: disks.database.hasRotten,
    };
    const found = memoryEqualsReplay(living, durable);
    for (const violation of found) this.#world.violated(`memoryEqualsReplay: ${violation}`);
  }

  #judge(): SimulationResult {
    const { counts, history, log, seed, settings, time, trace, violations } = this.#world;
    const { expiries } = this.#replica;
    const run = { history, log, expiries, limits: settings.limits };
    for (const [name, check] of Object.entries(CHECKERS)) {
      for (const violation of check(run)) this.#world.violated(`${name}: ${violation}`);
    }
    counts.set('transactions', log.entries.length);
    return { seed, violations, traceHash: trace.hash, virtualMs: time.nowMs, counts };
  }
}
