// What a znode costs in memory and time, kept in three ways: rows of typed memory (what the database
// uses), objects in a Map, and objects whose data lies in slabs. Each way runs in a process of its own.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { ObjectTree } from './znode-objects.ts';
import type { MeasuredTree } from './znode-objects.ts';
import { RowTree } from './znode-rows.ts';

interface Measurement {
  readonly way: string;
  readonly bytesPerZnode: number;
  readonly rssBytesPerZnode: number;
  readonly createNs: number;
  readonly findNs: number;
  readonly readNs: number;
  readonly setDataNs: number;
  readonly deleteNs: number;
  /** The longest that fifty creates took, by the clock: what growing costs, and the machine's noise. */
  readonly createMaxMs: number;
  readonly majorGcMs: number;
}

const DATA_BYTES = 100;
const PARENTS = 1000;
const SAMPLE = 200_000;
const BLOCK = 10_000;
const FEW = 50;

const ways: Readonly<Record<string, () => MeasuredTree>> = {
  'rows and slabs': () => new RowTree(),
  'objects in a Map': () => new ObjectTree(false),
  'objects, data in slabs': () => new ObjectTree(true),
};

/** As a frame from a client gives it: a fresh flat string whose hash nobody has computed. */
function pathOf(i: number): string {
  const parent = `/service/group-${i % PARENTS}`;
  return Buffer.from(`${parent}/member-${String(i).padStart(10, '0')}`).toString('latin1');
}

function usedBytes(): { held: number; rss: number } {
  globalThis.gc?.();
  globalThis.gc?.();
  const { heapUsed, external, rss } = process.memoryUsage();
  return { held: heapUsed + external, rss };
}

/** Of this thread's processor time, so that what else runs on the machine counts less. */
function cpuNs(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) * 1000;
}

function nanoseconds(count: number, action: () => void): number {
  const start = cpuNs();
  action();
  return (cpuNs() - start) / count;
}

/** The same pseudo-random rows in each process. */
function sample(count: number, among: number, seed: number): string[] {
  let state = seed;
  return Array.from({ length: count }, () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return pathOf(state % among);
  });
}

/** Creates in blocks, whose paths are made before. The longest stall is taken over a few creates. */
function fill(tree: MeasuredTree, from: number, to: number): { totalNs: number; maxMs: number } {
  const data = new Uint8Array(DATA_BYTES).fill(1);
  let totalNs = 0;
  let maxMs = 0;
  for (let start = from; start < to; start += BLOCK) {
    const paths = Array.from({ length: Math.min(BLOCK, to - start) }, (_, k) => pathOf(start + k));
    totalNs += nanoseconds(1, () => {
      for (let i = 0; i < paths.length; i += FEW) {
        const began = performance.now();
        for (const path of paths.slice(i, i + FEW)) tree.create(path, data);
        maxMs = Math.max(maxMs, performance.now() - began);
      }
    });
  }
  return { totalNs, maxMs };
}

function parents(tree: MeasuredTree): void {
  tree.create('/service', new Uint8Array(0));
  for (let i = 0; i < PARENTS; i++) tree.create(`/service/group-${i}`, new Uint8Array(0));
}

function measure(way: string, makeTree: () => MeasuredTree, znodes: number): Measurement {
  exercise(makeTree(), 20_000);
  const before = usedBytes();
  const tree = makeTree();
  parents(tree);
  const created = fill(tree, 0, znodes);
  const after = usedBytes();
  const majorGcMs = nanoseconds(1, () => globalThis.gc?.()) / 1e6;
  const times = exerciseSamples(tree, znodes);
  return {
    way,
    bytesPerZnode: (after.held - before.held) / znodes,
    rssBytesPerZnode: (after.rss - before.rss) / znodes,
    createNs: created.totalNs / znodes,
    ...times,
    createMaxMs: created.maxMs,
    majorGcMs,
  };
}

type Times = Pick<Measurement, 'findNs' | 'readNs' | 'setDataNs' | 'deleteNs'>;

function exerciseSamples(tree: MeasuredTree, znodes: number): Times {
  const count = Math.min(SAMPLE, znodes);
  const found = sample(count, znodes, 1);
  const read = sample(count, znodes, 2);
  const written = sample(count, znodes, 3);
  const deleted = Array.from({ length: count }, (_, i) => pathOf(znodes - 1 - i));
  const data = new Uint8Array(DATA_BYTES).fill(2);
  let check = 0;
  const times = {
    findNs: nanoseconds(count, () => {
      for (const path of found) check += tree.has(path) ? 1 : 0;
    }),
    readNs: nanoseconds(count, () => {
      for (const path of read) check += tree.read(path);
    }),
    setDataNs: nanoseconds(count, () => {
      for (const path of written) tree.setData(path, data);
    }),
    deleteNs: nanoseconds(count, () => {
      for (const path of deleted) tree.delete(path);
    }),
  };
  if (check < count) throw new RangeError('znodes are missing');
  return times;
}

/** Lets the compiler see every operation before anything is measured. */
function exercise(tree: MeasuredTree, znodes: number): void {
  parents(tree);
  fill(tree, 0, znodes);
  for (let i = 0; i < 5; i++) {
    exerciseSamples(tree, znodes);
    fill(tree, 0, znodes);
  }
}

function runAlone(way: string, znodes: number): Measurement {
  const own = fileURLToPath(import.meta.url);
  const flags = ['--expose-gc', '--conditions=@paddock/source', own];
  const args = [...flags, way, String(znodes)];
  const child = spawnSync(process.execPath, args, {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  if (child.status !== 0) throw new TypeError(`measuring "${way}" failed`);
  const measured: unknown = JSON.parse(child.stdout);
  if (!isMeasurement(measured)) throw new TypeError(`measuring "${way}" gave ${child.stdout}`);
  return measured;
}

function isMeasurement(value: unknown): value is Measurement {
  return typeof value === 'object' && value !== null && 'bytesPerZnode' in value;
}

function print(measurements: readonly Measurement[], znodes: number): void {
  console.log(
    `${znodes} znodes with ${DATA_BYTES} bytes of data; ns of processor time an operation\n`,
  );
  const head = ['', 'bytes', 'rss', 'create', 'find', 'read', 'set', 'delete', 'max ms', 'gc ms'];
  const rows = measurements.map((it) => [
    it.way,
    ...[it.bytesPerZnode, it.rssBytesPerZnode, it.createNs, it.findNs, it.readNs].map(rounded),
    ...[it.setDataNs, it.deleteNs, it.createMaxMs, it.majorGcMs].map(rounded),
  ]);
  for (const row of [head, ...rows]) {
    console.log(row.map((cell, i) => (i === 0 ? cell.padEnd(24) : cell.padStart(8))).join(''));
  }
  console.log(
    '\nbytes: heap and buffers after a collection, for each znode; read: find, stat and data',
  );
}

function rounded(value: number): string {
  return Math.round(value).toString();
}

export interface ZnodeMemoryOptions {
  readonly json: boolean;
  readonly znodes: number;
}

export function benchmarkZnodeMemory({ json, znodes }: ZnodeMemoryOptions): void {
  const measurements = Object.keys(ways).map((way) => runAlone(way, znodes));
  if (json) console.log(JSON.stringify({ znodes, dataBytes: DATA_BYTES, measurements }));
  else print(measurements, znodes);
}

if (import.meta.main) {
  const [way = '', znodes = ''] = process.argv.slice(2);
  const makeTree = ways[way];
  if (makeTree === undefined) throw new RangeError(`there is no way "${way}" to keep znodes`);
  console.log(JSON.stringify(measure(way, makeTree, Number(znodes))));
}
