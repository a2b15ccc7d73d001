import { ANY_VERSION, DEPTH_MAX, maxZxid, trustedZxid, ZXID_ZERO } from '@paddock/model';
import type {
  ClientOperation,
  ClientSubtree,
  ErrorCode,
  EventKind,
  SubtreeZnode,
  WatchEvent,
  WatchTerms,
  Zxid,
} from '@paddock/model';
import { describe } from '../record/describe.ts';
import type { UnaryRecord, WatchStreamRecord } from '../record/history.ts';
import type { SeededRandom } from '../kernel/seeded-random.ts';
import type { SimulatedEnsemble } from '../ensemble/simulated-ensemble.ts';
import type { SimulatedReplica } from '../ensemble/simulated-replica.ts';
import {
  COUNTERS,
  drawConsistency,
  listSessions,
  NODES,
  PARENTS,
  REGISTERS,
  SEQUENCE_PATH,
} from './workload.ts';
import { guardedOperation } from './guarded-workload.ts';
import type { World } from '../world.ts';

const RETRY_MS = 100;
const WATCHED = ['/nodes', '/registers/a', '/members', '/nodes/x'] as const;

interface OpenStream {
  readonly record: WatchStreamRecord;
  readonly replica: SimulatedReplica;
}

/** Somebody who uses the service without a session: unary calls, and watches that go on behind what they have told. */
export class Stranger {
  readonly #world: World;
  readonly #ensemble: SimulatedEnsemble;
  readonly #random: SeededRandom;
  readonly #calls = new Map<UnaryRecord, SimulatedReplica>();
  #isWorking = true;
  #streams: OpenStream[] = [];

  constructor(world: World, ensemble: SimulatedEnsemble) {
    this.#world = world;
    this.#ensemble = ensemble;
    this.#random = world.random.fork('stranger');
  }

  /** Its calls are answered, as far as they ever will be, and its watches are open. */
  get isContent(): boolean {
    return this.#calls.size === 0 && this.#streams.every((it) => it.record.opened !== null);
  }

  get condition(): string {
    const waiting = [...this.#calls.keys()].map((it) => describe(it.operation)).join(', ');
    const closed = this.#streams
      .filter(({ record }) => record.opened === null)
      .map(({ record, replica }) => `${record.path} at ${replica.number}`);
    return `the stranger waits for [${waiting}] and for watches of [${closed.join(', ')}]`;
  }

  work(): void {
    for (const path of WATCHED) {
      if (this.#random.chance(0.5)) this.#watch(path, ZXID_ZERO);
    }
    this.#call();
  }

  rest(): void {
    this.#isWorking = false;
  }

  /** Nobody will answer what was asked of it; its watches are opened at the next one, behind the last event. */
  frontendDied(replica: SimulatedReplica): void {
    for (const [call, at] of this.#calls) if (at === replica) this.#calls.delete(call);
    const ended = this.#streams.filter((it) => it.replica === replica);
    this.#streams = this.#streams.filter((it) => it.replica !== replica);
    for (const { record } of ended) this.#goOn(record);
  }

  #call(): void {
    if (!this.#isWorking) return;
    const { history, time, trace } = this.#world;
    const record: UnaryRecord = {
      operation: this.#operation(),
      submitted: history.moment(),
      settlement: null,
    };
    history.unary.push(record);
    const replica = this.#random.pick(this.#ensemble.replicas);
    this.#calls.set(record, replica);
    trace.tell('stranger', `asks ${replica.number} for ${describe(record.operation)}`);
    const { operation } = record;
    const ask =
      operation.kind === 'getSubtree'
        ? subtreeOf(replica, operation)
        : replica.call.bind(replica, operation);
    ask((zxid, result, readOnly) => {
      this.#calls.delete(record);
      record.settlement = { at: history.moment(), zxid, result };
      if (readOnly === true) {
        record.readOnly = true;
        this.#world.count('unary: read-only');
      }
      if (trace.isRead) trace.tell('stranger', `is answered ${describe({ zxid, ...result })}`);
      this.#world.count(`unary: ${result.kind === 'failed' ? result.code : result.kind}`);
    });
    if (!replica.isUp('session-frontend')) this.#calls.delete(record);
    time.after(-Math.log(1 - this.#random.real()) * this.#world.settings.pauseMs, () =>
      this.#call(),
    );
  }

  #operation(): ClientOperation {
    const random = this.#random;
    const data = new Uint8Array(random.below(30)).fill(random.below(256));
    switch (random.below(8)) {
      case 0:
        return { kind: 'setData', path: random.pick(COUNTERS), data, version: ANY_VERSION };
      case 1:
        return { kind: 'create', path: random.pick(NODES), data, mode: 'persistent', ttlMs: 0 };
      case 2:
        return {
          kind: 'create',
          path: SEQUENCE_PATH,
          data,
          mode: 'persistentSequential',
          ttlMs: 0,
        };
      case 3:
        return { kind: 'delete', path: random.pick(NODES), version: ANY_VERSION };
      case 4:
        return { kind: 'sync' };
      case 5:
        return this.#readOfMany();
      case 6: {
        const asked = guardedOperation(random, data, drawConsistency(random));
        return needsSession(asked) ? { kind: 'sync' } : asked;
      }
      default: {
        const path = random.pick([...REGISTERS, ...PARENTS]);
        const kind = random.pick(['getData', 'exists', 'getChildren'] as const);
        const consistency = drawConsistency(random);
        const read = { kind, path, watch: false, atLeast: ZXID_ZERO, consistency } as const;
        return random.chance(0.5) ? { ...read, acceptsReadOnly: true } : read;
      }
    }
  }

  #readOfMany(): ClientOperation {
    const random = this.#random;
    const terms = { atLeast: ZXID_ZERO, consistency: drawConsistency(random) };
    const { sessions } = this.#world.history;
    const id = sessions[random.below(sessions.length + 1)]?.id ?? null;
    if (random.chance(0.3)) {
      const list = listSessions(random, { path: '/', ...terms });
      return id === null ? list : { ...list, afterSession: id };
    }
    if (random.chance(0.4)) {
      const bytes = random.pick([1, 300, 100_000]);
      const path = random.pick(['/', ...PARENTS]);
      return { kind: 'getSubtree', path, ...terms, snapshot: 0, bytes };
    }
    if (id === null) return { kind: 'countDescendants', path: random.pick(PARENTS), ...terms };
    return { kind: 'getEphemerals', path: '/members', owner: id, ...terms };
  }

  #terms(): WatchTerms | undefined {
    const random = this.#random;
    if (random.chance(0.3)) return undefined;
    return {
      kinds: random.pick<readonly EventKind[]>([
        [],
        ['nodeDeleted'],
        ['nodeCreated', 'nodeDataChanged'],
      ]),
      depth: random.pick([0, 1, DEPTH_MAX]),
      withStat: random.chance(0.5),
      withData: random.chance(0.5),
      progressMs: random.pick([0, 100, 1000]),
    };
  }

  #watch(path: string, from: Zxid): void {
    const { history, time, trace } = this.#world;
    const replica = this.#random.pick(this.#ensemble.replicas);
    const terms = this.#terms();
    const start = { path, from, terms, opened: null, progress: ZXID_ZERO };
    const record: WatchStreamRecord = { ...start, events: [], isOpen: true };
    const handlers = {
      opened: (zxid: Zxid): void => {
        record.opened ??= zxid;
      },
      progress: (zxid: Zxid): void => {
        record.progress = zxid;
        this.#world.count('watch stream: progress');
      },
      event: (event: WatchEvent): void => {
        if (event.zxid <= record.progress) {
          this.#world.violated(`the watch of ${path} tells of what is behind its progress`);
        }
        record.events.push(event);
        trace.tell('stranger', `sees ${describe(event)}`);
      },
      ended: (code: ErrorCode, _reason: string, oldest?: Zxid): void => {
        trace.tell('stranger', `sees no more of ${path}: ${code}`);
        this.#world.count(`watch stream: ${code}`);
        if (code === 'badArguments') this.#world.violated(`the watch of ${path} is refused`);
        if (code === 'compacted' && (oldest ?? ZXID_ZERO) <= from) {
          this.#world.violated(`the watch of ${path} is compacted, and could begin where it does`);
        }
        this.#streams = this.#streams.filter((it) => it.record !== record);
        this.#goOn(record, code, oldest);
      },
    };
    this.#streams.push({ record, replica });
    if (replica.watch(path, from, handlers, terms)) {
      history.watchStreams.push(record);
      return;
    }
    this.#streams = this.#streams.filter((it) => it.record !== record);
    time.after(RETRY_MS, () => this.#watch(path, from));
  }

  /** Once more, behind what was told; where nobody can say what was, from now on, or from the oldest that is known. */
  #goOn(record: WatchStreamRecord, code: ErrorCode = 'notServing', oldest = ZXID_ZERO): void {
    record.isOpen = false;
    const { events, opened, progress } = record;
    // Of the last transaction there may be more.
    const last = events.at(-1)?.zxid;
    const told = last === undefined ? (opened ?? record.from) : trustedZxid(last - 1);
    const known = this.#random.chance(0.5) ? oldest : ZXID_ZERO;
    const from = code === 'compacted' ? known : maxZxid(told, progress);
    this.#world.time.after(RETRY_MS, () => this.#watch(record.path, from));
  }
}

type Answer = Parameters<SimulatedReplica['call']>[1];

/** All pages of a subtree, one after the other, as one answer: what it shows is as of the zxid of the first. */
function subtreeOf(replica: SimulatedReplica, first: ClientSubtree): (answer: Answer) => void {
  return (answer) => {
    const znodes: SubtreeZnode[] = [];
    const ask = (operation: ClientSubtree): void => {
      replica.call(operation, (zxid, result, readOnly) => {
        if (result.kind !== 'subtree') {
          answer(zxid, result, readOnly);
          return;
        }
        znodes.push(...result.znodes);
        if (result.more) ask({ ...operation, snapshot: result.snapshot });
        else answer(result.zxid, { ...result, znodes }, readOnly);
      });
    };
    ask(first);
  };
}

/** Ephemerals belong to sessions. */
function needsSession(operation: ClientOperation): boolean {
  return (
    operation.kind === 'getEphemerals' ||
    (operation.kind === 'create' && operation.mode === 'ephemeral')
  );
}
