import { encodeTransaction } from '@paddock/codec';
import {
  assert,
  DEFAULT_LIMITS,
  DEFAULT_TIMING,
  makeFrontendIncarnation,
  makeSessionId,
  makeZxid,
  NO_SESSION,
  trustedPath,
  ZXID_ZERO,
} from '@paddock/model';
import type { Change, DatabaseRequest, LogEntry, SessionId, Zxid } from '@paddock/model';
import { DatabaseCore } from '../src/database-core.ts';
import { DatabaseEffects } from '../src/database-effects.ts';
import type { DatabaseEvent } from '../src/database-event.ts';

const BATCH = 64;
const SESSIONS = 256;
const PARENTS = 64;
const FRONTEND = 1;
const BROADCASTER = 2;
/** Made outside the clock, and a few batches at a time: a heap full of requests to come is not the core's. */
const PREPARED = 16 * BATCH;
const DATA = new Uint8Array(100).fill(0x61);

export interface BenchResult {
  readonly name: string;
  readonly operations: number;
  readonly perSecond: number;
  /** CPU of this process, garbage collection included: what a busy machine does not blur. */
  readonly microsPerOperation: number;
}

function sessionOf(number: number): SessionId {
  return makeSessionId(9_000_000_000 + (number % SESSIONS));
}

function pathOf(number: number): string {
  return `/parent${number % PARENTS}/znode${number}`;
}

/** A core with one front-end, its sessions attached, and a tree of as many znodes as asked for. */
class Database {
  readonly core: DatabaseCore;
  readonly out = new DatabaseEffects();
  replies = 0;
  #counter = 0;

  constructor() {
    const limits = {
      ...DEFAULT_LIMITS,
      snapshotTransactions: Infinity,
      snapshotLogBytes: Infinity,
    };
    const clock = { monotonicMs: () => 0, wallMs: () => 0 };
    this.core = new DatabaseCore(
      { identity: { replica: 1, incarnation: 1 }, limits, timing: DEFAULT_TIMING },
      { clock },
    );
    this.step({ kind: 'snapshotLoadEnded', snapshot: ZXID_ZERO });
    this.step({ kind: 'broadcasterConnected', link: BROADCASTER });
    this.step({
      kind: 'broadcasterReceived',
      link: BROADCASTER,
      messages: [{ kind: 'probed', probe: 1, floor: ZXID_ZERO }],
    });
    this.step({ kind: 'frontendConnected', link: FRONTEND });
    const frontend = makeFrontendIncarnation(FRONTEND);
    this.ask([{ kind: 'openStream', frontend }]);
    const opened: LogEntry[] = [];
    for (let i = 0; i < SESSIONS; i++) {
      opened.push(
        this.entry(NO_SESSION, 0, {
          kind: 'openSession',
          session: sessionOf(i),
          timeoutMs: 10_000,
          secretHash: new Uint8Array(32),
          attachment: { frontend, connection: i + 1, attempt: 1 },
          windowCount: 4096,
          windowBytes: 2 ** 20,
        }),
      );
    }
    for (let i = 0; i < PARENTS; i++) {
      opened.push(this.entry(NO_SESSION, 0, creation(`/parent${i}`)));
    }
    this.deliver(opened);
  }

  entry(session: SessionId, sequence: number, change: Change): LogEntry {
    this.#counter += 1;
    const zxid: Zxid = makeZxid(1, this.#counter);
    const payload = encodeTransaction({
      time: 1_700_000_000_000 + this.#counter,
      session,
      sequence,
      requestHash: this.#counter,
      ackedThrough: Math.max(0, sequence - 1),
      change,
    });
    return { zxid, kind: 'data', payload };
  }

  deliver(entries: readonly LogEntry[]): void {
    const batch = [{ kind: 'entries', entries } as const];
    this.step({ kind: 'broadcasterReceived', link: BROADCASTER, messages: batch });
  }

  ask(batch: readonly DatabaseRequest[]): void {
    this.step({ kind: 'frontendReceived', link: FRONTEND, messages: batch });
  }

  step(event: DatabaseEvent): void {
    const { out } = this;
    this.core.step(event, out);
    out.frontends.drain((_, replies) => (this.replies += replies.length));
    out.broadcaster.drain(() => undefined);
    out.clear();
  }
}

function creation(path: string): Change {
  return {
    kind: 'createZnode',
    path: trustedPath(path),
    data: DATA,
    znodeKind: 'persistent',
    ttlMs: 0,
    ephemeralOwner: NO_SESSION,
    parentCversion: 1,
    parentCreates: 1,
  };
}

/** Transactions of sessions in turn, each acknowledging the one before. */
function writes(
  database: Database,
  first: number,
  changeOf: (number: number) => Change,
): LogEntry[][] {
  const batches: LogEntry[][] = [];
  for (let start = first; start < first + PREPARED; start += BATCH) {
    const entries: LogEntry[] = [];
    for (let number = start; number < start + BATCH; number++) {
      const sequence = 1 + Math.floor(number / SESSIONS);
      entries.push(database.entry(sessionOf(number), sequence, changeOf(number)));
    }
    batches.push(entries);
  }
  return batches;
}

function reads(
  first: number,
  kind: 'getData' | 'exists',
  watch: boolean,
  znodes: number,
): DatabaseRequest[][] {
  const batches: DatabaseRequest[][] = [];
  for (let start = first; start < first + PREPARED; start += BATCH) {
    const requests: DatabaseRequest[] = [];
    for (let number = start; number < start + BATCH; number++) {
      requests.push({
        kind: 'read',
        session: sessionOf(number),
        afterSequence: 0,
        floor: makeZxid(1, 1),
        stalenessMs: Infinity,
        operation: { kind, path: trustedPath(pathOf((number * 7919) % znodes)), watch },
      });
    }
    batches.push(requests);
  }
  return batches;
}

function timed<Batch>(
  name: string,
  operations: number,
  prepare: (first: number) => readonly Batch[],
  give: (batch: Batch) => void,
): BenchResult {
  let milliseconds = 0;
  let micros = 0;
  for (let first = 0; first < operations; first += PREPARED) {
    const batches = prepare(first);
    const before = process.cpuUsage();
    const start = performance.now();
    for (const batch of batches) give(batch);
    milliseconds += performance.now() - start;
    const { user, system } = process.cpuUsage(before);
    micros += user + system;
  }
  return {
    name,
    operations,
    perSecond: Math.round((operations / milliseconds) * 1000),
    microsPerOperation: micros / operations,
  };
}

/** Applies, reads and watches through the core alone, in batches of 64, its neighbours scripted. */
export function run(operations = 128 * PREPARED): BenchResult[] {
  measure(16 * PREPARED);
  return measure(operations);
}

function measure(operations: number): BenchResult[] {
  const database = new Database();
  const deliver = (entries: LogEntry[]): void => database.deliver(entries);
  const ask = (batch: DatabaseRequest[]): void => database.ask(batch);
  const setting = (number: number): Change => ({
    kind: 'setZnodeData',
    path: trustedPath(pathOf((number * 7919) % operations)),
    data: DATA,
    version: number,
  });
  const create = (first: number) => writes(database, first, (it) => creation(pathOf(it)));
  const set = (first: number) => writes(database, operations + first, setting);
  const fire = (first: number) => writes(database, 2 * operations + first, setting);
  const get = (first: number) => reads(first, 'getData', false, operations);
  const exists = (first: number) => reads(first, 'exists', false, operations);
  const watch = (first: number) => reads(first, 'getData', true, operations);
  const results = [
    timed('apply create, 100 bytes', operations, create, deliver),
    timed('apply setData, 100 bytes', operations, set, deliver),
    timed('getData, 100 bytes', operations, get, ask),
    timed('exists', operations, exists, ask),
    timed('getData with a watch', operations, watch, ask),
    timed('apply setData that fires a watch', operations, fire, deliver),
  ];
  assert(database.core.status().znodes === operations + PARENTS + 1, 'every create was applied');
  assert(database.replies > 7 * operations, 'every operation was answered');
  return results;
}

if (import.meta.main) {
  for (const { name, operations, perSecond, microsPerOperation } of run()) {
    const cpu = `${microsPerOperation.toFixed(2)} us of CPU each`;
    process.stdout.write(`${name}: ${perSecond} a second, ${cpu} (${operations})\n`);
  }
}
