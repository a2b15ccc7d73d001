import { formatTerm, formatZxid } from '@paddock/model';
import type {
  BroadcastReply,
  BroadcastRequest,
  Limits,
  LookUpReply,
  LookUpRequest,
  ProcessorReply,
  ProcessorRequestBatch,
  Timing,
} from '@paddock/model';
import type { HealthReport } from '@paddock/node-runtime';
import type { CancelTimer, Clock, LinkAcceptor, LinkDialer } from '@paddock/ports';
import { ProcessorEffects, RequestProcessorCore } from '@paddock/processor-core';
import type { ProcessorEvent } from '@paddock/processor-core';
import { AcceptedLinks } from './accepted-links.ts';
import { DialledLink } from './dialled-link.ts';
import { reportHealth, STAGE_STOPS } from './stage.ts';
import type { Stage, StageSurroundings } from './stage.ts';
import { StageLoop } from './stage-loop.ts';

export interface RequestProcessorOptions {
  readonly limits: Limits;
  readonly timing: Timing;
  /** Where front-ends dial this processor. */
  readonly processorAddress: string;
  readonly databaseAddress: string;
  readonly broadcasterAddress: string;
}

export interface RequestProcessorDependencies extends StageSurroundings {
  readonly clock: Clock;
  readonly database: LinkDialer<LookUpRequest[], LookUpReply[]>;
  readonly broadcaster: LinkDialer<BroadcastRequest[], BroadcastReply[]>;
}

/** The request processor with its links: it dials the database and the broadcaster, front-ends dial it. */
export class RequestProcessorStage implements Stage {
  readonly #options: RequestProcessorOptions;
  readonly #dependencies: RequestProcessorDependencies;
  readonly #core: RequestProcessorCore;
  readonly #effects = new ProcessorEffects();
  readonly #loop: StageLoop<ProcessorEvent>;
  readonly #frontends: AcceptedLinks<ProcessorReply[], ProcessorRequestBatch>;
  readonly #database: DialledLink<LookUpRequest[], LookUpReply[]>;
  readonly #broadcaster: DialledLink<BroadcastRequest[], BroadcastReply[]>;
  #databaseLink = 0;
  #broadcasterLink = 0;
  #broadcasterFull = false;
  /** As the core knows it. */
  #toldFull = false;
  #ticking: CancelTimer | undefined;

  constructor(options: RequestProcessorOptions, dependencies: RequestProcessorDependencies) {
    const { limits, timing, processorAddress } = options;
    this.#options = options;
    this.#dependencies = dependencies;
    this.#core = new RequestProcessorCore(
      { processorAddress, limits, timing },
      { clock: dependencies.clock },
    );
    this.#loop = new StageLoop(dependencies.timers, {
      step: (event) => this.#core.step(event, this.#effects),
      carryOut: () => this.#carryOut(),
      failed: (reason) => dependencies.failed(`request-processor: ${reason}`),
    });
    this.#frontends = new AcceptedLinks({
      connected: (link) => this.#loop.take({ kind: 'frontendConnected', link }),
      received: (link, batch) => this.#loop.take({ kind: 'frontendReceived', link, batch }),
      ended: (link, end) => this.#loop.take({ kind: 'frontendEnded', link, end }),
    });
    this.#database = new DialledLink(options.databaseAddress, timing, {
      timers: dependencies.timers,
      dialer: dependencies.database,
      handlers: {
        connected: () => this.#loop.take({ kind: 'databaseConnected', link: ++this.#databaseLink }),
        received: (messages) =>
          this.#loop.take({ kind: 'databaseReceived', link: this.#databaseLink, messages }),
        ended: (end) => this.#loop.take({ kind: 'databaseEnded', link: this.#databaseLink, end }),
      },
    });
    this.#broadcaster = new DialledLink(options.broadcasterAddress, timing, {
      timers: dependencies.timers,
      dialer: dependencies.broadcaster,
      handlers: {
        connected: () => {
          this.#broadcasterFull = false;
          this.#loop.take({ kind: 'broadcasterConnected', link: ++this.#broadcasterLink });
        },
        received: (messages) =>
          this.#loop.take({ kind: 'broadcasterReceived', link: this.#broadcasterLink, messages }),
        drained: () => {
          this.#broadcasterFull = false;
          this.#readFrontends();
        },
        ended: (end) => {
          this.#broadcasterFull = false;
          this.#loop.take({ kind: 'broadcasterEnded', link: this.#broadcasterLink, end });
        },
      },
    });
  }

  get acceptFrontend(): LinkAcceptor<ProcessorReply[], ProcessorRequestBatch> {
    return this.#frontends.accept;
  }

  start(): void {
    this.#database.dial();
    this.#broadcaster.dial();
    this.#ticking = this.#dependencies.timers.every(this.#options.timing.tickMs, () =>
      this.#loop.take({ kind: 'tick' }),
    );
  }

  stop(): Promise<void> {
    this.#ticking?.();
    this.#loop.stop();
    this.#frontends.closeAll(STAGE_STOPS);
    this.#broadcaster.stop();
    this.#database.stop();
    return Promise.resolve();
  }

  health(): HealthReport {
    const status = this.#core.status();
    const waitingFor: string[] = [];
    // On a replica that follows, a processor hears nothing: it stands by.
    if (!status.broadcasterConnected || !this.#broadcaster.isStanding) {
      waitingFor.push(`request-processor: zab-broadcaster at ${this.#broadcaster.address}`);
    }
    if (!status.databaseConnected || !this.#database.isProven) {
      waitingFor.push(`request-processor: replicated-database at ${this.#database.address}`);
    }
    if (waitingFor.length === 0 && status.phase === 'loading') {
      waitingFor.push('request-processor: its term');
    }
    return reportHealth(waitingFor);
  }

  status(): Readonly<Record<string, unknown>> {
    const status = this.#core.status();
    return {
      ...status,
      term: status.term === null ? null : formatTerm(status.term),
      lastAssigned: formatZxid(status.lastAssigned),
      applied: formatZxid(status.applied),
      floor: formatZxid(status.floor),
    };
  }

  #carryOut(): void {
    const effects = this.#effects;
    effects.database.drain((_link, batch) => void this.#database.link?.send(batch));
    effects.broadcaster.drain((_link, batch) => {
      if (this.#broadcaster.link?.send(batch) === false) this.#broadcasterFull = true;
    });
    effects.frontends.drain((link, batch) => this.#frontends.send(link, batch));
    for (const { end } of effects.closeDatabase) this.#database.link?.close(end);
    for (const event of effects.events) this.#dependencies.report(event);
    effects.clear();
    this.#readFrontends();
  }

  /** Back-pressure acts on requests only (H16): a full queue behind stops the reading in front. */
  #readFrontends(): void {
    if (this.#toldFull !== this.#broadcasterFull) {
      this.#toldFull = this.#broadcasterFull;
      this.#loop.take({ kind: 'frontendReadingPaused', paused: this.#toldFull });
    }
    this.#frontends.readAll(this.#broadcasterFull || !this.#core.wantsRequests());
  }
}
