import { formatTerm, formatZxid, TERM_ZERO } from '@paddock/model';
import type {
  BroadcastReply,
  BroadcastRequest,
  DeliveryReply,
  DeliveryRequest,
  Limits,
  Timing,
} from '@paddock/model';
import { OperatorError } from '@paddock/node-runtime';
import type { DirectoryIdentity, HealthReport } from '@paddock/node-runtime';
import type { CancelTimer, Clock, Disk, LinkAcceptor } from '@paddock/ports';
import { TxnLog, TxnLogError } from '@paddock/txn-log';
import { BroadcasterCore, BroadcasterEffects } from '@paddock/zab-core';
import type { BroadcasterEvent, LogReadRequest } from '@paddock/zab-core';
import { AcceptedLinks } from './accepted-links.ts';
import { reportHealth, STAGE_STOPS } from './stage.ts';
import type { Stage, StageSurroundings } from './stage.ts';
import { StageLoop } from './stage-loop.ts';

export interface ZabBroadcasterStageOptions {
  readonly limits: Limits;
  readonly timing: Timing;
  readonly identity: DirectoryIdentity;
}

export interface ZabBroadcasterStageDependencies extends StageSurroundings {
  readonly clock: Clock;
  readonly disk: Disk;
}

/** Transaction kinds that this version emits (H24). */
const FORMAT_LEVEL = 1;

function openLog(
  options: ZabBroadcasterStageOptions,
  disk: Disk,
  handlers: ConstructorParameters<typeof TxnLog>[2],
): TxnLog {
  const { identity, limits } = options;
  const initialConfiguration = {
    clusterId: identity.clusterId,
    formatLevel: FORMAT_LEVEL,
    members: [
      { replica: identity.replica, incarnation: identity.incarnation, role: 'voter', address: '' },
    ],
  } as const;
  try {
    return new TxnLog(disk, { segmentBytes: limits.segmentBytes, initialConfiguration }, handlers);
  } catch (error) {
    if (error instanceof TxnLogError) throw new OperatorError(error.message);
    throw error;
  }
}

/** The Zab broadcaster with its log and links: the processor and the database of the replica dial it. */
export class ZabBroadcasterStage implements Stage {
  readonly #options: ZabBroadcasterStageOptions;
  readonly #dependencies: ZabBroadcasterStageDependencies;
  readonly #core: BroadcasterCore;
  readonly #effects = new BroadcasterEffects();
  readonly #log: TxnLog;
  readonly #loop: StageLoop<BroadcasterEvent>;
  readonly #processors: AcceptedLinks<BroadcastReply[], BroadcastRequest[]>;
  readonly #databases: AcceptedLinks<DeliveryReply[], DeliveryRequest[]>;
  #ticking: CancelTimer | undefined;

  /** Recovers the log, which blocks. Throws an OperatorError where the log can't be trusted. */
  constructor(options: ZabBroadcasterStageOptions, dependencies: ZabBroadcasterStageDependencies) {
    const { limits, timing, identity } = options;
    this.#options = options;
    this.#dependencies = dependencies;
    this.#core = new BroadcasterCore(
      { self: identity, limits, timing },
      { clock: dependencies.clock },
    );
    this.#loop = new StageLoop(dependencies.timers, {
      step: (event) => this.#core.step(event, this.#effects),
      carryOut: () => this.#carryOut(),
      failed: (reason) => dependencies.failed(`zab-broadcaster: ${reason}`),
    });
    this.#log = openLog(options, dependencies.disk, {
      durable: (zxid) => this.#loop.take({ kind: 'logDurable', zxid }),
      purged: (logStart) => this.#loop.take({ kind: 'logPurged', logStart }),
      failed: (error) => this.#loop.take({ kind: 'diskFailed', reason: error.message }),
    });
    this.#processors = new AcceptedLinks({
      connected: (link) => this.#loop.take({ kind: 'processorConnected', link }),
      received: (link, messages) => this.#loop.take({ kind: 'processorReceived', link, messages }),
      ended: (link, end) => this.#loop.take({ kind: 'processorEnded', link, end }),
    });
    this.#databases = new AcceptedLinks({
      connected: (link) => this.#loop.take({ kind: 'databaseConnected', link }),
      received: (link, messages) => this.#loop.take({ kind: 'databaseReceived', link, messages }),
      ended: (link, end) => this.#loop.take({ kind: 'databaseEnded', link, end }),
    });
  }

  get acceptProcessor(): LinkAcceptor<BroadcastReply[], BroadcastRequest[]> {
    return this.#processors.accept;
  }

  get acceptDatabase(): LinkAcceptor<DeliveryReply[], DeliveryRequest[]> {
    return this.#databases.accept;
  }

  start(): void {
    const { torn, ...history } = this.#log.recovered;
    if (torn !== null) {
      const message = 'cut an unfinished batch off the end of the log';
      this.#dependencies.report({ level: 'warn', message, detail: { ...torn } });
    }
    this.#loop.take({ kind: 'recovered', history });
    this.#ticking = this.#dependencies.timers.every(this.#options.timing.tickMs, () =>
      this.#loop.take({ kind: 'tick' }),
    );
  }

  stop(): Promise<void> {
    this.#ticking?.();
    this.#loop.stop();
    this.#processors.closeAll(STAGE_STOPS);
    this.#databases.closeAll(STAGE_STOPS);
    this.#log.close();
    return Promise.resolve();
  }

  health(): HealthReport {
    const status = this.#core.status();
    const waitingFor: string[] = [];
    if (status.databases.length === 0) {
      waitingFor.push('zab-broadcaster: replicated-database, which dials it');
    }
    if (this.#processors.size === 0) {
      waitingFor.push('zab-broadcaster: request-processor, which dials it');
    }
    if (waitingFor.length === 0 && status.term === TERM_ZERO) {
      waitingFor.push('zab-broadcaster: its epoch');
    }
    return reportHealth(waitingFor);
  }

  status(): Readonly<Record<string, unknown>> {
    const status = this.#core.status();
    return {
      ...status,
      lastProposed: formatZxid(status.lastProposed),
      durable: formatZxid(status.durable),
      committed: formatZxid(status.committed),
      term: formatTerm(status.term),
      databases: status.databases.map((database) => ({
        ...database,
        delivered: formatZxid(database.delivered),
        applied: formatZxid(database.applied),
      })),
      log: { ...this.#log.counters },
    };
  }

  #carryOut(): void {
    const effects = this.#effects;
    if (effects.writeEpochs !== null) this.#writeEpochs(effects.writeEpochs);
    if (effects.append.length > 0) this.#log.append(effects.append, effects.committed);
    for (const request of effects.readLog) this.#readLog(request);
    if (effects.purgeBelow > 0) this.#log.purge(effects.purgeBelow);
    effects.processors.drain((link, batch) => this.#processors.send(link, batch));
    effects.databases.drain((link, batch) => this.#databases.send(link, batch));
    for (const link of effects.pauseProcessors) this.#processors.read(link, true);
    for (const link of effects.resumeProcessors) this.#processors.read(link, false);
    for (const { link, end } of effects.closeProcessors) this.#processors.close(link, end);
    for (const { link, end } of effects.closeDatabases) this.#databases.close(link, end);
    for (const event of effects.events) this.#dependencies.report(event);
    if (effects.fatal !== null) {
      this.#dependencies.failed(`zab-broadcaster: ${effects.fatal.reason}`);
    }
    effects.clear();
  }

  #writeEpochs(epochs: NonNullable<BroadcasterEffects['writeEpochs']>): void {
    this.#orStop(() => {
      this.#log.writeEpochs(epochs);
      this.#loop.take({ kind: 'epochsWritten', epochs });
    });
  }

  #readLog({ read, after, maxBytes }: LogReadRequest): void {
    this.#orStop(() =>
      this.#loop.take({ kind: 'logRead', read, entries: this.#log.read(after, maxBytes) }),
    );
  }

  /** What the disk throws ends the stage: what is durable is not known any more. */
  #orStop(action: () => void): void {
    try {
      action();
    } catch (error) {
      this.#loop.take({
        kind: 'diskFailed',
        reason: error instanceof Error ? error.message : String(error),
      });
    }
  }
}
