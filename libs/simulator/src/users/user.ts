import { ZXID_ZERO } from '@paddock/model';
import type { ClientOperation } from '@paddock/model';
import type { OperationRecord } from '../record/history.ts';
import type { Place } from '../kernel/network-conditions.ts';
import type { SeededRandom } from '../kernel/seeded-random.ts';
import { drawPersona } from './identities.ts';
import { SimulatedClient } from './simulated-client.ts';
import { addressesOf } from '../ensemble/boundaries.ts';
import type { SimulatedEnsemble } from '../ensemble/simulated-ensemble.ts';
import { Workload } from './workload.ts';
import type { World } from '../world.ts';

const CLOSE_CHANCE = 0.02;
const VANISH_CHANCE = 0.015;

/** Somebody who uses one session after the other. */
export class User {
  readonly #name: string;
  readonly #world: World;
  readonly #ensemble: SimulatedEnsemble;
  readonly #random: SeededRandom;
  readonly #workload: Workload;
  readonly #pipelineOperations: number;
  #client: SimulatedClient | null = null;
  /** Pipelines of nothing but reads, before a local session has to become a global one. */
  #reads = 0;
  #isWorking = true;

  constructor(name: string, world: World, ensemble: SimulatedEnsemble) {
    this.#name = name;
    this.#world = world;
    this.#ensemble = ensemble;
    this.#random = world.random.fork(name);
    this.#workload = new Workload(this.#random.fork('operations'), world.settings.dataBytes);
    const { outstandingPerSession } = world.settings.limits;
    // Most keep within what a front-end admits; who asks for more is not read meanwhile.
    const isGreedy = this.#random.chance(0.2);
    this.#pipelineOperations = isGreedy ? 4 * outstandingPerSession : outstandingPerSession;
  }

  get client(): SimulatedClient | null {
    return this.#client;
  }

  /** Everything that it asked is answered, and its session is well. */
  get isContent(): boolean {
    const client = this.#client;
    return client !== null && client.isConnected && client.pending === 0;
  }

  work(): void {
    if (!this.#isWorking) return;
    this.#act();
    const delayMs = -Math.log(1 - this.#random.real()) * this.#world.settings.pauseMs;
    this.#world.time.after(delayMs, () => this.work());
  }

  /** Asks no more on its own; what it has asked stays asked. */
  rest(): void {
    this.#isWorking = false;
  }

  /** Reads these, behind everything that was acknowledged to anybody, in a session that lives. */
  readAll(paths: readonly string[]): OperationRecord[] {
    const reads = paths.flatMap((path): ClientOperation[] => [
      { kind: 'getData', path, watch: false, atLeast: ZXID_ZERO },
      { kind: 'getChildren', path, watch: false, atLeast: ZXID_ZERO },
    ]);
    return this.#session().submit([{ kind: 'sync' }, ...reads]);
  }

  /** One more write, so that replicas find out where they stand. */
  write(): void {
    if (this.isContent) this.#session().submit(this.#workload.beat());
  }

  close(): void {
    this.#client?.submit([{ kind: 'closeSession' }]);
  }

  #act(): void {
    const random = this.#random;
    const client = this.#session();
    const drawn = random.real();
    if (drawn < VANISH_CHANCE) client.vanish();
    else if (drawn < VANISH_CHANCE + CLOSE_CHANCE) this.close();
    else if (this.#reads > 1) client.submit(this.#workload.reads(this.#world.settings.pipeline));
    else if (this.#reads === 1) client.submit(this.#workload.beginning());
    else client.submit(this.#workload.pipeline(this.#world.settings.pipeline));
    if (this.#reads > 0) this.#reads--;
  }

  #session(): SimulatedClient {
    if (this.#client?.isOver === false) return this.#client;
    const local = this.#random.chance(0.3);
    this.#reads = local ? this.#random.between(0, 12) : 0;
    const client = new SimulatedClient(
      {
        name: this.#name,
        sessionTimeoutMs: this.#random.between(500, 8000),
        pipelineOperations: this.#pipelineOperations,
        persona: drawPersona(this.#random),
        readOnly: this.#random.chance(0.4),
        local,
        servers: this.#servers(),
      },
      { world: this.#world, network: this.#ensemble.networks.clients },
      (operation) => this.#workload.answered(operation),
    );
    this.#client = client;
    client.start();
    if (this.#reads === 0) client.submit(this.#workload.beginning());
    return client;
  }

  /** Most know all of them, some only a few. */
  #servers(): ReadonlyMap<string, Place> {
    const all = this.#random.shuffled(this.#ensemble.replicas);
    const known = this.#random.chance(0.7) ? all.length : this.#random.between(1, all.length);
    const chosen = all.slice(0, known).map(({ number }) => number);
    return new Map(chosen.map((number) => [addressesOf(number).frontend, number]));
  }
}
