import { DEFAULT_LIMITS, DEFAULT_TIMING } from '@paddock/model';
import { STAGES } from '../../src/ensemble/boundaries.ts';
import { SimulatedEnsemble } from '../../src/ensemble/simulated-ensemble.ts';
import type { Place } from '../../src/kernel/network-conditions.ts';
import type { TraceLine } from '../../src/kernel/trace.ts';
import { Application } from '../../src/recipes/application.ts';
import { World } from '../../src/world.ts';

/** Behind all replicas. */
const FIRST_PLACE = 100;
const START_MS = 20_000;
const PATIENCE_MS = 120_000;

/** An ensemble in virtual time in which nothing breaks but what a test breaks. */
export class QuietEnsemble {
  readonly world: World;
  readonly #ensemble: SimulatedEnsemble;
  readonly #places = new Map<Application, Place>();
  #applications = 0;

  /** Events that applications were told of watches. */
  eventsTold = 0;

  private constructor(world: World, ensemble: SimulatedEnsemble) {
    this.world = world;
    this.#ensemble = ensemble;
  }

  static async start(voters: 1 | 3 = 1): Promise<QuietEnsemble> {
    const settings = {
      ...{ voters, observers: 0, fused: [1, 2, 3], faults: 0, linkDelayMs: 1, diskDelayMs: 1 },
      ...{ limits: DEFAULT_LIMITS, timing: DEFAULT_TIMING },
    };
    let told = (): void => undefined;
    const read = ({ who, what }: TraceLine): void => {
      if (who === 'client-frontend' && / event event=/.test(what)) told();
    };
    const world = new World(1, { read, settings });
    const ensemble = new SimulatedEnsemble(world, {
      crashed: () => undefined,
      removed: () => undefined,
      databaseDies: () => undefined,
      frontendDied: () => undefined,
    });
    for (const replica of ensemble.replicas) for (const stage of STAGES) replica.start(stage);
    const quiet = new QuietEnsemble(world, ensemble);
    told = (): void => {
      quiet.eventsTold++;
    };
    await world.time.runAsync(START_MS, () => ensemble.replicas.every((it) => it.isServing));
    return quiet;
  }

  application(): Application {
    const { world } = this;
    const number = ++this.#applications;
    const name = `application ${number}`;
    const random = world.random.fork(name);
    const ensemble = this.#ensemble;
    const place = FIRST_PLACE + number;
    const application = new Application(name, { world, ensemble, random, place });
    this.#places.set(application, place);
    return application;
  }

  /** From now on the application reaches nobody; it goes on. */
  isolate(application: Application): void {
    const place = this.#places.get(application) ?? FIRST_PLACE;
    for (const { number } of this.#ensemble.replicas) {
      this.#ensemble.networks.clients.cut(place, number, Infinity);
    }
  }

  applications(count: number): readonly Application[] {
    return Array.from({ length: count }, () => this.application());
  }

  /** Virtual time goes on until the promise is settled. */
  async until<T>(promise: Promise<T>): Promise<T> {
    const { time } = this.world;
    const settled = new Set<Promise<unknown>>();
    const note = (): void => {
      settled.add(promise);
    };
    promise.then(note, note);
    const isDone = (): boolean => settled.has(promise);
    if (await time.runAsync(time.nowMs + PATIENCE_MS, isDone)) return promise;
    throw new Error(`nothing came of it within ${PATIENCE_MS} ms`);
  }

  async pass(durationMs: number): Promise<void> {
    await this.world.time.runAsync(this.world.time.nowMs + durationMs);
  }
}
