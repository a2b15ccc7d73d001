// What a link over gRPC costs: the conversion alone, each way, and the whole way over the loopback
// interface with both ends in this process.
import type { Link } from '@paddock/ports';
import { createGrpcServer, GrpcLinkDialer, listen, serveLink } from '../src/index.ts';
import type { LinkFormat } from '../src/wire/link-format.ts';
import { eachWorkload, limits, type Workload } from './workloads.ts';

export interface BenchResult {
  readonly name: string;
  readonly operations: number;
  readonly perSecond: number;
  /** CPU microseconds of this process an operation; of both ends together where there are two. */
  readonly microsPerOperation: number;
}

const BATCHES = [64, 256];
const CONVERSIONS = 60_000;
const EXCHANGES = 60_000;
/** Batches under way at a time. */
const DEPTH = 8;

function result(name: string, operations: number, start: Start): BenchResult {
  const seconds = Number(process.hrtime.bigint() - start.time) / 1e9;
  const cpu = process.cpuUsage(start.cpu);
  const microsPerOperation = (cpu.user + cpu.system) / operations;
  return { name, operations, perSecond: Math.round(operations / seconds), microsPerOperation };
}

interface Start {
  readonly time: bigint;
  readonly cpu: NodeJS.CpuUsage;
}

function started(): Start {
  return { time: process.hrtime.bigint(), cpu: process.cpuUsage() };
}

/** Batches to bytes, then bytes to batches. */
function conversions<Batch>(
  name: string,
  from: LinkFormat<Batch, unknown>,
  to: LinkFormat<unknown, Batch>,
  batch: Batch,
  size: number,
): BenchResult[] {
  const rounds = Math.ceil(CONVERSIONS / size);
  const frames: Uint8Array[] = [];
  const write = (): void => {
    const outgoing = from.outgoing(limits);
    outgoing.write(batch);
    for (let bytes = outgoing.take(); bytes !== undefined; bytes = outgoing.take()) {
      frames.push(bytes);
    }
  };
  const results: BenchResult[] = [];
  // The first pass warms up.
  for (let pass = 0; pass < 2; pass++) {
    results.length = 0;
    frames.length = 0;
    let start = started();
    for (let i = 0; i < rounds; i++) write();
    results.push(result(`${name}, written`, rounds * size, start));
    start = started();
    for (const bytes of frames) to.read(bytes);
    results.push(result(`${name}, read`, rounds * size, start));
  }
  return results;
}

async function exchange<Up, Down>(
  workload: Workload<Up, Down>,
  size: number,
): Promise<BenchResult> {
  const { boundary } = workload;
  const server = createGrpcServer({ messageBytes: limits.linkMessageBytes, concurrentStreams: 10 });
  serveLink(
    server,
    boundary,
    (link) => ({
      received: (batch) => void link.send(workload.reply(workload.asked(batch))),
      drained: () => undefined,
      ended: () => undefined,
    }),
    limits,
  );
  const dialer = new GrpcLinkDialer(boundary, { limits });
  const address = `127.0.0.1:${await listen(server, '127.0.0.1:0')}`;
  let outstanding = 0;
  let answered = 0;
  let wanted = EXCHANGES / 2;
  let finished: () => void = () => undefined;
  const pump = (link: Link<Up>): void => {
    while (answered + outstanding < wanted && outstanding <= (DEPTH - 1) * size) {
      outstanding += size;
      link.send(workload.request(size));
    }
    if (answered >= wanted) finished();
  };
  const link: Link<Up> = dialer.dial(address, {
    received: (batch) => {
      const count = workload.answered(batch);
      answered += count;
      outstanding -= count;
      pump(link);
    },
    drained: () => undefined,
    ended: () => undefined,
  });
  const run = (): Promise<void> =>
    new Promise((resolve) => {
      finished = resolve;
      pump(link);
    });
  await run();
  const before = answered;
  wanted = before + EXCHANGES;
  const start = started();
  await run();
  const measured = result(
    `${workload.name}, there and back, batches of ${size}`,
    answered - before,
    start,
  );
  link.close({ cause: 'closed', reason: 'done' });
  dialer.close();
  server.forceShutdown();
  return measured;
}

export async function run(): Promise<BenchResult[]> {
  const results: BenchResult[] = [];
  await eachWorkload(async (workload) => {
    const { name, boundary } = workload;
    const { dialler, acceptor } = boundary;
    results.push(
      ...conversions(`${name}, request`, dialler, acceptor, workload.request(64), 64),
      ...conversions(`${name}, reply`, acceptor, dialler, workload.reply(64), 64),
    );
    for (const size of BATCHES) results.push(await exchange(workload, size));
  });
  return results;
}
