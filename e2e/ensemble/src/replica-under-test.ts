import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { STAGE_NAMES } from '@paddock/node-runtime';
import type { ConfigurationFile, Endpoint, StageName } from '@paddock/node-runtime';
import { readReplicaStatus } from './replica-status.ts';
import type { ReplicaStatus } from './replica-status.ts';
import { StageProcess } from './stage-process.ts';

export type Member = NonNullable<ConfigurationFile['ensemble']>[number];

export interface ReplicaOptions {
  readonly replica: number;
  /** For its data and configuration files. */
  readonly directory: string;
  readonly split: boolean;
  /** Fixed ports: a replica comes back where it was. */
  readonly addresses: Readonly<Partial<Record<Endpoint, string>>>;
  /** As this replica dials them. */
  readonly members: readonly Member[];
  readonly settings: Pick<ConfigurationFile, 'limits' | 'timing' | 'tls'>;
}

/** One of an ensemble: its process or its four, in the foreground; nothing but the test restarts them. */
export class ReplicaUnderTest {
  readonly number: number;
  /** Of all its processes since the test began, those that were killed too. */
  readonly log: string[] = [];
  readonly #options: ReplicaOptions;
  #tls: ConfigurationFile['tls'];
  readonly #processes = new Map<StageName | 'replica', StageProcess>();

  constructor(options: ReplicaOptions) {
    this.number = options.replica;
    this.#options = options;
    this.#tls = options.settings.tls;
    mkdirSync(options.directory, { recursive: true });
  }

  /** Where clients dial. */
  get address(): string {
    return this.#options.addresses.client ?? '';
  }

  get isRunning(): boolean {
    return this.#processes.size > 0;
  }

  /** All that does not run yet. */
  async start(): Promise<void> {
    const all = this.#options.split ? STAGE_NAMES : (['replica'] as const);
    await Promise.all(all.map((name) => this.startStage(name)));
  }

  async startStage(name: StageName | 'replica'): Promise<void> {
    if (this.#processes.has(name)) return;
    const { replica, directory, addresses, members, settings } = this.#options;
    const configuration: ConfigurationFile = {
      replica,
      dataDirectory: this.#data,
      addresses,
      ensemble: [...members],
      ...settings,
      ...(this.#tls === undefined ? {} : { tls: this.#tls }),
    };
    const stage = name === 'replica' ? undefined : name;
    const file = join(directory, `${name}.json`);
    const note = (line: string): void => void this.log.push(line);
    this.#processes.set(name, await StageProcess.start(stage, configuration, file, note));
  }

  /** For the processes that start from here on. */
  setTls(tls: ConfigurationFile['tls']): void {
    this.#tls = tls;
  }

  /** Ends all its processes. */
  async end(signal: NodeJS.Signals): Promise<void> {
    const processes = [...this.#processes.values()];
    this.#processes.clear();
    await Promise.all(processes.map((it) => it.end(signal)));
  }

  async endStage(name: StageName | 'replica', signal: NodeJS.Signals): Promise<void> {
    const found = this.#processes.get(name);
    this.#processes.delete(name);
    await found?.end(signal);
  }

  /** SIGSTOP or SIGCONT to all its processes. */
  signal(signal: 'SIGSTOP' | 'SIGCONT'): void {
    for (const { pid } of this.#processes.values()) process.kill(pid, signal);
  }

  /** What a new disk in an old machine looks like; while it does not run. */
  wipe(): void {
    rmSync(this.#data, { recursive: true, force: true });
  }

  /** In its log, since the test began. */
  hasSaid(message: string): boolean {
    const text = JSON.stringify({ msg: message }).slice(1);
    return this.log.some((line) => line.includes(text));
  }

  status(): Promise<ReplicaStatus> {
    return readReplicaStatus([...this.#processes.values()].map(({ admin }) => admin));
  }

  /** What its processes wait for; empty when all serve. */
  async waitingFor(): Promise<readonly string[]> {
    const reports = await Promise.all([...this.#processes.values()].map((it) => it.health()));
    return reports.flatMap(({ waitingFor }) => waitingFor);
  }

  get #data(): string {
    return join(this.#options.directory, 'data');
  }
}
