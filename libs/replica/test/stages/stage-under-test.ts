import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openStageDirectory, parseConfiguration } from '@paddock/node-runtime';
import type {
  ConfigurationFile,
  DirectoryIdentity,
  Endpoint,
  StageName,
} from '@paddock/node-runtime';
import type { Timing } from '@paddock/model';
import { pino } from 'pino';
import { startStage } from '../../src/index.ts';
import type { Running } from '../../src/index.ts';
import { DiallingNeighbours } from './neighbours.ts';

/** One stage in this process, with ports of the system's choice and data of its own. */
export class StageUnderTest {
  readonly neighbours = new DiallingNeighbours();
  readonly failures: string[] = [];
  readonly #directory = mkdtempSync(join(tmpdir(), 'paddock-stage-'));
  readonly identity: DirectoryIdentity;
  #running: Running | null = null;

  constructor() {
    const { identity, release } = openStageDirectory(this.#directory, 'broadcaster', 1);
    release();
    this.identity = identity;
  }

  async start(
    name: StageName,
    neighbours: Partial<Record<Endpoint, string>> = {},
    timing: Partial<Timing> = {},
    ensemble?: ConfigurationFile['ensemble'],
  ): Promise<string> {
    const anywhere = '127.0.0.1:0';
    const configuration = parseConfiguration(
      {
        dataDirectory: this.#directory,
        addresses: {
          client: anywhere,
          requestProcessor: anywhere,
          ...(ensemble === undefined ? { zabBroadcaster: anywhere } : {}),
          replicatedDatabase: anywhere,
          ...neighbours,
        },
        ...(ensemble === undefined ? {} : { ensemble }),
        timing: { reconnectMs: 10, reconnectMaxMs: 50, tickMs: 50, ...timing },
      },
      'the test',
    );
    this.#running = await startStage(configuration, name, {
      log: pino({ level: 'silent' }),
      failed: (reason) => void this.failures.push(reason),
    });
    return Object.values(this.#running.addresses)[0] ?? '';
  }

  /** What it says that it waits for. */
  get waitingFor(): readonly string[] {
    return this.#running?.health().waitingFor ?? ['it is not running'];
  }

  get isServing(): boolean {
    return this.#running?.health().serving === true;
  }

  /** Its data stays. */
  async stop(): Promise<void> {
    await this.#running?.stop();
    this.#running = null;
  }

  async dispose(): Promise<void> {
    this.neighbours.close();
    await this.stop();
    rmSync(this.#directory, { recursive: true, force: true });
  }
}
