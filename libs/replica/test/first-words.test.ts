import { DEFAULT_LIMITS, DEFAULT_TIMING, makeSessionId, makeTerm, makeZxid } from '@paddock/model';
import { ZXID_ZERO } from '@paddock/model';
import type {
  DatabaseReply,
  DatabaseRequest,
  ProcessorReply,
  ProcessorRequestBatch,
  SessionReply,
  SessionRequest,
} from '@paddock/model';
import type { Link, LinkHandlers } from '@paddock/ports';
import { beforeEach, describe, expect, it } from 'vitest';
import { SessionFrontendStage } from '../src/session-frontend-stage.ts';

/** A link whose other end the test is. */
class HeldLink<Send, Receive> implements Link<Send> {
  readonly bufferedBytes = 0;
  readonly sent: Send[] = [];
  isFull = false;
  isPaused = false;
  isClosed = false;
  handlers: LinkHandlers<Receive> | null = null;

  send(batch: Send): boolean {
    this.sent.push(batch);
    return !this.isFull;
  }

  pause(): void {
    this.isPaused = true;
  }

  resume(): void {
    this.isPaused = false;
  }

  close(): void {
    this.isClosed = true;
  }

  drain(): void {
    this.isFull = false;
    this.handlers?.drained();
  }
}

class FrontendBetween {
  readonly database = new HeldLink<DatabaseRequest[], DatabaseReply[]>();
  readonly processor = new HeldLink<ProcessorRequestBatch, ProcessorReply[]>();
  #tasks: (() => void)[] = [];
  #drawn = 1;
  readonly stage = new SessionFrontendStage(
    { limits: DEFAULT_LIMITS, timing: DEFAULT_TIMING, databaseAddress: 'database' },
    {
      clock: { monotonicMs: () => 0, wallMs: () => 0 },
      random: {
        safeInteger: () => this.#drawn++,
        below: () => 0,
        bytes: (length) => new Uint8Array(length),
      },
      secretHash: (secret) => secret,
      timers: {
        after: () => () => undefined,
        every: () => () => undefined,
        soon: (task) => {
          this.#tasks.push(task);
          return () => undefined;
        },
      },
      report: () => undefined,
      failed: (reason) => {
        throw new Error(reason);
      },
      database: { dial: (_, handlers) => hold(this.database, handlers) },
      processor: { dial: (_, handlers) => hold(this.processor, handlers) },
    },
  );

  constructor() {
    this.stage.start();
    const term = { term: makeTerm(1, 1), processorAddress: 'processor' };
    this.database.handlers?.received([
      { kind: 'streamOpened', applied: makeZxid(1, 1), term },
      { kind: 'termHeld', held: true },
    ]);
  }

  client(): HeldLink<SessionReply[], SessionRequest[]> {
    const link = new HeldLink<SessionReply[], SessionRequest[]>();
    link.handlers = this.stage.acceptClient(link);
    this.turn();
    return link;
  }

  says(client: HeldLink<SessionReply[], SessionRequest[]>, request: SessionRequest): void {
    client.handlers?.received([request]);
    this.turn();
  }

  turn(): void {
    for (const task of this.#tasks.splice(0)) task();
  }

  get resumes(): number {
    const messages = this.processor.sent.flatMap((it) => it.messages);
    return messages.filter((it) => it.kind === 'resumeSession').length;
  }
}

function hold<Send, Receive>(
  link: HeldLink<Send, Receive>,
  handlers: LinkHandlers<Receive>,
): HeldLink<Send, Receive> {
  link.handlers = handlers;
  return link;
}

const RESUME: SessionRequest = {
  kind: 'resume',
  session: makeSessionId(77),
  secret: new Uint8Array(16),
  attempt: 2,
  ackedThrough: 0,
  floor: makeZxid(1, 1),
  watches: [],
};

describe('H16 c: a front-end that has stopped reading its clients', () => {
  let front = new FrontendBetween();
  let full = front.client();

  /** A unary read meets a database that takes no more. */
  function fillDatabase(): void {
    front.database.isFull = true;
    const read = { kind: 'getData', path: '/a', watch: false, atLeast: ZXID_ZERO } as const;
    front.stage.call(read, () => undefined);
    front.turn();
  }

  beforeEach(() => {
    front = new FrontendBetween();
    full = front.client();
    front.says(full, { kind: 'open', timeoutMs: 9000 });
  });

  it('because its database takes no more, still hears who comes, and nothing behind it', () => {
    const early = front.client();
    fillDatabase();
    expect(full.isPaused).toBe(true);
    const late = front.client();
    for (const client of [early, late]) {
      expect(client.isPaused).toBe(false);
      front.says(client, RESUME);
      expect(client.isPaused).toBe(true);
    }
    expect(front.resumes).toBe(2);
    front.database.drain();
    for (const client of [full, early, late]) expect(client.isPaused).toBe(false);
  });

  it('because the processor takes no more either, hears nobody until that does', () => {
    fillDatabase();
    const early = front.client();
    front.processor.isFull = true;
    front.says(early, RESUME);
    const late = front.client();
    const silent = front.client();
    for (const client of [full, early, late, silent]) expect(client.isPaused).toBe(true);
    front.processor.drain();
    expect([full, early, late, silent].map((it) => it.isPaused)).toEqual([
      true,
      true,
      false,
      false,
    ]);
    front.says(late, RESUME);
    expect(late.isPaused).toBe(true);
    front.database.drain();
    for (const client of [full, early, late]) expect(client.isPaused).toBe(false);
  });
});
