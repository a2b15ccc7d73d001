import {
  frontendDatabaseEstimates,
  frontendProcessorEstimates,
  memoryLinkPair,
  processorBroadcasterEstimates,
  processorDatabaseEstimates,
  sessionStreamEstimates,
} from '@paddock/link-memory';
import type { BoundaryEstimates, MemoryLink } from '@paddock/link-memory';
import {
  DEFAULT_LIMITS,
  DEFAULT_TIMING,
  makeFrontendIncarnation,
  makeSessionId,
  makeTerm,
  makeZxid,
  NO_SESSION,
  ROOT,
  trustedPath,
  ZXID_ZERO,
} from '@paddock/model';
import type {
  BroadcastReply,
  BroadcastRequest,
  DatabaseReply,
  DatabaseRequest,
  LookUpAnswer,
  LookUpQuery,
  LookUpReply,
  LookUpRequest,
  ProcessorReply,
  ProcessorRequest,
  ProcessorRequestBatch,
  SessionReply,
  SessionRequest,
  ZnodeRecord,
} from '@paddock/model';
import type { LinkAcceptor, LinkDialer } from '@paddock/ports';
import { describe, expect, it } from 'vitest';
import { RequestProcessorStage } from '@paddock/replica';
import { SessionFrontendStage } from '@paddock/replica';
import { SeededRandom } from '../src/kernel/seeded-random.ts';
import { VirtualProcess } from '../src/kernel/virtual-process.ts';
import { VirtualTime } from '../src/kernel/virtual-time.ts';

const limits = { ...DEFAULT_LIMITS, queueBytes: 2000, unarySessions: 0 };
const timing = DEFAULT_TIMING;
const TERM = { term: makeTerm(1, 1), processorAddress: 'processor' };

/** One stage between neighbours that the test plays, in virtual time, with links that can be left unread. */
class Surroundings {
  readonly time = new VirtualTime(new SeededRandom(1));
  readonly failures: string[] = [];
  readonly #process = new VirtualProcess('stage', {
    place: 1,
    time: this.time,
    random: new SeededRandom(2),
    wallMs: () => 0,
    threw: (error) => this.failures.push(String(error)),
  });

  get dependencies() {
    const { timers, clock } = this.#process;
    const failed = (reason: string): void => void this.failures.push(reason);
    return { timers, clock, report: () => undefined, failed };
  }

  elapse(ms: number): void {
    this.time.run(this.time.nowMs + ms);
  }

  pair<Up, Down>(estimates: BoundaryEstimates<Up, Down>) {
    const turn = {
      add: (delivery: { deliver(): void }) => void this.time.after(1, () => delivery.deliver()),
    };
    return memoryLinkPair<Up, Down>({ turn, limits, ...estimates });
  }
}

/** The neighbour that a stage dials: what it was sent, and the link to answer on and to leave unread. */
class Dialled<Up, Down> {
  readonly received: Up[] = [];
  link: MemoryLink<Down, Up> | null = null;
  readonly dialer: LinkDialer<Up, Down>;

  constructor(surroundings: Surroundings, estimates: BoundaryEstimates<Up, Down>) {
    this.dialer = {
      dial: (_address, handlers) => {
        const { dialler, acceptor } = surroundings.pair(estimates);
        dialler.attach(handlers);
        acceptor.attach({
          received: (batch) => void this.received.push(batch),
          drained: () => undefined,
          ended: () => undefined,
        });
        this.link = acceptor;
        return dialler;
      },
    };
  }
}

/** A neighbour that dials the stage. */
function dialStage<Up, Down>(
  surroundings: Surroundings,
  estimates: BoundaryEstimates<Up, Down>,
  accept: LinkAcceptor<Down, Up>,
) {
  const { dialler, acceptor } = surroundings.pair(estimates);
  const received: Down[] = [];
  dialler.attach({
    received: (batch) => void received.push(batch),
    drained: () => undefined,
    ended: () => undefined,
  });
  acceptor.attach(accept(acceptor));
  return { link: dialler, received };
}

const data = new Uint8Array(1000);
const create = (path: string) =>
  ({ kind: 'create', path: trustedPath(path), data, mode: 'persistent', ttlMs: 0 }) as const;

describe('H16 c: our own back-pressure', () => {
  it('does not keep a front-end from touching the clients that it does not read', () => {
    const around = new Surroundings();
    const database = new Dialled<DatabaseRequest[], DatabaseReply[]>(
      around,
      frontendDatabaseEstimates,
    );
    const processor = new Dialled<ProcessorRequestBatch, ProcessorReply[]>(
      around,
      frontendProcessorEstimates,
    );
    const stage = new SessionFrontendStage(
      { limits, timing, databaseAddress: 'database' },
      {
        ...around.dependencies,
        random: new SeededRandom(3),
        secretHash: (secret) => secret,
        database: database.dialer,
        processor: processor.dialer,
      },
    );
    stage.start();
    around.elapse(10);
    database.link?.send([
      { kind: 'streamOpened', applied: ZXID_ZERO, term: TERM },
      { kind: 'termHeld', held: true },
    ]);
    const client = dialStage<SessionRequest[], SessionReply[]>(
      around,
      sessionStreamEstimates,
      stage.acceptClient,
    );
    client.link.send([{ kind: 'open', timeoutMs: 4000 }]);
    around.elapse(100);
    const requests = (): ProcessorRequest[] => processor.received.flatMap((it) => it.messages);
    const open = requests().find((it) => it.kind === 'openSession');
    if (open?.kind !== 'openSession') throw new Error('no session was asked for');
    const { session, attachment } = open;
    const opened = { session, attachment, zxid: makeZxid(1, 2), timeoutMs: 4000 };
    database.link?.send([{ kind: 'sessionOpened', ...opened }]);
    around.elapse(100);

    // The database stands still, and reads fill the link to it; they are few enough for the front-end itself.
    database.link?.pause();
    const read = { kind: 'getData', path: '/a', watch: false, atLeast: ZXID_ZERO } as const;
    const operations = Array.from({ length: 15 }, () => read);
    client.link.send([{ kind: 'operations', firstSequence: 1, ackedThrough: 0, operations }]);
    around.elapse(1000);
    let touched = 0;
    for (let i = 0; i < 20; i++) {
      for (const { kind, ...touch } of requests()) {
        if (kind !== 'touch' || !('round' in touch)) continue;
        processor.link?.send([{ kind: 'touched', round: touch.round }]);
        touched++;
      }
      processor.received.length = 0;
      // Its client lives, but nobody reads that.
      client.link.send([{ kind: 'heartbeat', number: i + 1 }]);
      around.elapse(500);
    }
    expect(touched).toBeGreaterThan(15);
    expect(stage.status()).toMatchObject({ connections: 1, sessions: 1 });
    expect(around.failures).toEqual([]);
  });

  it('expires no session while the processor does not read because of its broadcaster', () => {
    const around = new Surroundings();
    const database = new Dialled<LookUpRequest[], LookUpReply[]>(
      around,
      processorDatabaseEstimates,
    );
    const broadcaster = new Dialled<BroadcastRequest[], BroadcastReply[]>(
      around,
      processorBroadcasterEstimates,
    );
    const stage = new RequestProcessorStage(
      {
        // Wide enough not to be what stops it.
        limits: { ...limits, queueBytes: 1_000_000 },
        timing,
        processorAddress: 'processor',
        databaseAddress: 'database',
        broadcasterAddress: 'broadcaster',
      },
      { ...around.dependencies, database: database.dialer, broadcaster: broadcaster.dialer },
    );
    stage.start();
    const frontend = dialStage<ProcessorRequestBatch, ProcessorReply[]>(
      around,
      frontendProcessorEstimates,
      stage.acceptFrontend,
    );
    around.elapse(10);
    const { term } = TERM;
    broadcaster.link?.send([{ kind: 'termGranted', term, lastProposed: ZXID_ZERO }]);
    database.link?.send([{ kind: 'applied', zxid: ZXID_ZERO }]);
    answerLookUps(around, database);
    const session = makeSessionId(7);
    const attachment = { frontend: makeFrontendIncarnation(5), connection: 1, attempt: 0 };
    const secretHash = new Uint8Array(32);
    const opening = {
      kind: 'openSession',
      session,
      secretHash,
      timeoutMs: 4000,
      attachment,
    } as const;
    frontend.link.send({ term, messages: [opening] });
    around.elapse(100);
    expect(stage.status()).toMatchObject({ phase: 'serving', sessions: 1 });

    // The broadcaster stands still, and proposals fill the link to it.
    broadcaster.link?.pause();
    const messages: ProcessorRequest[] = [1, 2, 3, 4].map((sequence) => ({
      kind: 'write',
      session,
      attachment,
      sequence,
      ackedThrough: 0,
      operation: create(`/${sequence}`),
    }));
    frontend.link.send({ term, messages });
    around.elapse(100);
    answerLookUps(around, database);
    for (let i = 0; i < 60; i++) {
      frontend.link.send({ term, messages: [{ kind: 'touch', round: i, touches: [] }] });
      answerLookUps(around, database);
      around.elapse(450);
    }
    expect(frontend.received.flat().filter((it) => it.kind === 'touched')).toEqual([]);
    expect(stage.status()).toMatchObject({ sessions: 1 });
    expect(around.failures).toEqual([]);
  });
});

function answerLookUps(
  around: Surroundings,
  database: Dialled<LookUpRequest[], LookUpReply[]>,
): void {
  for (let i = 0; i < 5; i++) {
    around.elapse(10);
    for (const { lookUp, query } of database.received.splice(0).flat()) {
      database.link?.send([{ kind: 'answer', lookUp, zxid: ZXID_ZERO, answer: answerTo(query) }]);
    }
  }
}

/** There is nothing but the root. */
function answerTo(query: LookUpQuery): LookUpAnswer {
  switch (query.kind) {
    case 'znodes':
      return {
        kind: 'znodes',
        records: query.paths.map((it) => (it === ROOT ? ROOT_RECORD : null)),
      };
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
    case 'ephemerals':
      return { kind: 'ephemerals', ephemerals: [] };
  }
}

const ROOT_RECORD: ZnodeRecord = {
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
