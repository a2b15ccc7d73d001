// A thousand sessions wait for one lock: what that costs the service, what a release wakes, and what it asks for.
import { connect } from '@paddock/client';
import type { Client } from '@paddock/client';
import { lock } from '@paddock/recipes';
import { distributionOf } from './arithmetic/distribution.ts';
import { figure } from './arithmetic/table.ts';
import { BenchmarkError } from './benchmark-error.ts';
import type { Children } from './processes/children.ts';
import { withProcesses } from './processes/with-processes.ts';
import { startForeground } from './processes/foreground.ts';

export interface ManyWaitersOptions {
  readonly quick: boolean;
  readonly json: boolean;
  readonly data: string | undefined;
}

/** Requests, by what they are. */
type Requests = Readonly<Record<string, number>>;

interface Report {
  readonly waiters: number;
  /** Of one that nobody else wants, taken and released. */
  readonly alone: { readonly requests: Requests; readonly medianMs: number };
  /** Of all sessions, while they wait; and of the znode that most of them watch. */
  readonly watches: number;
  readonly watchesOfOne: number;
  readonly handovers: {
    readonly count: number;
    /** Of all sessions together. */
    readonly requestsEach: Requests;
    /** Sessions that were granted it by one release, at most. */
    readonly grantedAtMost: number;
    /** From the call of the release to the grant. */
    readonly medianMs: number;
    readonly maxMs: number;
  };
}

const PATH = '/locks/wanted';
const WAITERS = 1000;
const QUICK_WAITERS = 100;
const ALONE = 100;
const AT_ONCE = 50;
const PATIENCE_MS = 120_000;
const ASKED: readonly string[] = ['transaction', 'list', 'exists', 'watch', 'delete'];

class RequestCount {
  #counts = new Map<string, number>();

  /** The same client, whose requests count. */
  of(client: Client): Client {
    return new Proxy(client, {
      get: (target, key): unknown => {
        const value: unknown = Reflect.get(target, key, target);
        if (typeof value !== 'function') return value;
        return (...args: unknown[]): unknown => {
          if (key === 'with') return this.of(target.with({}));
          const name = String(key);
          if (ASKED.includes(name)) this.#counts.set(name, (this.#counts.get(name) ?? 0) + 1);
          const result: unknown = Reflect.apply(value, target, args);
          return result;
        };
      },
    });
  }

  /** Since the last time, by so many. */
  take(by: number): Requests {
    const taken = [...this.#counts].map(([name, count]) => [name, count / by] as const);
    this.#counts = new Map();
    return Object.fromEntries(taken);
  }
}

async function until(what: string, isSo: () => boolean): Promise<void> {
  const deadlineMs = performance.now() + PATIENCE_MS;
  while (!isSo()) {
    if (performance.now() > deadlineMs) throw new BenchmarkError(`not in time: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
}

async function measureAlone(client: Client, requests: RequestCount): Promise<Report['alone']> {
  const mutex = lock(requests.of(client), PATH);
  const times = new Float64Array(ALONE);
  await (await mutex.acquire()).release();
  requests.take(1);
  for (let i = 0; i < ALONE; i++) {
    const fromMs = performance.now();
    await (await mutex.acquire()).release();
    times[i] = performance.now() - fromMs;
  }
  return { requests: requests.take(ALONE), medianMs: distributionOf(times).p50 };
}

/** As the service has them. */
async function watchesOf(
  clients: readonly Client[],
): Promise<Pick<Report, 'watches' | 'watchesOfOne'>> {
  const byPath = new Map<string, number>();
  for (const client of clients) {
    const { watches } = await client.watches(PATH);
    for (const { path } of watches) byPath.set(path, (byPath.get(path) ?? 0) + 1);
  }
  const counts = [...byPath.values()];
  return { watches: counts.reduce((sum, it) => sum + it, 0), watchesOfOne: Math.max(...counts) };
}

async function measure(children: Children, directory: string, quick: boolean): Promise<Report> {
  const served = await startForeground(children, { directory });
  await served.untilServing();
  const { client: servers = '' } = served.addresses;
  const waiters = quick ? QUICK_WAITERS : WAITERS;
  const requests = new RequestCount();
  const holder = await connect({ servers });
  const alone = await measureAlone(holder, requests);
  const clients = [holder];
  let held = await lock(requests.of(holder), PATH).acquire();
  const granted: { readonly held: typeof held; readonly atMs: number }[] = [];
  let waiting = 0;
  for (let from = 0; from < waiters; from += AT_ONCE) {
    const some = await Promise.all(
      Array.from({ length: Math.min(AT_ONCE, waiters - from) }, () => connect({ servers })),
    );
    for (const client of some) {
      const waitingFor = (): unknown => waiting++;
      void lock(requests.of(client), PATH)
        .acquire({ waitingFor })
        .then((it) => granted.push({ held: it, atMs: performance.now() }));
    }
    clients.push(...some);
    await until('all wait', () => waiting >= from + some.length);
  }
  const watches = await watchesOf(clients);
  requests.take(1);
  const times = new Float64Array(waiters);
  let grantedAtMost = 0;
  for (let i = 0; i < waiters; i++) {
    const fromMs = performance.now();
    await held.release();
    await until('the next one has it', () => granted.length > i);
    const next = granted[i];
    if (next === undefined) throw new BenchmarkError('nobody was granted the lock');
    times[i] = next.atMs - fromMs;
    grantedAtMost = Math.max(grantedAtMost, granted.length - i);
    held = next.held;
  }
  const { p50, max } = distributionOf(times);
  const requestsEach = requests.take(waiters);
  await held.release();
  for (const client of clients) client.abandon('it is measured');
  const handovers = { count: waiters, requestsEach, grantedAtMost, medianMs: p50, maxMs: max };
  return { waiters, alone, ...watches, handovers };
}

function told(requests: Requests): string {
  const all = Object.entries(requests).map(([name, count]) => `${figure(count)} ${name}`);
  return all.join(', ');
}

function lines({ waiters, alone, watches, watchesOfOne, handovers }: Report): string[] {
  const { count, requestsEach, grantedAtMost, medianMs, maxMs } = handovers;
  return [
    `A lock that nobody else wants, taken and released: ${figure(alone.medianMs)} ms, ${told(alone.requests)}.`,
    `${waiters} sessions wait for one: ${watches} watches, at most ${watchesOfOne} of one znode.`,
    `Each of ${count} releases: granted to ${grantedAtMost} session, ${figure(medianMs)} ms later (at most`,
    `${figure(maxMs)}); requests of all sessions together: ${told(requestsEach)}.`,
  ];
}

export async function benchmarkManyWaiters(options: ManyWaitersOptions): Promise<void> {
  await withProcesses(options.data, async (children, directory) => {
    const report = await measure(children, directory, options.quick);
    console.log(options.json ? JSON.stringify(report) : lines(report).join('\n'));
  });
}
