import { TERM_ZERO, termEpoch, ZXID_ZERO } from '@paddock/model';
import type {
  BroadcastReply,
  LookUpReply,
  ProcessorRequestBatch,
  Term,
  Zxid,
} from '@paddock/model';
import { Confirmations } from './confirmations.ts';
import type { FrontendLink } from './frontend-link.ts';
import { LookUps } from './look-ups.ts';
import type { LookUpAnswered } from './look-ups.ts';
import type { ProcessorEffects } from './processor-effects.ts';
import type { ProcessorEvent } from './processor-event.ts';
import type {
  ProcessorDependencies,
  ProcessorOptions,
  ProcessorStatus,
} from './processor-options.ts';
import { ServingTerm } from './serving-term.ts';
import { TermLoading } from './term-loading.ts';

/** Rows in a page of the session table: well within a message. */
const SESSIONS_PER_PAGE = 1000;

/**
 * The request processor (paper 4.1): one term at a time it validates writes against the state as it will be, turns
 * them into idempotent transactions, and gives these their zxids.
 */
export class RequestProcessorCore {
  readonly #options: ProcessorOptions;
  readonly #dependencies: ProcessorDependencies;
  readonly #frontends = new Map<number, FrontendLink>();
  readonly #lookUps: LookUps;
  readonly #confirmations = new Confirmations();
  #database: number | null = null;
  #broadcaster: number | null = null;
  #loading: TermLoading | null = null;
  #serving: ServingTerm | null = null;
  /** Of the current stream from the database. */
  #applied: Zxid = ZXID_ZERO;
  #lastTickMs: number;
  /** By the driver; what the core itself wants is wantsRequests. */
  #readingPaused = false;

  constructor(options: ProcessorOptions, dependencies: ProcessorDependencies) {
    this.#options = options;
    this.#dependencies = dependencies;
    const { batchOperations, transactionZnodes } = options.limits;
    this.#lookUps = new LookUps(batchOperations, SESSIONS_PER_PAGE, transactionZnodes);
    this.#lastTickMs = dependencies.clock.monotonicMs();
  }

  step(event: ProcessorEvent, out: ProcessorEffects): void {
    this.#serving?.state.proposals.observeWall(this.#dependencies.clock.wallMs());
    switch (event.kind) {
      case 'tick':
        this.#tick(out);
        break;
      case 'frontendConnected':
        this.#frontends.set(event.link, { link: event.link, live: true });
        break;
      case 'frontendReceived':
        this.#frontendReceived(event.link, event.batch, out);
        break;
      case 'frontendEnded':
        this.#frontendEnded(event.link);
        break;
      case 'frontendReadingPaused':
        this.#readingPaused = event.paused;
        break;
      case 'databaseConnected':
        this.#databaseConnected(event.link);
        break;
      case 'databaseReceived':
        if (event.link === this.#database) this.#databaseReceived(event.link, event.messages, out);
        break;
      case 'databaseEnded':
        if (event.link === this.#database) this.#database = null;
        break;
      case 'broadcasterConnected':
        this.#broadcasterConnected(event.link, out);
        break;
      case 'broadcasterReceived':
        if (event.link === this.#broadcaster) this.#broadcasterReceived(event.messages, out);
        break;
      case 'broadcasterEnded':
        if (event.link !== this.#broadcaster) break;
        this.#broadcaster = null;
        this.#endTerm(event.end.reason, out);
        break;
    }
    this.#flush(out);
  }

  /** False: front-ends are not to be read until it is true again; to be asked after each step. */
  wantsRequests(): boolean {
    if (this.#confirmations.readsPending >= this.#options.limits.overlayEntries) return false;
    return this.#serving === null || this.#serving.wantsRequests;
  }

  status(): ProcessorStatus {
    const serving = this.#serving;
    const state = serving?.state;
    return {
      phase: serving !== null ? 'serving' : this.#loading !== null ? 'loading' : 'waiting',
      broadcasterConnected: this.#broadcaster !== null,
      databaseConnected: this.#database !== null,
      frontends: this.#frontends.size,
      term: serving?.term ?? this.#loading?.term ?? null,
      lastAssigned: state?.proposals.lastAssigned ?? ZXID_ZERO,
      applied: this.#applied,
      floor: state?.overlay.floor ?? this.#loading?.lastProposed ?? ZXID_ZERO,
      sessions: state?.sessions.size ?? 0,
      queuedRequests: state?.queue.length ?? 0,
      overlayZnodes: state?.overlay.size ?? 0,
      changesInFlight: state?.overlay.changesInFlight ?? 0,
      bytesHeld: serving?.bytesHeld ?? 0,
      wantsRequests: this.wantsRequests(),
    };
  }

  #tick(out: ProcessorEffects): void {
    const nowMs = this.#dependencies.clock.monotonicMs();
    const elapsedMs = nowMs - this.#lastTickMs;
    this.#lastTickMs = nowMs;
    // While nobody reads them, the touches that wait behind our back must not count as missing (H16 c).
    const isHeard = !this.#readingPaused && this.wantsRequests();
    this.#serving?.tick(elapsedMs, isHeard, out);
  }

  #frontendReceived(link: number, batch: ProcessorRequestBatch, out: ProcessorEffects): void {
    const frontend = this.#frontends.get(link);
    if (frontend === undefined) return;
    const serving = this.#serving;
    if (serving?.term !== batch.term) {
      const { processorAddress } = this.#options;
      const current = serving === null ? null : { term: serving.term, processorAddress };
      out.frontends.push(link, { kind: 'termRefused', current });
      return;
    }
    serving.received(frontend, batch.messages, this.#confirmations, out);
  }

  #frontendEnded(link: number): void {
    const frontend = this.#frontends.get(link);
    if (frontend === undefined) return;
    frontend.live = false;
    this.#frontends.delete(link);
  }

  /** In the middle of a term it goes on: what is in flight is kept, what was not answered is asked again (H5). */
  #databaseConnected(link: number): void {
    this.#database = link;
    this.#applied = ZXID_ZERO;
    this.#lookUps.resendAll();
    this.#serving?.state.overlay.streamRestarted();
  }

  #databaseReceived(link: number, messages: readonly LookUpReply[], out: ProcessorEffects): void {
    for (const message of messages) {
      if (message.kind === 'applied') {
        this.#applied = message.zxid;
        this.#serving?.state.overlay.dropThrough(message.zxid);
      } else if (!this.#answered(link, message, out)) return;
    }
  }

  #answered(link: number, message: LookUpAnswered, out: ProcessorEffects): boolean {
    const lookUp = this.#lookUps.answer(message);
    if (lookUp === null) return true;
    if (lookUp.kind === 'breach') {
      const { reason } = lookUp;
      this.#database = null;
      out.closeDatabase.push({ link, end: { cause: 'refused', reason } });
      out.events.push({
        level: 'error',
        message: 'the database broke the rules of its link',
        detail: { reason },
      });
      return false;
    }
    if (this.#serving !== null) this.#serving.answered(lookUp, message, out);
    else if (this.#loading !== null) {
      this.#loading.answered(lookUp, message, this.#lookUps);
      this.#serveIfLoaded(out);
    }
    return true;
  }

  #broadcasterConnected(link: number, out: ProcessorEffects): void {
    this.#endTerm('another broadcaster was connected', out);
    this.#broadcaster = link;
    const { processorAddress } = this.#options;
    out.broadcaster.push(link, { kind: 'offer', processorAddress });
  }

  #broadcasterReceived(messages: readonly BroadcastReply[], out: ProcessorEffects): void {
    for (const message of messages) {
      switch (message.kind) {
        case 'termGranted':
          this.#endTerm('a newer term was granted', out);
          this.#load(message.term, message.lastProposed, out);
          break;
        case 'termEnded':
          if (message.term === this.#currentTerm()) this.#endTerm(message.reason, out);
          break;
        case 'leadershipConfirmed':
          this.#confirmations.confirmed(message.round, message.floor, out.frontends);
          break;
        case 'configure':
          this.#configure(message.term, message.configuration, out);
          break;
      }
    }
  }

  #currentTerm(): Term {
    return this.#serving?.term ?? this.#loading?.term ?? TERM_ZERO;
  }

  #load(term: Term, lastProposed: Zxid, out: ProcessorEffects): void {
    this.#loading = new TermLoading(term, lastProposed, this.#lookUps);
    out.events.push({
      level: 'info',
      message: 'term granted',
      epoch: termEpoch(term),
      zxid: lastProposed,
    });
  }

  /** Of another term it is void: the broadcaster asks again for what it still wants. */
  #configure(term: Term, configuration: Uint8Array, out: ProcessorEffects): void {
    if (term !== this.#currentTerm()) return;
    this.#loading?.configurations.push(configuration);
    this.#serving?.configure(configuration, out);
  }

  #serveIfLoaded(out: ProcessorEffects): void {
    const loading = this.#loading;
    const broadcaster = this.#broadcaster;
    if (loading?.complete !== true || broadcaster === null) return;
    const { limits, timing, processorAddress } = this.#options;
    const serving = new ServingTerm(loading, this.#lookUps, broadcaster, limits, timing);
    this.#loading = null;
    this.#serving = serving;
    this.#lastTickMs = this.#dependencies.clock.monotonicMs();
    serving.proposeMarker(processorAddress, out);
    for (const configuration of loading.configurations) serving.configure(configuration, out);
    out.events.push({
      level: 'info',
      message: 'term served',
      epoch: termEpoch(serving.term),
      zxid: serving.state.proposals.lastAssigned,
      detail: { sessions: serving.state.sessions.size },
    });
  }

  /** Everything of the term goes; its front-ends learn by refusals, and by the marker of the next term (H1). */
  #endTerm(reason: string, out: ProcessorEffects): void {
    const term = this.#currentTerm();
    if (term === TERM_ZERO) return;
    this.#serving = null;
    this.#loading = null;
    this.#hangUpIfBehind(out);
    this.#lookUps.abandon();
    this.#confirmations.abandon();
    out.events.push({
      level: 'warn',
      message: 'term ended',
      epoch: termEpoch(term),
      detail: { reason },
    });
  }

  /**
   * What the database has not applied may have been lost with the term: a look-up that waits for it would wait for
   * ever, and those of the next term behind it. A new link knows nothing of it.
   */
  #hangUpIfBehind(out: ProcessorEffects): void {
    const link = this.#database;
    if (link === null || !this.#lookUps.waitBeyond(this.#applied)) return;
    this.#database = null;
    const reason = 'the term ended before the database had reached it';
    out.closeDatabase.push({ link, end: { cause: 'closed', reason } });
  }

  #flush(out: ProcessorEffects): void {
    const serving = this.#serving;
    if (serving !== null && this.#broadcaster !== null) {
      serving.flush(out);
      this.#confirmations.send(out.broadcaster, this.#broadcaster, serving.term);
    }
    const floor = serving?.state.overlay.floor ?? this.#loading?.lastProposed;
    if (this.#database === null || floor === undefined) return;
    this.#lookUps.send(out.database, this.#database, floor);
  }
}
