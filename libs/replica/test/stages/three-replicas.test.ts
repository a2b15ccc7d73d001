import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sessionStreamBoundary } from '@paddock/link-grpc';
import { parseConfiguration } from '@paddock/node-runtime';
import { ZXID_ZERO } from '@paddock/model';
import type { ClientOperation, SessionReply, SessionRequest } from '@paddock/model';
import { pino } from 'pino';
import { afterEach, describe, expect, it } from 'vitest';
import { startReplica } from '../../src/index.ts';
import type { Running } from '../../src/index.ts';
import { DiallingNeighbours, listed, ofKind, until } from './neighbours.ts';
import type { Conversation } from './neighbours.ts';
import { freeAddress } from './scripted-broadcaster.ts';

const TIMING = {
  tickMs: 50,
  leaderLostMs: 400,
  electionSpreadMs: 30,
  reconnectMs: 10,
  reconnectMaxMs: 50,
};

type Client = Conversation<SessionRequest[], SessionReply>;

/** Replicas in this process, each fused, joined by real links on loopback. */
class EnsembleUnderTest {
  readonly failures: string[] = [];
  readonly neighbours = new DiallingNeighbours();
  readonly #directory = mkdtempSync(join(tmpdir(), 'paddock-ensemble-'));
  readonly #addresses: string[];
  readonly #running = new Map<number, Running>();

  private constructor(addresses: string[]) {
    this.#addresses = addresses;
  }

  static async of(size: number): Promise<EnsembleUnderTest> {
    const addresses: string[] = [];
    for (let i = 0; i < size; i++) addresses.push(await freeAddress());
    return new EnsembleUnderTest(addresses);
  }

  async start(replica: number, observers: readonly number[] = []): Promise<void> {
    const configuration = parseConfiguration(
      {
        replica,
        dataDirectory: join(this.#directory, String(replica)),
        addresses: { client: '127.0.0.1:0' },
        ensemble: this.#addresses.map((address, index) => ({
          replica: index + 1,
          address,
          role: observers.includes(index + 1) ? 'observer' : 'voter',
        })),
        timing: TIMING,
      },
      'the test',
    );
    const running = await startReplica(configuration, {
      log: pino({ level: 'silent' }),
      failed: (reason) => void this.failures.push(`replica ${replica}: ${reason}`),
    });
    this.#running.set(replica, running);
  }

  async stop(replica: number): Promise<void> {
    await this.#running.get(replica)?.stop();
    this.#running.delete(replica);
  }

  async serving(): Promise<void> {
    await until('that all serve', () =>
      [...this.#running.values()].every((running) => running.health().serving),
    ).catch((error: unknown) => {
      const waiting = [...this.#running].map(
        ([replica, running]) => `${replica}: ${running.health().waitingFor.join(', ')}`,
      );
      const story = [...waiting, ...this.failures].join('\n');
      throw new Error(story, { cause: error });
    });
  }

  /** By replica. */
  get roles(): Readonly<Record<number, unknown>> {
    return Object.fromEntries([...this.#running.keys()].map((it) => [it, this.#of(it)['role']]));
  }

  get leader(): number {
    const [leader] = Object.entries(this.roles).find(([, role]) => role === 'leader') ?? ['0'];
    return Number(leader);
  }

  #of(replica: number): Record<string, unknown> {
    const stage: unknown = this.#running.get(replica)?.status().stages['zab-broadcaster'];
    return typeof stage === 'object' && stage !== null ? { ...stage } : {};
  }

  async client(replica: number): Promise<Client> {
    const address = this.#running.get(replica)?.addresses.client ?? '';
    const client: Client = this.neighbours.dial(
      sessionStreamBoundary,
      address,
      listed<SessionReply>,
    );
    client.say([{ kind: 'open', timeoutMs: 10_000 }]);
    await client.next('a session', ofKind('opened'));
    return client;
  }

  async dispose(): Promise<void> {
    this.neighbours.close();
    for (const replica of [...this.#running.keys()]) await this.stop(replica);
    rmSync(this.#directory, { recursive: true, force: true });
  }
}

function create(path: string): ClientOperation {
  return { kind: 'create', path, data: new Uint8Array(), mode: 'persistent', ttlMs: 0 };
}

async function ask(client: Client, firstSequence: number, operation: ClientOperation) {
  client.say([
    {
      kind: 'operations',
      firstSequence,
      ackedThrough: firstSequence - 1,
      operations: [operation],
    },
  ]);
  const { results } = await client.next('a result', ofKind('results'));
  return results[0]?.result;
}

const LIST: ClientOperation = {
  kind: 'getChildren',
  path: '/',
  watch: false,
  atLeast: ZXID_ZERO,
  consistency: { kind: 'linearizable' },
};

describe('three replicas over real links', () => {
  let ensemble: EnsembleUnderTest | null = null;
  afterEach(() => ensemble?.dispose());

  it('elect one leader, and what is written at one is read at the others', async () => {
    ensemble = await EnsembleUnderTest.of(3);
    for (const replica of [1, 2, 3]) await ensemble.start(replica);
    await ensemble.serving();
    expect(Object.values(ensemble.roles).toSorted()).toEqual(['follower', 'follower', 'leader']);
    const { leader } = ensemble;
    const [writing, reading] = [1, 2, 3].filter((it) => it !== leader);
    const writer = await ensemble.client(writing ?? 0);
    expect(await ask(writer, 1, create('/a'))).toMatchObject({ kind: 'created' });
    for (const replica of [reading ?? 0, leader]) {
      const reader = await ensemble.client(replica);
      expect(await ask(reader, 1, LIST)).toMatchObject({ kind: 'children', children: ['a'] });
    }
    expect(ensemble.failures).toEqual([]);
  });

  it('go on without their leader, and take it back', async () => {
    ensemble = await EnsembleUnderTest.of(3);
    for (const replica of [1, 2, 3]) await ensemble.start(replica);
    await ensemble.serving();
    const first = ensemble.leader;
    const survivor = first === 1 ? 2 : 1;
    const client = await ensemble.client(survivor);
    expect(await ask(client, 1, create('/before'))).toMatchObject({ kind: 'created' });
    await ensemble.stop(first);
    expect(await ask(client, 2, create('/without'))).toMatchObject({ kind: 'created' });
    expect(client.end).toBeNull();
    await ensemble.start(first);
    await ensemble.serving();
    expect(ensemble.roles[first]).toBe('follower');
    const back = await ensemble.client(first);
    const list = await ask(back, 1, LIST);
    expect(list).toMatchObject({ kind: 'children', children: ['before', 'without'] });
    expect(ensemble.failures).toEqual([]);
  });

  it('serve with an observer, which never leads', async () => {
    ensemble = await EnsembleUnderTest.of(3);
    for (const replica of [1, 2, 3]) await ensemble.start(replica, [3]);
    await ensemble.serving();
    expect(ensemble.roles[3]).toBe('observer');
    const client = await ensemble.client(3);
    expect(await ask(client, 1, create('/seen'))).toMatchObject({ kind: 'created' });
    expect(await ask(client, 2, LIST)).toMatchObject({ children: ['seen'] });
    expect(ensemble.failures).toEqual([]);
  });
});
