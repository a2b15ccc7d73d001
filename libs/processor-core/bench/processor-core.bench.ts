import {
  assert,
  DEFAULT_LIMITS,
  DEFAULT_TIMING,
  makeFrontendIncarnation,
  makeSessionId,
  makeTerm,
  NO_SESSION,
  trustedPath,
  ZXID_ZERO,
} from '@paddock/model';
import type {
  LookUpAnswer,
  LookUpReply,
  LookUpRequest,
  ProcessorRequest,
  WriteOperation,
  ZnodeRecord,
  Zxid,
} from '@paddock/model';
import { ProcessorEffects } from '../src/processor-effects.ts';
import type { ProcessorEvent } from '../src/processor-event.ts';
import { RequestProcessorCore } from '../src/request-processor-core.ts';

const BATCH = 64;
const BATCHES_AHEAD = 16;
const SESSIONS = 256;
const FRONTEND = 1;
const TERM = makeTerm(1, 1);
const DATA = new Uint8Array(100).fill(0x61);

export interface BenchResult {
  readonly name: string;
  readonly operations: number;
  readonly perSecond: number;
  /** Of this process, garbage collection included: what a busy machine does not blur. */
  readonly cpuMicroseconds: number;
}

interface Workload {
  readonly name: string;
  readonly operation: (number: number) => WriteOperation;
  readonly record: (path: string) => ZnodeRecord | null;
}

const PARENT: ZnodeRecord = {
  version: 0,
  cversion: 0,
  creates: 0,
  numChildren: 0,
  dataLength: 0,
  ephemeralOwner: NO_SESSION,
  kind: 'persistent',
  ttlMs: 0,
  mtime: 0,
  czxid: ZXID_ZERO,
  mzxid: ZXID_ZERO,
};

function record(path: string): ZnodeRecord | null {
  return path.lastIndexOf('/') === 0 ? PARENT : null;
}

const WORKLOADS: readonly Workload[] = [
  {
    name: 'create, 100 bytes',
    operation: (number) => ({
      kind: 'create',
      path: trustedPath(`/parent${number % 16}/znode${number}`),
      data: DATA,
      mode: 'persistent',
      ttlMs: 0,
    }),
    record,
  },
  {
    name: 'set data, 100 bytes',
    operation: (number) => ({
      kind: 'setData',
      path: trustedPath(`/znode${number % 10_000}`),
      data: DATA,
      version: -1,
    }),
    record,
  },
  {
    name: 'create ephemeral sequential',
    operation: (number) => ({
      kind: 'create',
      path: trustedPath(`/parent${number % 16}/lock-`),
      data: DATA,
      mode: 'ephemeralSequential',
      ttlMs: 0,
    }),
    record,
  },
];

/** The neighbours, scripted: look-ups are answered at once, and the database applies one batch behind. */
class Neighbours {
  readonly core: RequestProcessorCore;
  readonly #out = new ProcessorEffects();
  readonly #record: Workload['record'];
  #lookUps: LookUpRequest[] = [];
  #proposed: Zxid = ZXID_ZERO;
  #applied: Zxid = ZXID_ZERO;

  constructor(workload: Workload) {
    this.#record = workload.record;
    const limits = { ...DEFAULT_LIMITS, ephemeralBytesPerSession: 2 ** 40, requestBytes: 2 ** 41 };
    this.core = new RequestProcessorCore(
      { processorAddress: 'here:1', limits, timing: DEFAULT_TIMING },
      { clock: { monotonicMs: () => 0, wallMs: () => 1_700_000_000_000 } },
    );
  }

  step(event: ProcessorEvent): void {
    const out = this.#out;
    this.core.step(event, out);
    out.broadcaster.drain((_, batch) => {
      for (const it of batch) {
        const last = it.kind === 'propose' ? it.entries.at(-1) : undefined;
        if (last !== undefined) this.#proposed = last.zxid;
      }
    });
    out.database.drain((_, batch) => {
      this.#lookUps.push(...batch);
    });
    out.frontends.drain(() => undefined);
    out.clear();
  }

  /** Says what is applied, then answers: everything proposed before this turn is. */
  databaseTurn(): void {
    do {
      const messages: LookUpReply[] = [{ kind: 'applied', zxid: this.#applied }];
      for (const { lookUp, query } of this.#lookUps) {
        const answer = this.#answer(query);
        messages.push({ kind: 'answer', lookUp, zxid: this.#applied, answer });
      }
      this.#lookUps = [];
      this.step({ kind: 'databaseReceived', link: 1, messages });
    } while (this.#lookUps.length > 0);
    this.#applied = this.#proposed;
  }

  #answer(query: LookUpRequest['query']): LookUpAnswer {
    switch (query.kind) {
      case 'znodes':
        return { kind: 'znodes', records: query.paths.map(this.#record) };
      case 'ephemerals':
        return { kind: 'ephemerals', ephemerals: [] };
      case 'sessions':
        return { kind: 'sessions', rows: [], more: false };
      case 'subtree':
        return { kind: 'subtree', znodes: [], more: false };
      case 'data':
        return { kind: 'data', data: query.paths.map(() => null) };
      case 'reapable':
        return { kind: 'reapable', paths: [] };
      case 'termStart':
        return { kind: 'termStart', time: 0, oldestTombstone: ZXID_ZERO, quotas: [] };
      case 'subtreeUse':
        return { kind: 'subtreeUse', count: 1, bytes: 0 };
    }
  }
}

function attachmentOf(session: number) {
  return { frontend: makeFrontendIncarnation(2 ** 50 + 1), connection: session, attempt: 1 };
}

function sessionOf(index: number) {
  return makeSessionId(2 ** 52 + index * 7919);
}

function serve(workload: Workload): Neighbours {
  const neighbours = new Neighbours(workload);
  neighbours.step({ kind: 'frontendConnected', link: FRONTEND });
  neighbours.step({ kind: 'databaseConnected', link: 1 });
  neighbours.step({ kind: 'broadcasterConnected', link: 1 });
  const grant = { kind: 'termGranted', term: TERM, lastProposed: ZXID_ZERO } as const;
  neighbours.step({ kind: 'broadcasterReceived', link: 1, messages: [grant] });
  neighbours.databaseTurn();
  const messages: ProcessorRequest[] = [];
  for (let i = 0; i < SESSIONS; i++) {
    messages.push({
      kind: 'openSession',
      session: sessionOf(i),
      secretHash: new Uint8Array(32),
      timeoutMs: 10_000,
      attachment: attachmentOf(i),
    });
  }
  const batch = { term: TERM, messages };
  neighbours.step({ kind: 'frontendReceived', link: FRONTEND, batch });
  assert(neighbours.core.status().sessions === SESSIONS, 'the term is served');
  return neighbours;
}

/** Batches of 64 writes, each write of another session than the one before it. */
function batches(workload: Workload, start: number, count: number): ProcessorRequest[][] {
  const made: ProcessorRequest[][] = [];
  for (let batch = 0; batch < count; batch++) {
    const messages: ProcessorRequest[] = [];
    for (let i = 0; i < BATCH; i++) {
      const number = start + batch * BATCH + i;
      const index = number % SESSIONS;
      const sequence = Math.floor(number / SESSIONS) + 1;
      messages.push({
        kind: 'write',
        session: sessionOf(index),
        attachment: attachmentOf(index),
        sequence,
        ackedThrough: sequence - 1,
        operation: workload.operation(number),
      });
    }
    made.push(messages);
  }
  return made;
}

function measure(workload: Workload, operations: number): BenchResult {
  const neighbours = serve(workload);
  const before = neighbours.core.status().lastAssigned;
  let elapsedMs = 0;
  let cpuMicroseconds = 0;
  let sent = 0;
  while (sent < operations) {
    // Made outside the clock, and a few at a time: a heap full of requests to come is not the core's.
    const prepared = batches(workload, sent, BATCHES_AHEAD);
    sent += BATCHES_AHEAD * BATCH;
    const cpuBefore = process.cpuUsage();
    const start = performance.now();
    for (const messages of prepared) {
      const batch = { term: TERM, messages };
      neighbours.step({ kind: 'frontendReceived', link: FRONTEND, batch });
      neighbours.databaseTurn();
    }
    elapsedMs += performance.now() - start;
    const cpu = process.cpuUsage(cpuBefore);
    cpuMicroseconds += cpu.user + cpu.system;
  }
  const done = neighbours.core.status().lastAssigned - before;
  assert(done === sent, 'every write became a transaction');
  return {
    name: workload.name,
    operations: done,
    perSecond: Math.round((done / elapsedMs) * 1000),
    cpuMicroseconds: cpuMicroseconds / done,
  };
}

/** Writes through the core alone, in batches, its neighbours scripted. */
export function run(operations = 200_000): BenchResult[] {
  for (const workload of WORKLOADS) measure(workload, operations / 4);
  return WORKLOADS.map((workload) => measure(workload, operations));
}

if (import.meta.main) {
  for (const { name, operations, perSecond, cpuMicroseconds } of run()) {
    const cpu = `${cpuMicroseconds.toFixed(2)} us of CPU each`;
    process.stdout.write(`${name}: ${perSecond} a second, ${cpu} (${operations})\n`);
  }
}
