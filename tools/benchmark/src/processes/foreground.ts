// `paddock serve --config FILE`: one replica, or one stage of it, as a process of its own whose log
// the benchmark reads.
import type { ChildProcess } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { BenchmarkError } from '../benchmark-error.ts';
import type { Children } from './children.ts';

const COMMAND = '../../../apps/cli/src/main.ts';
const SYSTEM_CHOICE = '127.0.0.1:0';
const SERVING_MS = 120_000;
const HEALTH_MS = 5;

export const ENDPOINTS = [
  'client',
  'requestProcessor',
  'zabBroadcaster',
  'replicatedDatabase',
] as const;

export type Addresses = Readonly<Partial<Record<(typeof ENDPOINTS)[number], string>>>;

const listening = z.object({
  kind: z.literal('listening'),
  addresses: z.partialRecord(z.enum(ENDPOINTS), z.string()),
  admin: z.string(),
});

const logLine = z.looseObject({ time: z.number(), msg: z.string() });

/** `time` in milliseconds since 1970. */
export type LogLine = z.infer<typeof logLine>;

export interface ForegroundOptions {
  /** Holds the configuration file and the data. */
  readonly directory: string;
  /** Of the configuration file; what is not named is the system's choice. */
  readonly addresses?: Addresses;
  readonly limits?: Readonly<Record<string, number>>;
  readonly stage?: string;
  /** Its number and the members of its ensemble; none: alone. */
  readonly replica?: number;
  readonly ensemble?: readonly Readonly<Record<string, string | number>>[];
}

export interface Foreground {
  readonly pid: number;
  readonly addresses: Addresses;
  readonly admin: string;
  readonly startedMs: number;
  /** Grows while it runs. */
  readonly log: readonly LogLine[];
  /** Resolves when its health says that it serves; milliseconds since 1970. */
  untilServing(): Promise<number>;
  stop(signal?: NodeJS.Signals): Promise<void>;
}

function configurationFile(options: ForegroundOptions, name: string): string {
  const system = Object.fromEntries(ENDPOINTS.map((endpoint) => [endpoint, SYSTEM_CHOICE]));
  const file = join(options.directory, `${name}.json`);
  const content = {
    dataDirectory: join(options.directory, 'data'),
    addresses: { ...system, ...options.addresses },
    limits: options.limits ?? {},
    ...(options.replica === undefined ? {} : { replica: options.replica }),
    ...(options.ensemble === undefined ? {} : { ensemble: options.ensemble }),
  };
  writeFileSync(file, JSON.stringify(content));
  return file;
}

function readLog(child: ChildProcess): LogLine[] {
  const log: LogLine[] = [];
  if (child.stdout === null) return log;
  createInterface({ input: child.stdout }).on('line', (line) => {
    if (line.startsWith('{')) log.push(logLine.parse(JSON.parse(line)));
  });
  return log;
}

async function untilServing(admin: string): Promise<number> {
  const until = Date.now() + SERVING_MS;
  while (Date.now() < until) {
    const response = await fetch(`http://${admin}/health`);
    await response.body?.cancel();
    if (response.ok) return Date.now();
    await sleep(HEALTH_MS);
  }
  throw new BenchmarkError(`nothing serves within ${SERVING_MS} ms`);
}

let started = 0;

/** Resolves when the process listens. */
export function startForeground(
  children: Children,
  options: ForegroundOptions,
): Promise<Foreground> {
  const { stage } = options;
  const file = configurationFile(options, `${stage ?? 'replica'}-${++started}`);
  const startedMs = Date.now();
  const child = children.start({
    script: COMMAND,
    args: [
      ...['serve', '--config', file, '--admin', SYSTEM_CHOICE],
      ...(stage === undefined ? [] : ['--stage', stage]),
    ],
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
  });
  const log = readLog(child);
  return new Promise((resolve, reject) => {
    child.once('exit', (code) => reject(new BenchmarkError(`${file} has ended with code ${code}`)));
    child.once('message', (message) => {
      const { addresses, admin } = listening.parse(message);
      resolve({
        pid: child.pid ?? 0,
        addresses,
        admin,
        startedMs,
        log,
        untilServing: () => untilServing(admin),
        stop: (signal) => children.stop(child, signal),
      });
    });
  });
}
