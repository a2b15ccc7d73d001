import { decodeTransaction } from '@paddock/codec';
import {
  assert,
  DEFAULT_LIMITS,
  DEFAULT_TIMING,
  encodeText,
  makeFrontendIncarnation,
  makeSessionId,
  makeTerm,
  trustedPath,
  ZXID_ZERO,
} from '@paddock/model';
import type {
  Attachment,
  BroadcastRequest,
  CreateMode,
  Identities,
  Limits,
  LogEntry,
  LookUpReply,
  LookUpRequest,
  ProcessorReply,
  ProcessorRequest,
  SessionId,
  StageEvent,
  Term,
  Transaction,
  WriteOperation,
  Zxid,
} from '@paddock/model';
import { ProcessorEffects } from '../src/processor-effects.ts';
import type { LinkClosing } from '../src/processor-effects.ts';
import type { ProcessorEvent } from '../src/processor-event.ts';
import { RequestProcessorCore } from '../src/request-processor-core.ts';
import { NaiveDatabase } from './naive-database.ts';

export const FRONTEND = 1;
export const TERM = makeTerm(1, 1);
export const ADDRESS = 'processor.test:1';
const LOST = { cause: 'lost', reason: 'cut by the test' } as const;

export function attachment(connection = 1, attempt = connection, frontend = 7): Attachment {
  return { frontend: makeFrontendIncarnation(frontend), connection, attempt };
}

/** One front-end's end of one connection of a session: it numbers its writes. */
export class Connection {
  readonly session: SessionId;
  readonly attachment: Attachment;
  next: number;
  /** Who its writes come from. */
  identities: Identities = undefined;

  constructor(session: number, to = attachment(), next = 1) {
    this.session = makeSessionId(session);
    this.attachment = to;
    this.next = next;
  }

  get secretHash(): Uint8Array {
    return encodeText(`hash of ${this.session}`.padEnd(32));
  }

  open(timeoutMs = DEFAULT_TIMING.sessionTimeoutMs): ProcessorRequest {
    const { session, secretHash } = this;
    return { kind: 'openSession', session, secretHash, timeoutMs, attachment: this.attachment };
  }

  resume(ackedThrough = 0): ProcessorRequest {
    const { session, secretHash } = this;
    const to = this.attachment;
    return { kind: 'resumeSession', session, secretHash, attachment: to, ackedThrough };
  }

  write(operation: WriteOperation, sequence = this.next++, ackedThrough = 0): ProcessorRequest {
    const { session } = this;
    const to = this.attachment;
    const { identities } = this;
    return {
      ...{ kind: 'write', session, attachment: to, sequence, ackedThrough, operation, identities },
    };
  }

  create(path: string, mode: CreateMode = 'persistent', data = 'x'): ProcessorRequest {
    const bytes = encodeText(data);
    return this.write({ kind: 'create', path: trustedPath(path), data: bytes, mode, ttlMs: 0 });
  }

  set(path: string, version = -1, data = 'y'): ProcessorRequest {
    return this.write({
      kind: 'setData',
      path: trustedPath(path),
      data: encodeText(data),
      version,
    });
  }

  delete(path: string, version = -1): ProcessorRequest {
    return this.write({ kind: 'delete', path: trustedPath(path), version });
  }

  close(): ProcessorRequest {
    return this.write({ kind: 'closeSession' });
  }

  touch(round = 1): ProcessorRequest {
    const { session } = this;
    return { kind: 'touch', round, touches: [{ session, attachment: this.attachment }] };
  }

  acknowledge(through: number): ProcessorRequest {
    const { session } = this;
    return { kind: 'acknowledge', session, attachment: this.attachment, through };
  }
}

/** A request processor between neighbours that do what a test says. */
export class Stage {
  readonly core: RequestProcessorCore;
  readonly database: NaiveDatabase;
  monotonicMs = 0;
  wallMs = 1_700_000_000_000;
  /** Look-ups that the database has received and not answered. */
  lookUps: LookUpRequest[] = [];
  broadcasts: BroadcastRequest[] = [];
  entries: LogEntry[] = [];
  replies: ProcessorReply[] = [];
  repliesByLink = new Map<number, ProcessorReply[]>();
  events: StageEvent[] = [];
  closings: LinkClosing[] = [];
  databaseLink = 0;
  broadcasterLink = 0;
  term: Term = TERM;
  readonly #out = new ProcessorEffects();

  constructor(limits: Partial<Limits> = {}, database = new NaiveDatabase()) {
    this.database = database;
    this.core = new RequestProcessorCore(
      {
        processorAddress: ADDRESS,
        limits: { ...DEFAULT_LIMITS, ...limits },
        timing: DEFAULT_TIMING,
      },
      { clock: { monotonicMs: () => this.monotonicMs, wallMs: () => this.wallMs } },
    );
  }

  step(event: ProcessorEvent): void {
    const out = this.#out;
    this.core.step(event, out);
    out.database.drain((link, batch) => {
      if (link === this.databaseLink) this.lookUps.push(...batch);
    });
    out.broadcaster.drain((link, batch) => {
      if (link !== this.broadcasterLink) return;
      for (const it of batch) {
        this.broadcasts.push(it);
        if (it.kind !== 'propose') continue;
        this.entries.push(...it.entries);
        this.database.log.push(...it.entries);
      }
    });
    out.frontends.drain((link, batch) => {
      this.replies.push(...batch);
      this.repliesByLink.set(link, [...(this.repliesByLink.get(link) ?? []), ...batch]);
    });
    this.events.push(...out.events);
    this.closings.push(...out.closeDatabase);
    out.clear();
  }

  connect(): void {
    this.connectDatabase();
    this.connectBroadcaster();
    this.connectFrontend(FRONTEND);
  }

  connectDatabase(): void {
    this.databaseLink++;
    this.lookUps = [];
    this.step({ kind: 'databaseConnected', link: this.databaseLink });
    this.sayApplied();
  }

  breakDatabase(): void {
    this.step({ kind: 'databaseEnded', link: this.databaseLink, end: LOST });
    this.lookUps = [];
  }

  connectBroadcaster(): void {
    this.broadcasterLink++;
    this.step({ kind: 'broadcasterConnected', link: this.broadcasterLink });
  }

  breakBroadcaster(): void {
    this.step({ kind: 'broadcasterEnded', link: this.broadcasterLink, end: LOST });
  }

  connectFrontend(link: number): void {
    this.step({ kind: 'frontendConnected', link });
  }

  endFrontend(link: number): void {
    this.step({ kind: 'frontendEnded', link, end: LOST });
  }

  grant(term = TERM, lastProposed: Zxid = ZXID_ZERO): void {
    this.term = term;
    this.fromBroadcaster({ kind: 'termGranted', term, lastProposed });
  }

  /** Connected, granted, loaded, and the marker applied. */
  serve(term = TERM, lastProposed: Zxid = this.database.base): this {
    this.connect();
    this.grant(term, lastProposed);
    this.settle();
    return this;
  }

  /** The leader leads: every round asked for so far. */
  confirmAll(): void {
    const rounds = this.broadcasts.flatMap((it) =>
      it.kind === 'confirmLeadership' ? [it.round] : [],
    );
    const round = rounds.at(-1);
    if (round === undefined) return;
    this.fromBroadcaster({ kind: 'leadershipConfirmed', round, floor: ZXID_ZERO });
    // What gathered meanwhile has asked for one more.
    if (this.broadcasts.some((it) => it.kind === 'confirmLeadership' && it.round > round)) {
      this.confirmAll();
    }
  }

  fromBroadcaster(
    message: Parameters<Stage['broadcasterSays']>[0],
    link = this.broadcasterLink,
  ): void {
    this.broadcasterSays(message, link);
  }

  broadcasterSays(
    message: Extract<ProcessorEvent, { kind: 'broadcasterReceived' }>['messages'][number],
    link = this.broadcasterLink,
  ): void {
    this.step({ kind: 'broadcasterReceived', link, messages: [message] });
  }

  databaseSays(...messages: LookUpReply[]): void {
    this.step({ kind: 'databaseReceived', link: this.databaseLink, messages });
  }

  sayApplied(): void {
    this.databaseSays({ kind: 'applied', zxid: this.database.applied });
  }

  /** Applies and says so. */
  apply(count = this.database.unapplied): void {
    this.database.applyNext(count);
    this.sayApplied();
  }

  /** The database's answer to the oldest look-up, as of now; it stays on its way until it is delivered. */
  takeAnswer(): LookUpReply {
    const request = this.lookUps[0];
    assert(request !== undefined, 'there is a look-up to answer');
    const answer = this.database.answer(request);
    assert(answer !== null, 'the look-up is not parked');
    this.lookUps.shift();
    return answer;
  }

  /** Answers what is not parked, until nothing is left to answer. */
  answerAll(): void {
    for (;;) {
      const request = this.lookUps[0];
      if (request === undefined) return;
      const answer = this.database.answer(request);
      if (answer === null) return;
      this.lookUps.shift();
      this.databaseSays(answer);
    }
  }

  /** Everything under way arrives, is answered and applied. */
  settle(): void {
    for (;;) {
      this.answerAll();
      if (this.database.unapplied > 0) this.apply();
      else if (this.lookUps.length === 0) return;
    }
  }

  send(...messages: ProcessorRequest[]): void {
    this.sendOn(FRONTEND, ...messages);
  }

  sendOn(link: number, ...messages: ProcessorRequest[]): void {
    this.step({ kind: 'frontendReceived', link, batch: { term: this.term, messages } });
  }

  sendInTerm(term: Term, ...messages: ProcessorRequest[]): void {
    this.step({ kind: 'frontendReceived', link: FRONTEND, batch: { term, messages } });
  }

  tick(elapsedMs = DEFAULT_TIMING.tickMs): void {
    this.monotonicMs += elapsedMs;
    this.wallMs += elapsedMs;
    this.step({ kind: 'tick' });
  }

  /** All transactions proposed so far. */
  get proposed(): Transaction[] {
    return this.entries
      .filter((it) => it.kind === 'data')
      .map((it) => decodeTransaction(it.zxid, it.payload));
  }

  /** Kinds of what was proposed since the last call; a failure by its code. */
  takeOutcomes(): string[] {
    const kinds = this.proposed.map(({ change }) =>
      change.kind === 'failed' ? change.code : change.kind,
    );
    this.entries = [];
    return kinds;
  }

  takeReplies(): ProcessorReply[] {
    const { replies } = this;
    this.replies = [];
    return replies;
  }
}

/** A stage that serves, with one open session; what was said so far is forgotten. */
export function servedWith(connection: Connection, limits: Partial<Limits> = {}): Stage {
  const stage = new Stage(limits).serve();
  stage.send(connection.open());
  stage.settle();
  stage.takeOutcomes();
  stage.takeReplies();
  stage.broadcasts = [];
  stage.events = [];
  return stage;
}
