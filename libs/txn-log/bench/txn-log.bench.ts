// The log on the disk of this machine (in the working directory): one entry at a time, which is append and fdatasync,
// with and without space written ahead; and as many as group commit takes.
import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { makeEpoch, makeZxid, ZXID_ZERO } from '@paddock/model';
import type { LogEntry, Zxid } from '@paddock/model';
import { NodeDisk } from '@paddock/node-runtime';
import { TxnLog } from '../src/index.ts';

export interface Measurement {
  readonly name: string;
  readonly operations: number;
  readonly perSecond: number;
}

const PAYLOAD = new Uint8Array(200).fill(7);
const SINGLE = 500;
const BURST = 256;
const BURSTS = 800;

/** A log in a directory of its own that counts zxids up. */
class BenchLog {
  readonly log: TxnLog;
  readonly #directory: string;
  #counter = 0;
  #isDone: (zxid: Zxid) => void = () => undefined;

  constructor(fillBytes?: number) {
    this.#directory = mkdtempSync(join(process.cwd(), '.bench-log-'));
    const member = { replica: 1, incarnation: 1, role: 'voter', address: '' } as const;
    const initialConfiguration = {
      clusterId: 'bench',
      formatLevel: 1,
      version: 1,
      removed: [],
      members: [member],
    };
    const options = { segmentBytes: 64 * 1024 * 1024, initialConfiguration };
    this.log = new TxnLog(
      new NodeDisk(this.#directory),
      fillBytes === undefined ? options : { ...options, fillBytes },
      {
        durable: (zxid) => this.#isDone(zxid),
        purged: () => undefined,
        failed: (error) => {
          throw error;
        },
      },
    );
    this.log.writeEpochs({ acceptedEpoch: makeEpoch(1), currentEpoch: makeEpoch(1) });
  }

  append(count: number): Zxid {
    const entries: LogEntry[] = [];
    for (let i = 0; i < count; i++) {
      this.#counter++;
      entries.push({ zxid: makeZxid(1, this.#counter), kind: 'data', payload: PAYLOAD });
    }
    this.log.append(entries, ZXID_ZERO);
    return makeZxid(1, this.#counter);
  }

  durable(zxid: Zxid): Promise<void> {
    return new Promise((resolve) => {
      this.#isDone = (durable) => {
        if (durable >= zxid) resolve();
      };
    });
  }

  dispose(): void {
    this.log.close();
    rmSync(this.#directory, { recursive: true });
  }
}

function measurement(name: string, operations: number, milliseconds: number): Measurement {
  return { name, operations, perSecond: Math.round((operations * 1000) / milliseconds) };
}

async function one(bench: BenchLog): Promise<number> {
  const start = performance.now();
  await bench.durable(bench.append(1));
  return performance.now() - start;
}

/** Alternating, and the median of each, so that the disk's moods hit all alike. */
async function single(): Promise<Measurement[]> {
  const ahead = new BenchLog();
  const growing = new BenchLog(0);
  const aheadMs: number[] = [];
  const growingMs: number[] = [];
  for (let i = 0; i < SINGLE; i++) {
    aheadMs.push(await one(ahead));
    growingMs.push(await one(growing));
  }
  ahead.dispose();
  growing.dispose();
  return [
    measurement('log append + sync, one at a time, zeros ahead (median)', 1, median(aheadMs)),
    measurement('log append + sync, one at a time, growing file (median)', 1, median(growingMs)),
  ].map((it) => ({ ...it, operations: SINGLE }));
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >>> 1] ?? 0;
}

/** A burst each turn of the loop, as clients that pipeline do. */
async function grouped(): Promise<Measurement[]> {
  const bench = new BenchLog();
  const start = performance.now();
  const cpu = process.cpuUsage();
  let last = ZXID_ZERO;
  for (let i = 0; i < BURSTS; i++) {
    last = bench.append(BURST);
    await new Promise(setImmediate);
  }
  await bench.durable(last);
  const milliseconds = performance.now() - start;
  const { user, system } = process.cpuUsage(cpu);
  const { syncs } = bench.log.counters;
  bench.dispose();
  const operations = BURSTS * BURST;
  const each = ((user + system) / operations).toFixed(2);
  const name = `log appends, group commit, ${syncs} syncs, ${each} CPU us each`;
  return [measurement(name, operations, milliseconds)];
}

export async function run(): Promise<Measurement[]> {
  return [...(await single()), ...(await grouped())];
}

if (import.meta.main) {
  for (const { name, perSecond } of await run()) {
    const micros = (1e6 / perSecond).toFixed(1);
    process.stdout.write(`${name}: ${perSecond} a second, ${micros} us each\n`);
  }
}
