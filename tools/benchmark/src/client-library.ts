// The client as people use it: what one session does a second with one call in flight and with a thousand, what that
// costs its process, what stays in memory, and how large it is.
import { fileURLToPath } from 'node:url';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { gzipSync } from 'node:zlib';
import { connect } from '@paddock/client';
import type { Client } from '@paddock/client';
import { build } from 'esbuild';
import { cpuMicroseconds } from './arithmetic/cpu-time.ts';
import { repeated } from './arithmetic/repeated.ts';
import type { Repeated } from './arithmetic/repeated.ts';
import { figure, tableLines } from './arithmetic/table.ts';
import { BenchmarkError } from './benchmark-error.ts';
import { withProcesses } from './processes/with-processes.ts';
import { startForeground } from './processes/foreground.ts';

export interface ClientLibraryOptions {
  readonly quick: boolean;
  readonly json: boolean;
  readonly data: string | undefined;
}

interface Row {
  readonly name: string;
  readonly perSecond: Repeated;
  readonly clientMicroseconds: Repeated;
  readonly serverMicroseconds: Repeated;
}

interface Memory {
  readonly operations: number;
  /** Bytes that live on the heap, before and after. */
  readonly before: number;
  readonly after: number;
}

interface Size {
  readonly bytes: number;
  readonly gzippedBytes: number;
}

type Call = (client: Client) => Promise<unknown>;

const PATH = '/measured';
const DATA = 'x'.repeat(100);
const ROUNDS = 5;
const QUICK_ROUNDS = 2;
const ROUND_MS = 2000;
const WARM_UP_MS = 1000;
const MANY = 1000;
const OPERATIONS = 1_000_000;
const QUICK_OPERATIONS = 100_000;

const CASES: readonly (readonly [name: string, inFlight: number, call: Call])[] = [
  ['get, 1 in flight', 1, (client) => client.get(PATH)],
  ['get, 1000 in flight', MANY, (client) => client.get(PATH)],
  ['set, 1 in flight', 1, (client) => client.set(PATH, DATA)],
  ['set, 1000 in flight', MANY, (client) => client.set(PATH, DATA)],
];

/** Keeps so many calls in flight until it is told to stop; gives how many were answered. */
async function keepInFlight(
  client: Client,
  inFlight: number,
  call: Call,
  goesOn: (answered: number) => boolean,
): Promise<number> {
  let answered = 0;
  const one = async (): Promise<void> => {
    while (goesOn(answered)) {
      await call(client);
      answered++;
    }
  };
  await Promise.all(Array.from({ length: inFlight }, one));
  return answered;
}

function during(ms: number): () => boolean {
  const untilMs = performance.now() + ms;
  return () => performance.now() < untilMs;
}

async function measure(
  client: Client,
  pid: number,
  [name, inFlight, call]: (typeof CASES)[number],
  rounds: number,
): Promise<Row> {
  const perSecond: number[] = [];
  const ofClient: number[] = [];
  const ofServer: number[] = [];
  await keepInFlight(client, inFlight, call, during(WARM_UP_MS));
  for (let round = 0; round < rounds; round++) {
    const [serverBefore = 0] = cpuMicroseconds([pid]);
    const before = process.cpuUsage();
    const startedMs = performance.now();
    const answered = await keepInFlight(client, inFlight, call, during(ROUND_MS));
    const seconds = (performance.now() - startedMs) / 1000;
    const { user, system } = process.cpuUsage(before);
    const [serverAfter = 0] = cpuMicroseconds([pid]);
    perSecond.push(answered / seconds);
    ofClient.push((user + system) / answered);
    ofServer.push((serverAfter - serverBefore) / answered);
  }
  return {
    name,
    perSecond: repeated(perSecond),
    clientMicroseconds: repeated(ofClient),
    serverMicroseconds: repeated(ofServer),
  };
}

function livingBytes(): number {
  setFlagsFromString('--expose-gc');
  const collect: unknown = runInNewContext('gc');
  if (typeof collect !== 'function') throw new BenchmarkError('there is no garbage collector');
  Reflect.apply(collect, undefined, []);
  Reflect.apply(collect, undefined, []);
  return process.memoryUsage().heapUsed;
}

async function measureMemory(client: Client, operations: number): Promise<Memory> {
  const calls = async (count: number): Promise<void> => {
    let asked = 0;
    const call: Call = (it) => (asked % 2 === 0 ? it.get(PATH) : it.set(PATH, DATA));
    await keepInFlight(client, MANY, call, () => ++asked <= count);
  };
  await calls(operations / 10);
  const before = livingBytes();
  await calls(operations);
  return { operations, before, after: livingBytes() };
}

/** Of one file with all that the client needs, also of others, as a bundler for servers makes it. */
async function measureSize(): Promise<Size> {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL('../../../libs/client/src/index.ts', import.meta.url))],
    ...{ bundle: true, minify: true, write: false, platform: 'node', format: 'esm' },
    ...{ target: 'node22', conditions: ['@paddock/source'], logLevel: 'error' },
  });
  const [file] = outputFiles;
  if (file === undefined) throw new BenchmarkError('nothing was bundled');
  return { bytes: file.contents.length, gzippedBytes: gzipSync(file.contents).length };
}

function lines(rows: readonly Row[], memory: Memory, size: Size): string[] {
  const ranged = ({ median, least, most }: Repeated): string =>
    `${figure(median)} (${figure(least)}–${figure(most)})`;
  const kib = (bytes: number): string => `${figure(bytes / 1024)} KiB`;
  return [
    'One session of @paddock/client with a replica in a process of its own, on one machine; znodes of 100 bytes.',
    '',
    ...tableLines([
      ['', 'a second', 'CPU µs of the client', 'of the replica'],
      ...rows.map((it) => [
        it.name,
        ...[it.perSecond, it.clientMicroseconds, it.serverMicroseconds].map(ranged),
      ]),
    ]),
    '',
    `On the heap: ${kib(memory.before)}, and ${kib(memory.after)} after ${figure(memory.operations)} more operations.`,
    `In one file, with all that it needs: ${kib(size.bytes)}, gzipped ${kib(size.gzippedBytes)}.`,
  ];
}

export async function benchmarkClientLibrary(options: ClientLibraryOptions): Promise<void> {
  const { quick, json, data } = options;
  await withProcesses(data, async (children, directory) => {
    const served = await startForeground(children, { directory });
    await served.untilServing();
    const client = await connect({ servers: served.addresses.client ?? '' });
    await client.create(PATH, DATA);
    const rows: Row[] = [];
    for (const each of CASES) {
      rows.push(await measure(client, served.pid, each, quick ? QUICK_ROUNDS : ROUNDS));
    }
    const memory = await measureMemory(client, quick ? QUICK_OPERATIONS : OPERATIONS);
    await client.close();
    const size = await measureSize();
    console.log(
      json ? JSON.stringify({ rows, memory, size }) : lines(rows, memory, size).join('\n'),
    );
  });
}
