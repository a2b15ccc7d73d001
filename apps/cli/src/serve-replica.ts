import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { formatAddress, LOOPBACK, reasonOf, STAGE_NAMES } from '@paddock/node-runtime';
import type { ConfigurationFile, Endpoint, EnsembleMember, StageName } from '@paddock/node-runtime';
import type { ListeningMessage } from '@paddock/replica';
import { ServedProcess } from './serve-process.ts';
import type { ServedProcessOptions } from './serve-process.ts';
import type { Voice } from './serve-voice.ts';

export interface ServedReplicaOptions {
  readonly replica: number;
  readonly directory: string;
  readonly split: boolean;
  readonly grpcPort: number;
  /** Itself among them; empty: a replica alone. */
  readonly members: readonly EnsembleMember[];
  /** Where its database, as a process of its own, serves snapshots to the others: the broadcaster says so for it. */
  readonly databaseAddress: string | undefined;
  readonly restart: boolean;
  readonly isForPeople: ServedProcessOptions['isForPeople'];
}

const SYSTEM_CHOICE = formatAddress(LOOPBACK, 0);

/** One replica on this machine: its configuration file, its process or its four. */
export class ServedReplica {
  readonly processes: readonly ServedProcess[];
  readonly replica: number;
  readonly role: EnsembleMember['role'];
  /** It could not start with the others, which serve without it. */
  isLate = false;
  readonly #file: string;
  readonly #data: string;
  readonly #members: readonly EnsembleMember[];
  #stopping = false;
  #addresses: Partial<Record<Endpoint, string>>;

  constructor(options: ServedReplicaOptions, voice: Voice) {
    this.replica = options.replica;
    this.#data = options.directory;
    this.#file = join(options.directory, 'replica.json');
    this.#members = options.members;
    const self = options.members.find(({ replica }) => replica === options.replica);
    this.role = self?.role ?? 'voter';
    const stages: readonly (StageName | undefined)[] = options.split ? STAGE_NAMES : [undefined];
    this.#addresses = {
      client: formatAddress(LOOPBACK, options.grpcPort),
      requestProcessor: SYSTEM_CHOICE,
      zabBroadcaster: self?.address ?? SYSTEM_CHOICE,
      replicatedDatabase: options.databaseAddress ?? SYSTEM_CHOICE,
    };
    this.processes = stages.map((stage) => {
      const name =
        stage === undefined ? `replica ${options.replica}` : `replica ${options.replica} ${stage}`;
      const stageArgs = stage === undefined ? [] : ['--stage', stage];
      const args = ['--config', this.#file, ...stageArgs, '--admin', SYSTEM_CHOICE];
      const served = new ServedProcess(
        {
          name,
          stage,
          args,
          prepare: () => this.#writeConfiguration(),
          restart: options.restart,
          isForPeople: options.isForPeople,
        },
        {
          listening: (message) => {
            this.#keepPorts(message);
            if (served.restarts > 0) voice.servesAgain(served);
          },
          died: (description, restartInMs) => voice.died(served, description, restartInMs),
        },
      );
      return served;
    });
  }

  /** Where something listens. */
  get addresses(): Readonly<Partial<Record<Endpoint, string>>> {
    const listening = Object.entries(this.#addresses).filter(([, it]) => it !== SYSTEM_CHOICE);
    return Object.fromEntries(listening);
  }

  /** Where clients dial. */
  get clients(): string {
    return this.#addresses.client ?? '';
  }

  /** Starts the processes one by one, since each may need the ports of those before it. */
  async start(): Promise<void> {
    const before = existsSync(this.#file) ? readFileSync(this.#file, 'utf8') : undefined;
    try {
      for (const served of this.processes) {
        if (this.#stopping) return;
        await served.start();
      }
      this.#writeConfiguration();
    } catch (error) {
      // What could not start leaves the directory as it was found.
      if (before === undefined) rmSync(this.#file, { force: true });
      else writeFileSync(this.#file, before);
      throw error;
    }
  }

  /** What could not start is started again and again, each time later. */
  keepTrying(reason: string): void {
    this.isLate = true;
    const [failed, ...unstarted] = this.processes.filter(({ pid }) => pid === undefined);
    failed?.keepTrying(reason);
    for (const served of unstarted) {
      served.start().catch((error: unknown) => served.keepTrying(reasonOf(error)));
    }
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    for (const served of [...this.processes].reverse()) await served.stop();
  }

  /** From here on each process listens where it listened first, however often it starts. */
  #keepPorts(message: ListeningMessage): void {
    this.#addresses = { ...this.#addresses, ...message.addresses };
  }

  /** Also anew where somebody has removed it with the rest of the replica's directory. */
  #writeConfiguration(): void {
    mkdirSync(this.#data, { recursive: true });
    const content: ConfigurationFile = {
      replica: this.replica,
      dataDirectory: this.#data,
      addresses: this.#addresses,
      ...(this.#members.length === 0 ? {} : { ensemble: [...this.#members] }),
    };
    const temporary = `${this.#file}.tmp`;
    writeFileSync(temporary, `${JSON.stringify(content, null, 2)}\n`);
    renameSync(temporary, this.#file);
  }
}
