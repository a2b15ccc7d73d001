import { DEFAULT_LIMITS } from '@paddock/model';
import { SimulatedEnsemble } from '../ensemble/simulated-ensemble.ts';
import { Faults } from '../faults/faults.ts';
import type { TraceLine } from '../kernel/trace.ts';
import type { Settings } from '../settings.ts';
import { World } from '../world.ts';
import { LockRecord } from './lock-record.ts';
import { LockUser } from './lock-user.ts';

export interface LockSimulationOptions {
  readonly read?: (line: TraceLine) => void;
  readonly settings?: Partial<Settings>;
}

export interface LockSimulationResult {
  readonly seed: number;
  readonly violations: readonly string[];
  readonly counts: ReadonlyMap<string, number>;
  readonly virtualMs: number;
}

/** Once nothing breaks any more, everybody gets the lock again within so long. */
const RECOVERY_MS = 90_000;

/** An ensemble under faults, and users who take turns by a lock, with the client and the recipe that are shipped. */
export class LockSimulation {
  readonly #world: World;
  readonly #ensemble: SimulatedEnsemble;
  readonly #users: readonly LockUser[];
  readonly #faults: Faults;

  constructor(seed: number, options: LockSimulationOptions = {}) {
    const { read = null, settings = {} } = options;
    const world = new World(seed, { read, settings, adapt: withRoomForLines });
    this.#world = world;
    this.#ensemble = new SimulatedEnsemble(world, {
      crashed: (replica) => this.#faults.powerCut(replica),
      removed: (replica) => this.#faults.removed(replica),
      databaseDies: () => undefined,
      frontendDied: () => undefined,
    });
    const record = new LockRecord(world.log, (what) => world.violated(`lock: ${what}`));
    this.#users = Array.from(
      { length: world.settings.clients },
      (_, i) => new LockUser(`user ${i + 1}`, world, this.#ensemble, record),
    );
    this.#faults = new Faults(world, this.#ensemble, this.#users);
  }

  async run(): Promise<LockSimulationResult> {
    const { counts, seed, settings, time, trace, violations } = this.#world;
    trace.tell('settings', JSON.stringify(settings));
    for (const replica of this.#ensemble.replicas) this.#faults.startAll(replica, 1000);
    for (const user of this.#users) user.start();
    this.#faults.plan([]);
    await time.runAsync(settings.workMs);
    trace.tell('simulation', 'nothing breaks any more');
    this.#faults.end();
    for (const user of this.#users) user.calmDown();
    await this.#recover();
    return { seed, violations, counts, virtualMs: time.nowMs };
  }

  /** Nobody waits for somebody who is gone, and nobody has missed that it is their turn. */
  async #recover(): Promise<void> {
    const { time } = this.#world;
    const before = this.#users.map(({ held }) => held);
    const isWell = (): boolean => this.#users.every(({ held }, i) => held > (before[i] ?? 0) + 1);
    if (await time.runAsync(time.nowMs + RECOVERY_MS, isWell)) return;
    const stuck = this.#users.filter(({ held }, i) => held <= (before[i] ?? 0) + 1);
    this.#world.violated(`liveness: ${stuck.map(({ condition }) => condition).join('; ')}`);
  }
}

/** A place in line is an ephemeral znode, and waiting needs watches. */
function withRoomForLines(drawn: Settings): Settings {
  const { ephemeralBytesPerSession, watchesPerSession } = DEFAULT_LIMITS;
  return { ...drawn, limits: { ...drawn.limits, ephemeralBytesPerSession, watchesPerSession } };
}
