import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { formatAddress, LOOPBACK, STAGE_NAMES } from '@paddock/node-runtime';
import type { ConfigurationFile, Endpoint, StageName } from '@paddock/node-runtime';
import type { ListeningMessage } from '@paddock/replica';
import { ServedProcess } from './serve-process.ts';
import type { ServedProcessOptions } from './serve-process.ts';
import type { Voice } from './serve-voice.ts';

export interface ServedReplicaOptions {
  readonly replica: number;
  readonly directory: string;
  readonly split: boolean;
  readonly grpcPort: number;
  readonly restart: boolean;
  readonly log: ServedProcessOptions['log'];
}

const SYSTEM_CHOICE = formatAddress(LOOPBACK, 0);

/** One replica on this machine: its configuration file, its process or its four. */
export class ServedReplica {
  readonly processes: readonly ServedProcess[];
  readonly replica: number;
  readonly #file: string;
  readonly #data: string;
  #addresses: Partial<Record<Endpoint, string>>;

  constructor(options: ServedReplicaOptions, voice: Voice) {
    this.replica = options.replica;
    this.#data = options.directory;
    this.#file = join(options.directory, 'replica.json');
    const stages: readonly (StageName | undefined)[] = options.split ? STAGE_NAMES : [undefined];
    this.#addresses = {
      client: formatAddress(LOOPBACK, options.grpcPort),
      requestProcessor: SYSTEM_CHOICE,
      zabBroadcaster: SYSTEM_CHOICE,
      replicatedDatabase: SYSTEM_CHOICE,
    };
    this.processes = stages.map((stage) => {
      const name =
        stage === undefined ? `replica ${options.replica}` : `replica ${options.replica} ${stage}`;
      const stageArgs = stage === undefined ? [] : ['--stage', stage];
      const args = ['--config', this.#file, ...stageArgs, '--admin', SYSTEM_CHOICE];
      const served = new ServedProcess(
        { name, args, restart: options.restart, log: options.log },
        {
          listening: () => {
            if (served.restarts > 0) voice.servesAgain(served);
          },
          died: (description, restartInMs) => voice.died(served, description, restartInMs),
        },
      );
      return served;
    });
  }

  get addresses(): Readonly<Partial<Record<Endpoint, string>>> {
    return this.#addresses;
  }

  /** Starts the processes one by one, since each may need the ports of those before it. */
  async start(): Promise<void> {
    const before = existsSync(this.#file) ? readFileSync(this.#file, 'utf8') : undefined;
    mkdirSync(this.#data, { recursive: true });
    try {
      for (const served of this.processes) {
        this.#writeConfiguration();
        this.#keepPorts(await served.start());
      }
      this.#writeConfiguration();
    } catch (error) {
      // What could not start leaves the directory as it was found.
      if (before === undefined) rmSync(this.#file, { force: true });
      else writeFileSync(this.#file, before);
      throw error;
    }
  }

  async stop(): Promise<void> {
    for (const served of [...this.processes].reverse()) await served.stop();
  }

  /** From here on each process listens where it listened first, however often it starts. */
  #keepPorts(message: ListeningMessage): void {
    this.#addresses = { ...this.#addresses, ...message.addresses };
  }

  #writeConfiguration(): void {
    const content: ConfigurationFile = {
      replica: this.replica,
      dataDirectory: this.#data,
      addresses: this.#addresses,
    };
    const temporary = `${this.#file}.tmp`;
    writeFileSync(temporary, `${JSON.stringify(content, null, 2)}\n`);
    renameSync(temporary, this.#file);
  }
}
