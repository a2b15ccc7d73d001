import {
  DEFAULT_LIMITS,
  DEFAULT_TIMING,
  makeTerm,
  makeZxid,
  trustedPath,
  ZXID_ZERO,
} from '@paddock/model';
import type {
  Attachment,
  AttachVerdict,
  ClientOperation,
  ClientZnodeRead,
  Credential,
  DatabaseReply,
  DatabaseRequest,
  Limits,
  Outcome,
  ProcessorReply,
  ProcessorRequest,
  ProvedIdentities,
  SessionId,
  SessionReply,
  SessionRequest,
  Stat,
  StageEvent,
  Term,
  Timing,
  WriteResult,
  Zxid,
} from '@paddock/model';
import type { LinkEnd } from '@paddock/ports';
import { SessionFrontendCore, SessionFrontendEffects } from '../src/index.ts';
import type {
  IdentityProvider,
  SessionFrontendEvent,
  UnaryAnswer,
  WatchStreamReply,
} from '../src/index.ts';

export const LOST: LinkEnd = { cause: 'lost', reason: 'cut by the test' };
export const TERM_ONE = makeTerm(1, 1);
export const TERM_TWO = makeTerm(2, 1);

export const zxid = (counter: number): Zxid => makeZxid(1, counter);

const ADDRESSES = new Map<Term, string>([
  [TERM_ONE, 'processor:1'],
  [TERM_TWO, 'processor:2'],
]);

export function announcement(term: Term) {
  return { term, processorAddress: ADDRESSES.get(term) ?? 'processor:?' };
}

export function statAt(at: Zxid): Stat {
  const none = 0 as SessionId;
  return {
    czxid: at,
    mzxid: at,
    pzxid: at,
    ctime: 0,
    mtime: 0,
    version: 0,
    cversion: 0,
    aversion: 0,
    ephemeralOwner: none,
    dataLength: 0,
    numChildren: 0,
    kind: 'persistent',
    ttlMs: 0,
  };
}

export const text = (value: string): Uint8Array => Uint8Array.from(value, (it) => it.charCodeAt(0));

export function get(path: string, more: Partial<ClientZnodeRead> = {}): ClientOperation {
  return { kind: 'getData', path, watch: false, atLeast: ZXID_ZERO, ...more };
}

export function set(path: string, value = 'x'): ClientOperation {
  return { kind: 'setData', path, data: text(value), version: -1 };
}

export const CLOSE: ClientOperation = { kind: 'closeSession' };
export const SYNC: ClientOperation = { kind: 'sync' };

export function outcomeOf(sequence: number, at: Zxid, result?: WriteResult): Outcome {
  return { sequence, zxid: at, requestHash: 0, result: result ?? { kind: 'deleted' } };
}

function seeded(seed: number) {
  let state = seed;
  const next = (): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state;
  };
  return {
    safeInteger: () => next() * 2 ** 20 + (next() >>> 12) + 1,
    below: (bound: number) => next() % bound,
    bytes: (length: number) => Uint8Array.from({ length }, () => next() >>> 24),
  };
}

export interface Opened {
  readonly link: number;
  readonly session: SessionId;
  readonly secret: Uint8Array;
  readonly attachment: Attachment;
}

/** A front-end core whose neighbours the test plays by hand, in virtual time. */
export class FrontendUnderTest {
  nowMs = 1000;
  readonly core: SessionFrontendCore;
  readonly out = new SessionFrontendEffects();
  databaseLink = 0;
  processorLink = 0;
  #links = 100;

  readonly #toClients = new Map<number, SessionReply[]>();
  #toDatabase: DatabaseRequest[] = [];
  #toProcessor: { term: Term; message: ProcessorRequest }[] = [];
  readonly dialled: string[] = [];
  readonly closed: number[] = [];
  readonly reading: { link: number; paused: boolean }[] = [];
  readonly unaryAnswers: UnaryAnswer[] = [];
  readonly watchReplies: WatchStreamReply[] = [];
  readonly events: StageEvent[] = [];
  /** Credentials that are to be worked out. */
  readonly proofs: { number: number; credential: Credential }[] = [];

  constructor(
    limits: Partial<Limits> = {},
    timing: Partial<Timing> = {},
    seed = 1,
    identityProviders: readonly IdentityProvider[] = [],
  ) {
    this.core = new SessionFrontendCore(
      {
        limits: { ...DEFAULT_LIMITS, unarySessions: 0, ...limits },
        timing: { ...DEFAULT_TIMING, ...timing },
      },
      {
        clock: { monotonicMs: () => this.nowMs, wallMs: () => 0 },
        random: seeded(seed),
        secretHash: (secret) => Uint8Array.from(secret, (it) => it ^ 0xff),
        identityProviders,
      },
    );
  }

  step(event: SessionFrontendEvent): void {
    const { out } = this;
    this.core.step(event, out);
    out.clients.drain((link, batch) => this.#clientBox(link).push(...batch));
    out.database.drain((_, batch) => this.#toDatabase.push(...batch));
    out.processor.drain((link, { term, messages }) => {
      if (link !== this.processorLink) throw new Error(`sent to processor link ${link}`);
      for (const message of messages) this.#toProcessor.push({ term, message });
    });
    if (out.dialProcessor !== null) this.dialled.push(out.dialProcessor);
    this.closed.push(...out.closeClients.map((it) => it.link));
    this.reading.push(...out.clientReading);
    this.unaryAnswers.push(...out.unaryAnswers);
    this.watchReplies.push(...out.watchReplies);
    this.events.push(...out.events);
    this.proofs.push(...out.proofs);
    out.clear();
  }

  /** Time passes, with the ticks that the driver owes. */
  elapse(ms: number): void {
    const end = this.nowMs + ms;
    while (this.nowMs < end) {
      this.nowMs = Math.min(this.nowMs + DEFAULT_TIMING.tickMs, end);
      this.step({ kind: 'tick' });
    }
  }

  database(...messages: DatabaseReply[]): void {
    this.step({ kind: 'databaseReceived', link: this.databaseLink, messages });
  }

  processor(...messages: ProcessorReply[]): void {
    this.step({ kind: 'processorReceived', link: this.processorLink, messages });
  }

  client(link: number, ...messages: SessionRequest[]): void {
    this.step({ kind: 'clientReceived', link, messages });
  }

  operations(
    link: number,
    firstSequence: number,
    operations: readonly ClientOperation[],
    ackedThrough = 0,
  ): void {
    this.client(link, { kind: 'operations', firstSequence, ackedThrough, operations });
  }

  /** `more` comes right behind the opening. */
  connectDatabase(
    applied: Zxid = zxid(1),
    term: Term | null = TERM_ONE,
    ...more: DatabaseReply[]
  ): void {
    this.databaseLink = ++this.#links;
    this.step({ kind: 'databaseConnected', link: this.databaseLink });
    const announced = term === null ? null : announcement(term);
    this.database({ kind: 'streamOpened', applied, term: announced }, ...more);
  }

  loseDatabase(): void {
    this.step({ kind: 'databaseEnded', link: this.databaseLink, end: LOST });
  }

  connectProcessor(): void {
    this.processorLink = ++this.#links;
    this.step({ kind: 'processorConnected', link: this.processorLink });
  }

  loseProcessor(): void {
    this.step({ kind: 'processorEnded', link: this.processorLink, end: LOST });
  }

  start(): this {
    this.connectDatabase();
    this.connectProcessor();
    this.database({ kind: 'termHeld', held: true });
    this.takeDatabase();
    this.takeProcessor();
    return this;
  }

  connectClient(identities?: ProvedIdentities): number {
    const link = ++this.#links;
    this.step({ kind: 'clientConnected', link, identities });
    return link;
  }

  /** A client with an opened session; what was said on the way is forgotten. */
  open(at: Zxid = zxid(2), timeoutMs = 9000, identities?: ProvedIdentities): Opened {
    const link = this.connectClient(identities);
    this.client(link, { kind: 'open', timeoutMs });
    const request = this.takeProcessor().find((it) => it.kind === 'openSession');
    if (request?.kind !== 'openSession') throw new Error('no open was requested');
    const { session, attachment } = request;
    this.database({ kind: 'sessionOpened', session, attachment, zxid: at, timeoutMs });
    const opened = this.takeClient(link).find((it) => it.kind === 'opened');
    if (opened?.kind !== 'opened') throw new Error('not opened');
    return { link, session, secret: opened.secret, attachment };
  }

  attachAnswer(
    of: { session: SessionId; attachment: Attachment },
    at: Zxid,
    more: Partial<Extract<DatabaseReply, { kind: 'attachAnswer' }>> = {},
  ): DatabaseReply {
    const verdict: AttachVerdict = { kind: 'attached' };
    return {
      kind: 'attachAnswer',
      session: of.session,
      attachment: of.attachment,
      zxid: at,
      verdict,
      timeoutMs: 9000,
      lastSequence: 0,
      outcomes: [],
      ...more,
    };
  }

  takeClient(link: number): SessionReply[] {
    return this.#clientBox(link).splice(0);
  }

  takeDatabase(): DatabaseRequest[] {
    return this.#toDatabase.splice(0);
  }

  takeProcessor(): ProcessorRequest[] {
    return this.takeBatches().map((it) => it.message);
  }

  takeBatches(): { term: Term; message: ProcessorRequest }[] {
    return this.#toProcessor.splice(0);
  }

  /** Sequences of the writes sent to the processor since the last look. */
  takeWrites(): number[] {
    return this.takeProcessor().flatMap((it) => (it.kind === 'write' ? [it.sequence] : []));
  }

  /** The zxids and kinds of the results a client was given since the last look. */
  takeResults(link: number): string[] {
    return this.takeClient(link).flatMap((it) => {
      if (it.kind !== 'results') return [it.kind];
      return it.results.map(({ zxid: at, result }) => {
        const what = result.kind === 'failed' ? result.code : result.kind;
        return `${what}@${at % 2 ** 32}`;
      });
    });
  }

  data(read: number, at: Zxid, value = ''): DatabaseReply {
    const result = { kind: 'data', data: text(value), stat: statAt(at) } as const;
    return { kind: 'readReply', read, zxid: at, result };
  }

  outcome(of: Opened, sequence: number, at: Zxid, result?: WriteResult): DatabaseReply {
    const outcome = outcomeOf(sequence, at, result);
    return { kind: 'outcome', session: of.session, attachment: of.attachment, outcome };
  }

  event(of: Opened, path: string, at: Zxid): DatabaseReply {
    const event = { kind: 'nodeDataChanged', path: trustedPath(path), zxid: at } as const;
    return { kind: 'event', session: of.session, event };
  }

  #clientBox(link: number): SessionReply[] {
    let box = this.#toClients.get(link);
    if (box === undefined) {
      box = [];
      this.#toClients.set(link, box);
    }
    return box;
  }
}
