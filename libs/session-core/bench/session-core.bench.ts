// Operations through the core alone, with neighbours that answer at once, by a second of this process' own CPU: so
// the numbers hold on a machine that does other things too.
import { DEFAULT_LIMITS, DEFAULT_TIMING, makeTerm, makeZxid, ZXID_ZERO } from '@paddock/model';
import type {
  Attachment,
  ClientOperation,
  DatabaseReply,
  Outcome,
  ProcessorRequest,
  ReadResult,
  SessionId,
  Zxid,
} from '@paddock/model';
import { SessionFrontendCore, SessionFrontendEffects } from '../src/index.ts';

export interface Measurement {
  readonly name: string;
  readonly operations: number;
  readonly perSecond: number;
}

const BATCH = 64;
const DATABASE = 1;
const PROCESSOR = 2;
const FIRST_CLIENT = 10;

class EchoingNeighbours {
  readonly #core: SessionFrontendCore;
  readonly #out = new SessionFrontendEffects();
  readonly #result: ReadResult;
  readonly #attachments = new Map<SessionId, Attachment>();
  #applied = 100;
  #reads = 0;
  #replies: DatabaseReply[] = [];
  answered = 0;

  constructor() {
    let drawn = 1;
    this.#core = new SessionFrontendCore(
      { limits: { ...DEFAULT_LIMITS, unarySessions: 0 }, timing: DEFAULT_TIMING },
      {
        clock: { monotonicMs: () => 1, wallMs: () => 1 },
        random: {
          safeInteger: () => 2 ** 40 + drawn++,
          below: () => 0,
          bytes: (length) => new Uint8Array(length),
        },
        secretHash: () => new Uint8Array(32),
      },
    );
    const data = new Uint8Array(100);
    const at = this.#zxid();
    const none = 0 as SessionId;
    this.#result = {
      kind: 'data',
      data,
      stat: {
        czxid: at,
        mzxid: at,
        pzxid: at,
        ctime: 1,
        mtime: 1,
        version: 1,
        cversion: 1,
        aversion: 0,
        ephemeralOwner: none,
        dataLength: 100,
        numChildren: 0,
        kind: 'persistent',
        ttlMs: 0,
      },
    };
    this.#step({ kind: 'databaseConnected', link: DATABASE });
    const term = { term: makeTerm(1, 1), processorAddress: 'p' };
    this.#database([{ kind: 'streamOpened', applied: at, term }]);
    this.#step({ kind: 'processorConnected', link: PROCESSOR });
  }

  open(index: number): void {
    const link = FIRST_CLIENT + index;
    this.#step({ kind: 'clientConnected', link });
    this.#step({
      kind: 'clientReceived',
      link,
      messages: [{ kind: 'open', timeoutMs: 10_000 }],
    });
  }

  operations(index: number, firstSequence: number, operations: readonly ClientOperation[]): void {
    const link = FIRST_CLIENT + index;
    const ackedThrough = firstSequence - 1;
    this.#step({
      kind: 'clientReceived',
      link,
      messages: [{ kind: 'operations', firstSequence, ackedThrough, operations }],
    });
  }

  #zxid(): Zxid {
    return makeZxid(1, this.#applied);
  }

  #database(messages: readonly DatabaseReply[]): void {
    this.#step({ kind: 'databaseReceived', link: DATABASE, messages });
  }

  /** One step, and then whatever its effects make the neighbours say, until all is quiet. */
  #step(event: Parameters<SessionFrontendCore['step']>[0]): void {
    this.#core.step(event, this.#out);
    this.#out.database.drain((_, batch) => {
      let reads = 0;
      for (const message of batch) if (message.kind === 'read') reads++;
      if (reads > 0) this.#answerReads(reads);
    });
    this.#out.processor.drain((_, { messages }) => this.#apply(messages));
    this.#out.clients.drain((_, batch) => {
      for (const message of batch) {
        if (message.kind === 'results') this.answered += message.results.length;
      }
    });
    this.#out.clear();
    if (this.#replies.length === 0) return;
    const replies = this.#replies;
    this.#replies = [];
    this.#database(replies);
  }

  #answerReads(count: number): void {
    const zxid = this.#zxid();
    const result = this.#result;
    for (let i = 0; i < count; i++) {
      this.#replies.push({ kind: 'readReply', read: ++this.#reads, zxid, result });
    }
    this.#replies.push({ kind: 'readsAccepted', reads: this.#reads });
  }

  #apply(messages: readonly ProcessorRequest[]): void {
    for (const message of messages) {
      this.#applied++;
      if (message.kind === 'openSession') {
        const { session, attachment, timeoutMs } = message;
        this.#attachments.set(session, attachment);
        this.#replies.push({
          kind: 'sessionOpened',
          session,
          attachment,
          zxid: this.#zxid(),
          timeoutMs,
        });
      } else if (message.kind === 'write') {
        const { session, attachment, sequence } = message;
        const result = { kind: 'deleted' } as const;
        const outcome: Outcome = { sequence, zxid: this.#zxid(), requestHash: 0, result };
        this.#replies.push({ kind: 'outcome', session, attachment, outcome });
      }
    }
    this.#replies.push({ kind: 'applied', zxid: this.#zxid() });
  }
}

const GET: ClientOperation = {
  kind: 'getData',
  path: '/services/search/node-17',
  watch: false,
  atLeast: ZXID_ZERO,
};
const SET: ClientOperation = {
  kind: 'setData',
  path: '/services/search/node-17',
  data: new Uint8Array(100),
  version: -1,
};

function measure(
  name: string,
  sessions: number,
  batch: readonly ClientOperation[],
  durationMs: number,
): Measurement {
  const neighbours = new EchoingNeighbours();
  const writes = batch.filter((it) => it.kind === 'setData').length;
  const sequences = new Array<number>(sessions).fill(1);
  for (let i = 0; i < sessions; i++) neighbours.open(i);
  const round = (): void => {
    for (let i = 0; i < sessions; i++) {
      const first = sequences[i] ?? 1;
      neighbours.operations(i, first, batch);
      sequences[i] = first + writes;
    }
  };
  const warmUntil = performance.now() + durationMs / 2;
  while (performance.now() < warmUntil) round();
  const before = neighbours.answered;
  const startedAt = performance.now();
  const cpuBefore = process.cpuUsage();
  while (performance.now() - startedAt < durationMs) round();
  const { user, system } = process.cpuUsage(cpuBefore);
  const seconds = (user + system) / 1e6;
  const operations = neighbours.answered - before;
  return { name, operations, perSecond: Math.round(operations / seconds) };
}

/** `perSecond` is by CPU time, garbage collection and the scripted neighbours included. */
export function run(durationMs = 500): Measurement[] {
  const reads = new Array<ClientOperation>(BATCH).fill(GET);
  const writes = new Array<ClientOperation>(BATCH).fill(SET);
  const mixed = reads.map((read, i) => (i % 2 === 0 ? read : SET));
  return [
    measure('session-core reads, batches of 64, 1 session', 1, reads, durationMs),
    measure('session-core reads, batches of 64, 1000 sessions', 1000, reads, durationMs),
    measure('session-core writes, batches of 64, 1 session', 1, writes, durationMs),
    measure('session-core writes, batches of 64, 1000 sessions', 1000, writes, durationMs),
    measure('session-core reads and writes in turn, 1000 sessions', 1000, mixed, durationMs),
    measure('session-core reads, batches of 1, 1000 sessions', 1000, [GET], durationMs),
  ];
}

if (import.meta.main) {
  for (const { name, operations, perSecond } of run()) {
    process.stdout.write(`${JSON.stringify({ name, operations, perSecond })}\n`);
  }
}
