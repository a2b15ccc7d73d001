// An ensemble of fused replicas, a process each, that a benchmark may kill and start again.
import { createServer } from 'node:net';
import type { Server } from 'node:net';
import { join } from 'node:path';
import { mkdirSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { BenchmarkError } from '../benchmark-error.ts';
import type { Children } from '../processes/children.ts';
import { startForeground } from '../processes/foreground.ts';
import type { Addresses, Foreground, ForegroundOptions } from '../processes/foreground.ts';
import { readBroadcaster } from './ensemble-status.ts';
import type { BroadcasterCounters } from './ensemble-status.ts';

const LEADER_MS = 60_000;
const ASK_MS = 20;

export interface EnsembleSize {
  readonly voters: number;
  readonly observers: number;
}

function listenAnywhere(): Promise<Server> {
  const server = createServer();
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => resolve(server));
  });
}

/** Addresses that were free a moment ago: replicas must know each other's before any of them listens. */
async function freeAddresses(count: number): Promise<readonly string[]> {
  const holders = await Promise.all(Array.from({ length: count }, listenAnywhere));
  const addresses = holders.map((holder) => {
    const bound = holder.address();
    return `127.0.0.1:${bound !== null && typeof bound === 'object' ? bound.port : 0}`;
  });
  await Promise.all(holders.map((it) => new Promise((resolve) => it.close(resolve))));
  return addresses;
}

/** One replica, as often as it is started. */
export class ReplicaProcess {
  readonly number: number;
  readonly #children: Children;
  readonly #options: ForegroundOptions;
  #running: Foreground | null = null;

  constructor(number: number, children: Children, options: ForegroundOptions) {
    this.number = number;
    this.#children = children;
    this.#options = options;
  }

  get running(): Foreground {
    if (this.#running === null) throw new BenchmarkError(`replica ${this.number} does not run`);
    return this.#running;
  }

  get isRunning(): boolean {
    return this.#running !== null;
  }

  /** Where clients dial. */
  get client(): string {
    return this.#options.addresses?.client ?? '';
  }

  async start(): Promise<void> {
    this.#running = await startForeground(this.#children, this.#options);
  }

  /** kill -9; resolves when the process is gone. */
  async kill(): Promise<void> {
    const { running } = this;
    this.#running = null;
    await running.stop('SIGKILL');
  }

  broadcaster(): Promise<BroadcasterCounters> {
    return readBroadcaster(this.running.admin);
  }
}

export class EnsembleProcesses {
  readonly replicas: readonly ReplicaProcess[];

  private constructor(replicas: readonly ReplicaProcess[]) {
    this.replicas = replicas;
  }

  /** Resolves when every replica serves. */
  static async start(
    children: Children,
    directory: string,
    { voters, observers }: EnsembleSize,
  ): Promise<EnsembleProcesses> {
    const size = voters + observers;
    const free = await freeAddresses(2 * size);
    const addresses = Array.from({ length: size }, (_, i): Addresses => {
      const [client = '', zabBroadcaster = ''] = free.slice(2 * i);
      return { client, zabBroadcaster };
    });
    const ensemble = addresses.map(({ zabBroadcaster = '' }, i) => ({
      replica: i + 1,
      address: zabBroadcaster,
      role: i < voters ? 'voter' : 'observer',
    }));
    const replicas = addresses.map((own, i) => {
      const replica = i + 1;
      const place = join(directory, `replica-${replica}`);
      mkdirSync(place, { recursive: true });
      const options = { directory: place, addresses: own, replica, ensemble };
      return new ReplicaProcess(replica, children, options);
    });
    const started = new EnsembleProcesses(replicas);
    await Promise.all(replicas.map((it) => it.start()));
    await started.untilServing();
    return started;
  }

  async untilServing(): Promise<void> {
    await Promise.all(this.replicas.map((it) => it.running.untilServing()));
  }

  /** The one that leads, with its processor serving. */
  async leader(): Promise<ReplicaProcess> {
    const until = Date.now() + LEADER_MS;
    while (Date.now() < until) {
      for (const replica of this.replicas) {
        if (!replica.isRunning) continue;
        const { role, phase, term } = await replica.broadcaster();
        if (role === 'leader' && phase === 'broadcast' && term !== '0/0') return replica;
      }
      await sleep(ASK_MS);
    }
    throw new BenchmarkError(`nobody leads within ${LEADER_MS} ms`);
  }

  others(than: ReplicaProcess): readonly ReplicaProcess[] {
    return this.replicas.filter((it) => it !== than);
  }
}
