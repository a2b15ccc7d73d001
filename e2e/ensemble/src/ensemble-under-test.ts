import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from '@paddock/client';
import type { Client, ConnectOptions } from '@paddock/client';
import type { ConfigurationFile, Endpoint } from '@paddock/node-runtime';
import { afterAll, afterEach, beforeAll, onTestFailed, onTestFinished } from 'vitest';
import { eventually } from './eventually.ts';
import { freePorts } from './free-ports.ts';
import { ReplicaNetwork } from './replica-network.ts';
import { ReplicaUnderTest } from './replica-under-test.ts';
import type { DatabaseReport, ReplicaStatus } from './replica-status.ts';

export interface EnsembleUnderTestOptions {
  /** Voters; numbered from 1 on. */
  readonly voters: number;
  /** Numbered behind the voters. */
  readonly observers?: number;
  readonly split?: boolean;
  readonly limits?: ConfigurationFile['limits'];
  readonly timing?: ConfigurationFile['timing'];
  /** Of each replica. */
  readonly tls?: (replica: number) => NonNullable<ConfigurationFile['tls']>;
}

const LISTENERS: readonly Endpoint[] = [
  'client',
  'zabBroadcaster',
  'requestProcessor',
  'replicatedDatabase',
];

/** Twelve processes of a split ensemble, on a fifth of a core. */
const SHARED_START_MS = 300_000;

/** Replicas in processes of their own, joined through a network that the test can part. */
export class EnsembleUnderTest {
  readonly replicas: readonly ReplicaUnderTest[];
  readonly network: ReplicaNetwork;
  readonly #directory: string;
  readonly #clients = new Set<Client>();

  private constructor(
    replicas: readonly ReplicaUnderTest[],
    network: ReplicaNetwork,
    directory: string,
  ) {
    this.replicas = replicas;
    this.network = network;
    this.#directory = directory;
  }

  /** Nothing of it runs yet. Whoever prepares it stops it. */
  static async prepare(options: EnsembleUnderTestOptions): Promise<EnsembleUnderTest> {
    const { voters, observers = 0, split = false, limits, timing, tls } = options;
    const size = voters + observers;
    const ports = await freePorts(size * LISTENERS.length);
    const addresses = Array.from({ length: size }, (_, index) =>
      Object.fromEntries(
        LISTENERS.map((endpoint, i) => [
          endpoint,
          `127.0.0.1:${ports[index * LISTENERS.length + i] ?? 0}`,
        ]),
      ),
    );
    const network = await ReplicaNetwork.between(
      new Map(addresses.map((of, index) => [index + 1, of['zabBroadcaster'] ?? ''])),
    );
    const directory = mkdtempSync(join(tmpdir(), 'paddock-e2e-'));
    const replicas = addresses.map((own, index) => {
      const replica = index + 1;
      const members = addresses.map((of, i) => ({
        replica: i + 1,
        address: i === index ? (of['zabBroadcaster'] ?? '') : network.address(replica, i + 1),
        role: i < voters ? ('voter' as const) : ('observer' as const),
      }));
      return new ReplicaUnderTest({
        replica,
        directory: join(directory, `replica-${replica}`),
        split,
        addresses: own,
        members,
        settings: {
          ...(limits === undefined ? {} : { limits }),
          ...(timing === undefined ? {} : { timing }),
          ...(tls === undefined ? {} : { tls: tls(replica) }),
        },
      });
    });
    return new EnsembleUnderTest(replicas, network, directory);
  }

  /** For the test that runs: ended with it, and its logs are kept where it fails. */
  static async start(options: EnsembleUnderTestOptions): Promise<EnsembleUnderTest> {
    const ensemble = await EnsembleUnderTest.prepare(options);
    onTestFailed(() => ensemble.keepLogs());
    onTestFinished(() => ensemble.stop());
    await ensemble.startAll();
    return ensemble;
  }

  /** For the tests of a `describe`, one after the other. */
  static shared(options: EnsembleUnderTestOptions): () => EnsembleUnderTest {
    let ensemble: EnsembleUnderTest | null = null;
    const its = (): EnsembleUnderTest => {
      if (ensemble === null) throw new Error('the ensemble has not been started');
      return ensemble;
    };
    beforeAll(async () => {
      ensemble = await EnsembleUnderTest.prepare(options);
      await ensemble.startAll();
    }, SHARED_START_MS);
    afterEach(({ task }) => {
      its().abandonClients();
      if (task.result?.state === 'fail') its().keepLogs();
    });
    afterAll(() => ensemble?.stop());
    return its;
  }

  /** All that does not run, until it serves. */
  async startAll(): Promise<void> {
    await Promise.all(this.replicas.map((it) => it.start()));
    await this.untilServing();
  }

  replica(number: number): ReplicaUnderTest {
    const found = this.replicas[number - 1];
    if (found === undefined) throw new Error(`there is no replica ${number}`);
    return found;
  }

  others(than: ReplicaUnderTest): readonly ReplicaUnderTest[] {
    return this.replicas.filter((it) => it !== than);
  }

  /** Of all replicas, or of some: where a client may dial. */
  servers(of: readonly ReplicaUnderTest[] = this.replicas): readonly string[] {
    return of.map(({ address }) => address);
  }

  /** A client that is abandoned with the test, if the test does not end it. */
  async connect(
    of: readonly ReplicaUnderTest[] = this.replicas,
    options: Omit<ConnectOptions, 'servers'> = {},
  ): Promise<Client> {
    const client = await connect({
      servers: this.servers(of),
      connectTimeoutMs: 60_000,
      ...options,
    });
    this.#clients.add(client);
    return client;
  }

  async clients(
    count: number,
    of: readonly ReplicaUnderTest[] = this.replicas,
    options: Omit<ConnectOptions, 'servers'> = {},
  ): Promise<readonly Client[]> {
    return Promise.all(Array.from({ length: count }, () => this.connect(of, options)));
  }

  /** Each of those that run says that it serves. */
  async untilServing(of: readonly ReplicaUnderTest[] = this.replicas): Promise<void> {
    await eventually('every replica serves', async () => {
      for (const replica of of) {
        if (!replica.isRunning) continue;
        const waitingFor = await replica.waitingFor();
        if (waitingFor.length > 0) {
          throw new Error(`replica ${replica.number} waits for ${waitingFor.join('; ')}`);
        }
      }
    });
  }

  /** The one that leads, of those given that run, as soon as exactly one says so and serves. */
  async leader(of: readonly ReplicaUnderTest[] = this.replicas): Promise<ReplicaUnderTest> {
    return eventually('one replica leads', async () => {
      const leaders: ReplicaUnderTest[] = [];
      for (const replica of of) {
        if (!replica.isRunning) continue;
        const { broadcaster } = await replica.status();
        if (broadcaster?.role === 'leader' && broadcaster.phase === 'broadcast') {
          leaders.push(replica);
        }
      }
      const [leader] = leaders;
      if (leader === undefined || leaders.length > 1) {
        throw new Error(`${leaders.length} say that they lead`);
      }
      return leader;
    });
  }

  async followers(): Promise<readonly ReplicaUnderTest[]> {
    return this.others(await this.leader());
  }

  async statusOf(replica: ReplicaUnderTest): Promise<Required<Defined>> {
    return eventually(`replica ${replica.number} tells its status`, async () => {
      const { broadcaster, database } = await replica.status();
      if (broadcaster === undefined || database === undefined) throw new Error('not all run');
      return { broadcaster, database };
    });
  }

  /** Resolves when all that run have applied the same, with what that is; throws where their digests differ. */
  async untilEqual(): Promise<DatabaseReport> {
    return eventually('all replicas are at one zxid with equal digests', async () => {
      const reports: DatabaseReport[] = [];
      for (const replica of this.replicas) {
        if (replica.isRunning) reports.push((await this.statusOf(replica)).database);
      }
      const told = reports.map(
        ({ applied, znodesDigest, sessionsDigest }) =>
          `${applied} ${znodesDigest} ${sessionsDigest}`,
      );
      const [first] = reports;
      if (first === undefined || new Set(told).size !== 1) throw new Error(told.join(', '));
      return first;
    });
  }

  abandonClients(): void {
    for (const client of this.#clients) client.abandon('the test is over');
    this.#clients.clear();
  }

  async stop(): Promise<void> {
    this.abandonClients();
    this.network.stop();
    for (const replica of this.replicas) {
      if (replica.isRunning) replica.signal('SIGCONT');
    }
    await Promise.all(this.replicas.map((it) => it.end('SIGKILL')));
    rmSync(this.#directory, { recursive: true, force: true });
  }

  keepLogs(): void {
    const directory = mkdtempSync(join(tmpdir(), 'paddock-e2e-failed-'));
    for (const { number, log } of this.replicas) {
      writeFileSync(join(directory, `replica-${number}.log`), log.join('\n'));
    }
    console.error(`the logs of its replicas are in ${directory}`);
  }
}

interface Defined {
  readonly broadcaster: NonNullable<ReplicaStatus['broadcaster']>;
  readonly database: NonNullable<ReplicaStatus['database']>;
}
