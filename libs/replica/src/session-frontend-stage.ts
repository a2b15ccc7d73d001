import { formatTerm, formatZxid } from '@paddock/model';
import type {
  ClientOperation,
  Credential,
  DatabaseReply,
  DatabaseRequest,
  ErrorCode,
  Limits,
  OperationResult,
  ProcessorReply,
  ProcessorRequestBatch,
  ProvedIdentities,
  SessionReply,
  ShownZnode,
  SessionRequest,
  Timing,
  WatchEvent,
  WatchTerms,
  Zxid,
} from '@paddock/model';
import type { HealthReport } from '@paddock/node-runtime';
import type {
  CancelTimer,
  Clock,
  Link,
  LinkAcceptor,
  LinkDialer,
  Random,
  SecretHash,
} from '@paddock/ports';
import { SessionFrontendCore, SessionFrontendEffects, workOut } from '@paddock/session-core';
import type {
  IdentityProvider,
  SessionFrontendEvent,
  WatchStreamReply,
} from '@paddock/session-core';
import { AcceptedLinks } from './accepted-links.ts';
import { DialledLink } from './dialled-link.ts';
import { reportHealth, STAGE_STOPS } from './stage.ts';
import type { Stage, StageSurroundings } from './stage.ts';
import { StageLoop } from './stage-loop.ts';

export interface SessionFrontendStageOptions {
  readonly limits: Limits;
  readonly timing: Timing;
  readonly databaseAddress: string;
}

export interface SessionFrontendStageDependencies extends StageSurroundings {
  readonly clock: Clock;
  readonly random: Random;
  readonly secretHash: SecretHash;
  readonly identityProviders?: readonly IdentityProvider[];
  readonly database: LinkDialer<DatabaseRequest[], DatabaseReply[]>;
  readonly processor: LinkDialer<ProcessorRequestBatch, ProcessorReply[]>;
}

/** As a NumberedResult says it. */
export type UnaryAnswerHandler = (zxid: Zxid, result: OperationResult, readOnly?: true) => void;

export interface WatchHandlers {
  opened(zxid: Zxid): void;
  event(event: WatchEvent, shown?: ShownZnode): void;
  progress(zxid: Zxid): void;
  ended(code: ErrorCode, reason: string, oldest?: Zxid): void;
}

/** The session front-end with its links: clients dial it, it dials the database and the term's processor. */
export class SessionFrontendStage implements Stage {
  readonly #options: SessionFrontendStageOptions;
  readonly #dependencies: SessionFrontendStageDependencies;
  readonly #core: SessionFrontendCore;
  readonly #effects = new SessionFrontendEffects();
  readonly #loop: StageLoop<SessionFrontendEvent>;
  readonly #clients: AcceptedLinks<SessionReply[], SessionRequest[]>;
  readonly #database: DialledLink<DatabaseRequest[], DatabaseReply[]>;
  readonly #calls = new Map<number, UnaryAnswerHandler>();
  readonly #watches = new Map<number, WatchHandlers>();
  #nextCall = 1;
  #nextWatch = 1;
  #databaseLink = 0;
  #databaseFull = false;
  #processor: Link<ProcessorRequestBatch> | undefined;
  #processorLink = 0;
  #processorFull = false;
  #ticking: CancelTimer | undefined;
  #wake: CancelTimer | undefined;
  #wakeAtMs = Infinity;

  constructor(
    options: SessionFrontendStageOptions,
    dependencies: SessionFrontendStageDependencies,
  ) {
    const { clock, random, secretHash, identityProviders = [] } = dependencies;
    this.#options = options;
    this.#dependencies = dependencies;
    this.#core = new SessionFrontendCore(
      { limits: options.limits, timing: options.timing },
      { clock, random, secretHash, identityProviders },
    );
    this.#loop = new StageLoop(dependencies.timers, {
      step: (event) => this.#core.step(event, this.#effects),
      carryOut: () => this.#carryOut(),
      failed: (reason) => dependencies.failed(`session-frontend: ${reason}`),
    });
    this.#clients = new AcceptedLinks({
      connected: (link, identities) =>
        this.#loop.gather({ kind: 'clientConnected', link, identities }),
      received: (link, messages) => this.#loop.gather({ kind: 'clientReceived', link, messages }),
      ended: (link, end) => this.#loop.gather({ kind: 'clientEnded', link, end }),
      slow: (link, bufferedBytes) => this.#slowClient(link, bufferedBytes),
      drained: (link) => this.#loop.take({ kind: 'clientFull', link, full: false }),
      readingPaused: (link, paused) =>
        this.#loop.gather({ kind: 'clientReadingPaused', link, paused }),
    });
    this.#database = new DialledLink(options.databaseAddress, options.timing, {
      timers: dependencies.timers,
      dialer: dependencies.database,
      handlers: {
        connected: () => {
          this.#databaseFull = false;
          this.#loop.take({ kind: 'databaseConnected', link: ++this.#databaseLink });
        },
        received: (messages) =>
          this.#loop.take({ kind: 'databaseReceived', link: this.#databaseLink, messages }),
        drained: () => {
          this.#databaseFull = false;
          this.#readClients();
        },
        ended: (end) => {
          this.#databaseFull = false;
          this.#loop.take({ kind: 'databaseEnded', link: this.#databaseLink, end });
        },
      },
    });
  }

  get acceptClient(): LinkAcceptor<SessionReply[], SessionRequest[]> {
    return this.#clients.accept;
  }

  /** Answers once, unless the caller cancels by calling what this returns. */
  call(
    operation: ClientOperation,
    answer: UnaryAnswerHandler,
    identities?: ProvedIdentities,
  ): () => void {
    const call = this.#nextCall++;
    this.#calls.set(call, answer);
    this.#loop.gather({ kind: 'unaryReceived', call, operation, identities });
    return () => {
      if (this.#calls.delete(call)) this.#loop.gather({ kind: 'unaryCancelled', call });
    };
  }

  /** A watch without a session on one path, until it ends or the caller cancels. */
  watch(
    path: string,
    from: Zxid,
    handlers: WatchHandlers,
    identities?: ProvedIdentities,
    terms?: WatchTerms,
  ): () => void {
    const watch = this.#nextWatch++;
    this.#watches.set(watch, handlers);
    const opened = { kind: 'watchOpened', watch, path, from, identities } as const;
    this.#loop.gather(terms === undefined ? opened : { ...opened, terms });
    return () => {
      if (this.#watches.delete(watch)) this.#loop.gather({ kind: 'watchCancelled', watch });
    };
  }

  start(): void {
    this.#database.dial();
    this.#ticking = this.#dependencies.timers.every(this.#options.timing.tickMs, () =>
      this.#loop.take({ kind: 'tick' }),
    );
  }

  stop(): Promise<void> {
    this.#ticking?.();
    this.#wake?.();
    this.#loop.stop();
    this.#clients.closeAll(STAGE_STOPS);
    this.#database.stop();
    this.#hangUpProcessor();
    return Promise.resolve();
  }

  health(): HealthReport {
    const status = this.#core.status();
    const waitingFor = status.missing.map((neighbour) =>
      neighbour === 'database'
        ? `session-frontend: replicated-database at ${this.#database.address}`
        : 'session-frontend: the request processor of the present term',
    );
    if (!status.serving) waitingFor.push(`session-frontend: ${status.refusal}`);
    return reportHealth(waitingFor);
  }

  status(): Readonly<Record<string, unknown>> {
    const status = this.#core.status();
    return {
      ...status,
      term: formatTerm(status.term),
      applied: formatZxid(status.applied),
      connections: this.#clients.size,
    };
  }

  #carryOut(): void {
    const effects = this.#effects;
    if (effects.hangUpProcessor) this.#hangUpProcessor();
    if (effects.dialProcessor !== null) this.#dialProcessor(effects.dialProcessor);
    effects.database.drain((_link, batch) => {
      if (this.#database.link?.send(batch) === false) this.#databaseFull = true;
    });
    effects.processor.drain((link, batch) => {
      if (link === this.#processorLink && this.#processor?.send(batch) === false) {
        this.#processorFull = true;
      }
    });
    effects.clients.drain((link, batch) => this.#clients.send(link, batch));
    for (const { call, zxid, result, readOnly } of effects.unaryAnswers) {
      const answer = this.#calls.get(call);
      this.#calls.delete(call);
      answer?.(zxid, result, readOnly);
    }
    for (const reply of effects.watchReplies) this.#tellWatch(reply);
    for (const { link, paused } of effects.clientReading) this.#clients.read(link, paused);
    for (const { number, credential } of effects.proofs) this.#prove(number, credential);
    for (const { link, end } of effects.closeClients) this.#clients.close(link, end);
    for (const event of effects.events) this.#dependencies.report(event);
    this.#scheduleWake(effects.wakeAtMs);
    effects.clear();
    this.#readClients();
  }

  #prove(number: number, credential: Credential): void {
    const { identityProviders = [] } = this.#dependencies;
    workOut(identityProviders, credential, (proof) =>
      this.#loop.gather({ kind: 'credentialProved', number, proof }),
    );
  }

  #tellWatch(reply: WatchStreamReply): void {
    const handlers = this.#watches.get(reply.watch);
    switch (reply.kind) {
      case 'opened':
        handlers?.opened(reply.zxid);
        break;
      case 'event':
        handlers?.event(reply.event, reply.shown);
        break;
      case 'progress':
        handlers?.progress(reply.zxid);
        break;
      case 'ended':
        this.#watches.delete(reply.watch);
        handlers?.ended(reply.code, reply.reason, reply.oldest);
        break;
    }
  }

  #dialProcessor(address: string): void {
    const number = ++this.#processorLink;
    this.#processorFull = false;
    this.#processor = this.#dependencies.processor.dial(address, {
      received: (messages) =>
        this.#loop.take({ kind: 'processorReceived', link: number, messages }),
      drained: () => {
        if (number !== this.#processorLink) return;
        this.#processorFull = false;
        this.#readClients();
      },
      ended: (end) => {
        if (number === this.#processorLink) {
          this.#processor = undefined;
          this.#processorFull = false;
        }
        this.#loop.take({ kind: 'processorEnded', link: number, end });
      },
    });
    this.#loop.take({ kind: 'processorConnected', link: number });
  }

  #hangUpProcessor(): void {
    const link = this.#processor;
    this.#processor = undefined;
    this.#processorFull = false;
    link?.close(STAGE_STOPS);
  }

  #scheduleWake(atMs: number): void {
    if (atMs === this.#wakeAtMs) return;
    this.#wakeAtMs = atMs;
    this.#wake?.();
    if (atMs === Infinity) return;
    const delay = Math.max(0, atMs - this.#dependencies.clock.monotonicMs());
    this.#wake = this.#dependencies.timers.after(delay, () => {
      this.#wakeAtMs = Infinity;
      this.#loop.take({ kind: 'tick' });
    });
  }

  /** Towards the client nothing blocks a stage: it is asked for less, and who does not read is cut (H16). */
  #slowClient(link: number, bufferedBytes: number): void {
    if (bufferedBytes <= this.#options.limits.slowReaderBytes) {
      this.#loop.take({ kind: 'clientFull', link, full: true });
      return;
    }
    const end = { cause: 'tooSlow', reason: `${bufferedBytes} bytes wait to be read` } as const;
    this.#clients.close(link, end);
    this.#loop.take({ kind: 'clientEnded', link, end });
  }

  /**
   * Back-pressure acts on requests only (H16): a full queue behind stops the reading in front. An opening or a resume
   * is no burden to the database, and its session lives by it: while the processor takes it, it is read.
   */
  #readClients(): void {
    this.#clients.readAll(this.#databaseFull || this.#processorFull, !this.#processorFull);
  }
}
