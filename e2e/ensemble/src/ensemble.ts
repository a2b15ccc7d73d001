import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import * as z from 'zod';
import { BUILT_COMMAND } from './built-command.ts';
import { eventually } from './eventually.ts';
import { noteStarted } from './left-running.ts';

export type Topology = 'fused' | 'split';

export const TOPOLOGIES: readonly Topology[] = ['fused', 'split'];

const servingSchema = z.object({
  event: z.literal('serving'),
  replicas: z.array(
    z.object({
      id: z.number(),
      endpoints: z.record(z.string(), z.string()),
      admin: z.string(),
      /** Without a pid while it cannot start. */
      processes: z.array(z.object({ name: z.string(), pid: z.number().nullable() })),
    }),
  ),
});

const statusSchema = z.object({
  replicas: z.array(
    z.looseObject({
      id: z.number(),
      role: z.string(),
      serving: z.boolean(),
      stages: z.record(
        z.string(),
        z.looseObject({ pid: z.number().nullish(), restarts: z.number() }),
      ),
    }),
  ),
});

export type Serving = z.infer<typeof servingSchema>;
export type Status = z.infer<typeof statusSchema>;

/** Starts take long on a busy machine: two hundred thousand znodes, a fifth of a core. */
const START_MS = 120_000;

export interface EnsembleOptions {
  readonly topology: Topology;
  /** Voters, where the directory is new; one unless told otherwise. */
  readonly replicas?: number;
  /** Kept when the ensemble stops; a temporary one is made and removed otherwise. */
  readonly data?: string;
  readonly args?: readonly string[];
}

/** What `paddock serve --json` prints while it runs. */
const eventSchema = z.looseObject({ event: z.string() });

export type ServeEvent = z.infer<typeof eventSchema>;

/** A `paddock serve` of real processes on ports of the system's choice, stopped by the test that started it. */
export class Ensemble {
  readonly data: string;
  readonly serving: Serving;
  readonly log: readonly string[];
  readonly #process: ChildProcess;
  readonly #temporary: boolean;

  private constructor(started: Started, data: string, temporary: boolean) {
    this.data = data;
    this.serving = started.serving;
    this.log = started.log;
    this.#process = started.process;
    this.#temporary = temporary;
  }

  static async start(options: EnsembleOptions): Promise<Ensemble> {
    const data = options.data ?? mkdtempSync(join(tmpdir(), 'paddock-e2e-'));
    const { topology, replicas, args = [] } = options;
    const split = topology === 'split' ? ['--split'] : [];
    // What is stored wins without a word where nothing was asked for.
    const isNew = !existsSync(join(data, 'ensemble.json'));
    const size = replicas !== undefined || isNew ? ['--replicas', String(replicas ?? 1)] : [];
    const started = await spawnServe(['--data', data, ...split, ...size, ...args]);
    return new Ensemble(started, data, options.data === undefined);
  }

  get address(): string {
    return this.serving.replicas[0]?.endpoints['client'] ?? '';
  }

  get pid(): number {
    return this.#process.pid ?? 0;
  }

  get admin(): string {
    return this.serving.replicas[0]?.admin ?? '';
  }

  async status(): Promise<Status> {
    const response = await fetch(`http://${this.admin}/status`);
    return statusSchema.parse(await response.json());
  }

  /** The pid under which a stage runs now; fused stages share one. */
  async stagePid(stage: string): Promise<number> {
    return eventually(`${stage} has a pid`, async () => {
      const pid = (await this.status()).replicas[0]?.stages[stage]?.pid;
      if (typeof pid !== 'number') throw new Error(`${stage} is not running`);
      return pid;
    });
  }

  async untilServing(): Promise<void> {
    await eventually('the replica serves', async () => {
      const replica = (await this.status()).replicas[0];
      if (replica?.serving !== true) throw new Error(JSON.stringify(replica));
    });
  }

  /** kill -9 of one stage's process; resolves when its supervisor has it up again. */
  async killStage(stage: string): Promise<void> {
    const pid = await this.stagePid(stage);
    process.kill(pid, 'SIGKILL');
    await eventually(`${stage} is up again`, async () => {
      if ((await this.stagePid(stage)) === pid) throw new Error(`${stage} still has pid ${pid}`);
    });
  }

  /** What has been told of one kind, so far. */
  events(kind: string): readonly ServeEvent[] {
    return this.log
      .filter((line) => line.startsWith('{"event"'))
      .map((line) => eventSchema.parse(JSON.parse(line)))
      .filter(({ event }) => event === kind);
  }

  /** Of its process or its four, as they were started first. */
  get pids(): readonly number[] {
    return this.serving.replicas
      .flatMap(({ processes }) => processes)
      .flatMap(({ pid }) => pid ?? []);
  }

  async stop(): Promise<number | null> {
    const code = await this.stopAndKeep();
    if (this.#temporary) this.removeData();
    return code;
  }

  stopAndKeep(signal: NodeJS.Signals = 'SIGTERM'): Promise<number | null> {
    return ended(this.#process, signal);
  }

  removeData(): void {
    rmSync(this.data, { recursive: true, force: true });
  }
}

interface Started {
  readonly process: ChildProcess;
  readonly serving: Serving;
  readonly log: readonly string[];
}

/** `paddock serve` with ports of the system's choice, until it serves. */
async function spawnServe(args: readonly string[]): Promise<Started> {
  const child = spawnPaddock(['serve', '--json', '--grpc-port', '0', '--admin-port', '0', ...args]);
  const log: string[] = [];
  child.stderr?.setEncoding('utf8').on('data', (text: string) => log.push(text));
  return new Promise((resolve, reject) => {
    const fail = (why: string): void => {
      child.kill('SIGKILL');
      reject(new Error(`paddock serve ${why}\n${log.join('')}`));
    };
    const timer = setTimeout(() => fail(`did not serve within ${START_MS} ms`), START_MS);
    child.once('exit', (code) => {
      clearTimeout(timer);
      fail(`ended with code ${code}`);
    });
    if (child.stdout === null) return fail('has no output');
    createInterface({ input: child.stdout }).on('line', (line) => {
      log.push(`${line}\n`);
      const serving = servingSchema.safeParse(JSON.parse(line));
      if (!serving.success) return;
      clearTimeout(timer);
      child.removeAllListeners('exit');
      resolve({ process: child, serving: serving.data, log });
    });
  });
}

/** The command, as it is shipped. */
export function spawnPaddock(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): ChildProcess {
  const child = spawn(process.execPath, [BUILT_COMMAND, ...args], {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { ...process.env, ...env },
  });
  return noteStarted(child);
}

function ended(child: ChildProcess, signal: NodeJS.Signals): Promise<number | null> {
  return new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) return resolve(child.exitCode);
    child.once('exit', (code) => resolve(code));
    child.kill(signal);
  });
}
