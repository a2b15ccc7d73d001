import { Client, SessionRequests } from '@paddock/client';
import type { ClientOptions } from '@paddock/client-core';
import type { FaultyClient } from '../faults/faulty-user.ts';
import { OUTSIDE } from '../kernel/network-conditions.ts';
import type { Place } from '../kernel/network-conditions.ts';
import { addressesOf } from '../ensemble/boundaries.ts';
import type { SimulatedEnsemble } from '../ensemble/simulated-ensemble.ts';
import type { SeededRandom } from '../kernel/seeded-random.ts';
import type { VirtualProcess } from '../kernel/virtual-process.ts';
import { clientSettings } from '../users/client-settings.ts';
import type { World } from '../world.ts';

const CLOSE_TIMEOUT_MS = 3000;
const PENDING_MAX = 10_000;

export interface ApplicationSurroundings {
  readonly world: World;
  readonly ensemble: SimulatedEnsemble;
  readonly random: SeededRandom;
  /** A machine of its own, where it is not just somewhere outside. */
  readonly place?: Place;
  /** Of its client, in place of what is drawn. */
  readonly options?: Partial<ClientOptions>;
}

/** A process of somebody who uses the public client: one life, one session. */
export class Application implements FaultyClient {
  readonly name: string;
  readonly client: Client;
  readonly #world: World;
  readonly #ensemble: SimulatedEnsemble;
  readonly #process: VirtualProcess;

  constructor(name: string, surroundings: ApplicationSurroundings) {
    const { world, ensemble, random, place = OUTSIDE, options = {} } = surroundings;
    this.name = name;
    this.#world = world;
    this.#ensemble = ensemble;
    this.#process = world.process(
      name,
      place,
      (error) =>
        world.violated(`${name} threw ${error instanceof Error ? (error.stack ?? '') : ''}`),
      { usesPromises: true },
    );
    const { clock, timers } = this.#process;
    const requests = new SessionRequests(
      {
        ...clientSettings(world.settings),
        servers: random.shuffled(ensemble.replicas).map((it) => addressesOf(it.number).frontend),
        sessionTimeoutMs: random.between(500, 8000),
        ...options,
      },
      { maxPending: PENDING_MAX, closeTimeoutMs: CLOSE_TIMEOUT_MS },
      {
        ...{ clock, timers },
        random: world.random.fork(`back-off of ${name}`),
        dialer: ensemble.networks.clients.dialer(this.#process),
        release: () => undefined,
      },
    );
    this.client = new Client(requests);
    this.client.on('state', ({ state, reason }) => {
      world.trace.tell(name, `is ${state}: ${reason}`);
      world.count(`client: ${state}`);
    });
  }

  /** Its session may still live, for all that it knows. */
  get isAlive(): boolean {
    const { state } = this.client;
    return this.#process.isAlive && state !== 'expired' && state !== 'closed';
  }

  pause(durationMs: number): void {
    this.#world.trace.tell(this.name, `stands still for ${durationMs} ms`);
    this.#process.pause(durationMs);
  }

  cut(): void {
    this.#ensemble.networks.clients.processDied(this.#process);
  }

  /** Dies without a word: its session is left to expire. */
  vanish(): void {
    this.#world.trace.tell(this.name, 'vanishes');
    this.#process.kill();
    this.#ensemble.networks.clients.processDied(this.#process);
  }

  /** Virtual time, of a process that may stand still meanwhile. */
  sleep(delayMs: number): Promise<void> {
    return new Promise((resolve) => this.#process.timers.after(delayMs, resolve));
  }
}
