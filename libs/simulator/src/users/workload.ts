import {
  ANY_VERSION,
  CREATE_MODES,
  NO_QUOTA,
  NO_SESSION,
  NO_TTL,
  RELATIONS,
  ROOT,
  trustedSessionId,
  ZXID_ZERO,
} from '@paddock/model';
import type {
  BatchedRead,
  ClientOperation,
  ClientSessionList,
  Comparison,
  CreateMode,
  ReadConsistency,
  Stat,
  TransactionStep,
} from '@paddock/model';
import type { OperationRecord } from '../record/history.ts';
import type { SeededRandom } from '../kernel/seeded-random.ts';
import { GUARDED_TOP, guardedOperation } from './guarded-workload.ts';

/** Every session makes sure of these first, so that the rest has where to stand. */
export const PARENTS = ['/registers', '/counters', '/queue', '/members', '/nodes'] as const;
export const REGISTERS = ['/registers/a', '/registers/b'] as const;
export const COUNTERS = ['/counters/a', '/counters/b'] as const;
/** They come and go; one stands below another. */
export const NODES = ['/nodes/x', '/nodes/y', '/nodes/x/k'] as const;
/** The ensemble deletes them when they are of no more use. */
const CONTAINER = '/nodes/c';
const BELOW_CONTAINER = '/nodes/c/k';
const TRANSIENT = '/nodes/t';
/** Transactions, and nothing else, change what is there. */
const TOGETHER = ['/together/a', '/together/b', '/together/a/c', '/together/d/e/f'] as const;
const MEMBERS = ['/members/a', '/members/b', '/members/c'] as const;
/** Sequential ones, and nothing else, are created there. */
export const SEQUENCE_PATH = '/queue/n-';
export const READ_PATHS = [
  ...REGISTERS,
  ...COUNTERS,
  ...NODES,
  ...MEMBERS,
  ...PARENTS,
  CONTAINER,
  BELOW_CONTAINER,
  TRANSIENT,
  ...TOGETHER,
] as const;

/** Most reads are local, as most are in life; how fresh the others must be is checked (H13). */
export function drawConsistency(random: SeededRandom): ReadConsistency {
  const drawn = random.below(10);
  if (drawn === 0) return { kind: 'linearizable' };
  if (drawn === 1) return { kind: 'boundedStaleness', ms: random.pick([0, 100, 1000]) };
  return { kind: 'local' };
}

/** Few znodes, so that everybody meets everybody. */
export class Workload {
  readonly #random: SeededRandom;
  readonly #dataBytes: number;
  /** As last seen by this client, right or not. */
  readonly #versions = new Map<string, number>();
  readonly #stats = new Map<string, Stat>();

  constructor(random: SeededRandom, dataBytes: number) {
    this.#random = random;
    this.#dataBytes = dataBytes;
  }

  /** What a new session asks first. */
  beginning(): ClientOperation[] {
    const paths = [...PARENTS, GUARDED_TOP, ...REGISTERS, ...COUNTERS];
    return paths.map((path) => this.#create(path, 'persistent'));
  }

  pipeline(most: number): ClientOperation[] {
    return Array.from({ length: this.#random.between(1, most) }, () => this.#operation());
  }

  /** What costs no session a row. */
  reads(most: number): ClientOperation[] {
    return Array.from({ length: this.#random.between(1, most) }, () => this.#read());
  }

  /** What is written while everybody waits for all to be well. */
  beat(): ClientOperation[] {
    return [this.#set(REGISTERS[0], ANY_VERSION)];
  }

  /** Learns versions from answers. */
  answered({ operation, settlement }: OperationRecord): void {
    if (settlement === null || !('path' in operation)) return;
    const { result } = settlement;
    if (!('stat' in result)) return;
    this.#versions.set(operation.path, result.stat.version);
    this.#stats.set(operation.path, result.stat);
  }

  #operation(): ClientOperation {
    const random = this.#random;
    const drawn = random.below(100);
    if (drawn < 8) return guardedOperation(random, this.#data(), drawConsistency(random));
    if (drawn < 28) return this.#read();
    if (drawn < 34) return this.#transaction();
    if (drawn < 38) return { kind: 'sync' };
    if (drawn < 52) return this.#set(random.pick(REGISTERS), this.#version(random.pick(REGISTERS)));
    if (drawn < 62) return this.#set(random.pick(COUNTERS), ANY_VERSION);
    if (drawn < 69) return this.#create(random.pick(NODES), 'persistent');
    if (drawn < 71) return this.#reaped();
    if (drawn < 72) return this.#setQuota();
    if (drawn < 80) {
      const path = random.pick(random.chance(0.6) ? NODES : MEMBERS);
      return { kind: 'delete', path, version: this.#version(path) };
    }
    if (drawn < 88) return this.#create(random.pick(MEMBERS), 'ephemeral');
    if (drawn < 94) return this.#create(SEQUENCE_PATH, random.pick(SEQUENTIAL));
    if (drawn < 97) return this.#create('/nodes/x/s', random.pick(CREATE_MODES));
    return this.#oddity();
  }

  /** Something of a znode that goes by itself. */
  #reaped(): ClientOperation {
    const random = this.#random;
    return random.pick<ClientOperation>([
      this.#create(CONTAINER, 'container'),
      this.#create(BELOW_CONTAINER, random.pick(['ephemeral', 'persistent'])),
      { kind: 'delete', path: BELOW_CONTAINER, version: ANY_VERSION },
      this.#set(TRANSIENT, ANY_VERSION),
      this.#create(TRANSIENT, 'persistentWithTtl', random.between(1, 3000)),
    ]);
  }

  /** Tight enough to be met now and then, and soon wide again. */
  #setQuota(): ClientOperation {
    const random = this.#random;
    const path = random.pick(QUOTA_PATHS);
    if (random.chance(0.4)) return { kind: 'setQuota', path, quota: NO_QUOTA };
    const limits = [random.below(8), random.below(400)] as const;
    const quota = { countHard: limits[0], countSoft: 3, bytesHard: limits[1], bytesSoft: 100 };
    return { kind: 'setQuota', path, quota };
  }

  #transaction(): ClientOperation {
    const random = this.#random;
    const seen = this.#stats.get(random.pick(TOGETHER));
    const czxid = seen?.czxid ?? ZXID_ZERO;
    const some = <T>(most: number, draw: () => T): T[] =>
      Array.from({ length: random.below(most + 1) }, draw);
    return {
      kind: 'transaction',
      guard: random.chance(0.1) ? { path: random.pick(TOGETHER), czxid } : null,
      compare: some(1, () => this.#comparison()),
      then: some(3, () => this.#step()),
      otherwise: some(2, () => this.#step()),
    };
  }

  #comparison(): Comparison<string> {
    const random = this.#random;
    const path = random.pick(TOGETHER);
    const relation = random.pick(RELATIONS);
    const seen = this.#stats.get(path);
    return random.pick<Comparison<string>>([
      { kind: 'exists', path, exists: random.chance(0.5) },
      { kind: 'version', path, relation, value: random.below(4) },
      { kind: 'mzxid', path, relation, value: seen?.mzxid ?? ZXID_ZERO },
      { kind: 'childCount', path, relation, value: random.below(3) },
      { kind: 'owner', path, relation, value: seen?.ephemeralOwner ?? 0 },
      { kind: 'data', path, relation, data: this.#data() },
    ]);
  }

  #step(): TransactionStep<string> {
    const random = this.#random;
    const path = random.pick(TOGETHER);
    const version = random.chance(0.9) ? ANY_VERSION : random.below(3);
    const mode = random.pick(['persistent', 'ephemeral', 'persistentSequential'] as const);
    const data = this.#data();
    const parents = random.chance(0.9);
    return random.pick<TransactionStep<string>>([
      { kind: 'create', path, data, mode, ttlMs: NO_TTL, parents },
      { kind: 'create', path, data, mode: 'persistent', ttlMs: NO_TTL, parents },
      { kind: 'setData', path, data, version, upsert: random.chance(0.7) },
      { kind: 'delete', path, version, recursive: random.chance(0.5) },
      { kind: 'check', path, version },
      { kind: random.pick(['getData', 'exists', 'getChildren'] as const), path },
    ]);
  }

  #read(): ClientOperation {
    const random = this.#random;
    if (random.chance(0.2)) return this.#readOfMany();
    if (random.chance(0.05)) {
      const mode = random.pick(['persistent', 'persistentRecursive'] as const);
      const path = random.pick([...READ_PATHS, '/']);
      return { kind: 'exists', path, watch: true, mode, atLeast: ZXID_ZERO };
    }
    return {
      kind: random.pick(['getData', 'exists', 'getChildren']),
      path: random.pick(READ_PATHS),
      watch: random.chance(0.5),
      atLeast: ZXID_ZERO,
      consistency: drawConsistency(random),
    };
  }

  #readOfMany(): ClientOperation {
    const random = this.#random;
    const consistency = drawConsistency(random);
    const terms = { path: random.pick(READ_PATHS), atLeast: ZXID_ZERO, consistency };
    const page = { after: random.pick(AFTER), limit: random.below(4), watch: random.chance(0.3) };
    return random.pick<ClientOperation>([
      { kind: 'getChildrenPage', ...terms, path: random.pick(PARENTS), ...page },
      { kind: 'countDescendants', ...terms },
      { kind: 'readMany', ...terms, path: ROOT, reads: this.#batch() },
      { kind: 'getQuotas', ...terms, path: random.pick(QUOTA_PATHS) },
      { kind: 'getEphemerals', ...terms, path: random.pick(PREFIXES), owner: NO_SESSION },
      {
        kind: 'getWatches',
        ...terms,
        path: random.pick(WATCHED),
        after: '',
        limit: random.below(6),
      },
      listSessions(random, terms),
    ]);
  }

  #batch(): BatchedRead<string>[] {
    const random = this.#random;
    const kinds = ['getData', 'exists', 'getChildren', 'countDescendants'] as const;
    const count = 1 + random.below(5);
    return Array.from({ length: count }, () => ({
      kind: random.pick(kinds),
      path: random.pick(READ_PATHS),
    }));
  }

  /** What no sensible client asks. */
  #oddity(): ClientOperation {
    const random = this.#random;
    return random.pick<ClientOperation>([
      this.#create('/nodes//y', 'persistent'),
      this.#create('/members/a/below', 'persistent'),
      this.#set('/absent', ANY_VERSION),
      { kind: 'delete', path: '/', version: ANY_VERSION },
      { kind: 'delete', path: '/nodes', version: ANY_VERSION },
      { kind: 'getData', path: 'relative', watch: true, atLeast: ZXID_ZERO },
      {
        kind: 'getChildrenPage',
        path: '/',
        after: '..',
        limit: 1,
        watch: true,
        atLeast: ZXID_ZERO,
      },
      { kind: 'unknown' },
    ]);
  }

  #create(path: string, mode: CreateMode, ttlMs = NO_TTL): ClientOperation {
    return { kind: 'create', path, data: this.#data(), mode, ttlMs };
  }

  #set(path: string, version: number): ClientOperation {
    return { kind: 'setData', path, data: this.#data(), version };
  }

  #data(): Uint8Array {
    const random = this.#random;
    // Large ones are rare: they are there to be larger than what is written ahead, or than a bound.
    const most = random.chance(0.9) ? Math.min(this.#dataBytes, 60) : this.#dataBytes;
    return new Uint8Array(random.below(most + 1)).fill(random.below(256));
  }

  #version(path: string): number {
    const random = this.#random;
    const seen = this.#versions.get(path);
    if (seen === undefined || random.chance(0.3)) return ANY_VERSION;
    return random.chance(0.9) ? seen : seen + 1;
  }
}

/** Pages that begin anywhere: ids are spread over all safe integers. */
export function listSessions(
  random: SeededRandom,
  terms: Pick<ClientSessionList, 'path' | 'atLeast' | 'consistency'>,
): ClientSessionList {
  const anywhere = trustedSessionId(random.below(2 ** 32) * 2 ** 21);
  const afterSession = random.chance(0.5) ? NO_SESSION : anywhere;
  return { kind: 'listSessions', ...terms, path: '/', afterSession, limit: random.below(4) };
}

/** Of watches: one is all, one ends within a name. */
const WATCHED = ['/', '/', '/nodes', '/reg'] as const;
/** Not above what everybody writes all the time. */
const QUOTA_PATHS = ['/nodes', '/nodes/x', '/together', '/together/a', '/members'] as const;
/** Of ephemerals: one is all, one ends within a name. */
const PREFIXES = ['/', '/members', '/nodes/x', '/queue/n-00000'] as const;
/** What a page begins behind. */
const AFTER = ['', '', 'a', 'n-0000000003', 'n-00000001', 'x'] as const;
const SEQUENTIAL = ['persistentSequential', 'ephemeralSequential'] as const;
