import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { STAGE_NAMES } from '@paddock/node-runtime';
import type { ConfigurationFile, Endpoint, StageName } from '@paddock/node-runtime';
import type { Topology } from './ensemble.ts';
import { eventually } from './eventually.ts';
import { StageProcess } from './stage-process.ts';

const ENDPOINT_OF: Readonly<Record<StageName, Endpoint>> = {
  'zab-broadcaster': 'zabBroadcaster',
  'replicated-database': 'replicatedDatabase',
  'request-processor': 'requestProcessor',
  'session-frontend': 'client',
};

type Settings = Pick<
  ConfigurationFile,
  'limits' | 'timing' | 'tls' | 'superDigest' | 'jwt' | 'identityProviders'
>;

const ANY_PORT = '127.0.0.1:0';

/** One replica of processes in the foreground, with limits and times of the test's choice; nothing restarts them. */
export class ConfiguredReplica {
  readonly processes = new Map<string, StageProcess>();
  readonly directory = mkdtempSync(join(tmpdir(), 'paddock-e2e-'));
  readonly #settings: Settings;
  #addresses: NonNullable<ConfigurationFile['addresses']> = {
    client: ANY_PORT,
    requestProcessor: ANY_PORT,
    zabBroadcaster: ANY_PORT,
    replicatedDatabase: ANY_PORT,
  };

  private constructor(settings: Settings) {
    this.#settings = settings;
  }

  static async start(topology: Topology, settings: Settings = {}): Promise<ConfiguredReplica> {
    const replica = new ConfiguredReplica(settings);
    const stages: readonly (StageName | undefined)[] =
      topology === 'split' ? STAGE_NAMES : [undefined];
    for (const stage of stages) await replica.#start(stage);
    await replica.untilServing();
    return replica;
  }

  /** Of the first front-end. */
  get address(): string {
    return this.#addresses.client ?? '';
  }

  /** Where a stage listens that runs by itself. */
  addressOf(stage: StageName): string {
    return this.#addresses[ENDPOINT_OF[stage]] ?? '';
  }

  /** One more front-end on the same database; its name among the processes is `name`. */
  async addFrontend(name: string): Promise<StageProcess> {
    const configuration = {
      ...this.#configuration(),
      addresses: { ...this.#addresses, client: ANY_PORT },
    };
    const file = join(this.directory, `${name}.json`);
    const started = await StageProcess.start('session-frontend', configuration, file);
    this.processes.set(name, started);
    await this.untilServing();
    return started;
  }

  async untilServing(): Promise<void> {
    await eventually('every process serves', async () => {
      for (const [name, it] of this.processes) {
        const health = await it.health();
        if (!health.serving) throw new Error(`${name} waits for ${health.waitingFor.join()}`);
      }
    });
  }

  async stop(): Promise<void> {
    for (const it of [...this.processes.values()].reverse()) await it.end('SIGTERM');
    rmSync(this.directory, { recursive: true, force: true });
  }

  #configuration(): ConfigurationFile {
    const { limits, timing, tls, superDigest, jwt, identityProviders } = this.#settings;
    return {
      replica: 1,
      dataDirectory: join(this.directory, 'data'),
      addresses: this.#addresses,
      ...(limits === undefined ? {} : { limits }),
      ...(timing === undefined ? {} : { timing }),
      ...(tls === undefined ? {} : { tls }),
      ...(superDigest === undefined ? {} : { superDigest }),
      ...(identityProviders === undefined ? {} : { identityProviders }),
      ...(jwt === undefined ? {} : { jwt }),
    };
  }

  /** In the order of STAGE_NAMES each stage finds the ports of those that it dials. */
  async #start(stage: StageName | undefined): Promise<void> {
    const name = stage ?? 'replica';
    const file = join(this.directory, `${name}.json`);
    const started = await StageProcess.start(stage, this.#configuration(), file);
    this.processes.set(name, started);
    const endpoint = stage === undefined ? 'client' : ENDPOINT_OF[stage];
    this.#addresses = { ...this.#addresses, [endpoint]: started.address(endpoint) };
  }
}
