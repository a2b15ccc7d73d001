import type { LinkTraffic } from '@paddock/link-grpc';
import { assert } from '@paddock/model';
import type {
  BroadcastReply,
  BroadcastRequest,
  DeliveryReply,
  DeliveryRequest,
  ElectionReply,
  ElectionRequest,
  EnsembleConfiguration,
  LeaderMessage,
  LearnerMessage,
  Limits,
  LogSliceReply,
  LogSliceRequest,
  MembersQuestion,
  Timing,
  Zxid,
} from '@paddock/model';
import { OperatorError } from '@paddock/node-runtime';
import type { DirectoryIdentity, EnsembleMember, HealthReport } from '@paddock/node-runtime';
import type { CancelTimer, Clock, Disk, LinkAcceptor, LinkDialer, Random } from '@paddock/ports';
import { TxnLog, TxnLogError } from '@paddock/txn-log';
import { BroadcasterCore, BroadcasterEffects } from '@paddock/zab-core';
import type { BroadcasterEvent, LogReadRequest } from '@paddock/zab-core';
import { AcceptedLinks } from './accepted-links.ts';
import { BroadcasterPeers } from './broadcaster-peers.ts';
import { describeBroadcaster, whatBroadcasterMisses } from './broadcaster-report.ts';
import { initialConfiguration } from './initial-configuration.ts';
import { compareVoters } from './listed-voters.ts';
import { LogServing } from './log-serving.ts';
import { MemberRequests } from './member-requests.ts';
import type { MembersAnswerHandler } from './member-requests.ts';
import { reportHealth, STAGE_STOPS } from './stage.ts';
import type { Stage, StageSurroundings } from './stage.ts';
import { StageLoop } from './stage-loop.ts';

export interface ZabBroadcasterStageOptions {
  readonly limits: Limits;
  readonly timing: Timing;
  readonly identity: DirectoryIdentity;
  /** As the configuration file lists it; empty: an ensemble of one. */
  readonly ensemble: readonly EnsembleMember[];
  /** Where databases of other replicas dial that of this one. */
  readonly databaseAddress: string;
}

export interface ZabBroadcasterStageDependencies extends StageSurroundings {
  readonly clock: Clock;
  readonly random: Random;
  readonly disk: Disk;
  readonly election: LinkDialer<ElectionRequest[], ElectionReply[]>;
  readonly broadcast: LinkDialer<LearnerMessage[], LeaderMessage[]>;
  /** Told where a broadcaster has answered that may come to lead: what will be dialled then can be prepared. */
  readonly reached?: (address: string) => void;
  /** What the links between broadcasters have carried, where they count it. */
  readonly traffic?: Readonly<LinkTraffic>;
}

function openLog(
  options: ZabBroadcasterStageOptions,
  disk: Disk,
  handlers: ConstructorParameters<typeof TxnLog>[2],
): TxnLog {
  const { limits, identity, ensemble } = options;
  const { segmentBytes } = limits;
  let log: TxnLog;
  try {
    log = new TxnLog(
      disk,
      { segmentBytes, initialConfiguration: initialConfiguration(identity, ensemble) },
      handlers,
    );
  } catch (error) {
    if (error instanceof TxnLogError) throw new OperatorError(error.message);
    throw error;
  }
  try {
    compareVoters(options.ensemble, newestMembership(log));
  } catch (error) {
    log.close();
    throw error;
  }
  return log;
}

function newestMembership({ recovered: { configurations } }: TxnLog): EnsembleConfiguration {
  const newest = configurations.at(-1);
  assert(newest !== undefined, 'a log has the configuration of its base');
  return newest.configuration;
}

/**
 * The Zab broadcaster with its log and links: the processor and the database of the replica dial it, and the
 * broadcasters of the ensemble each other.
 */
export class ZabBroadcasterStage implements Stage {
  readonly #options: ZabBroadcasterStageOptions;
  readonly #dependencies: ZabBroadcasterStageDependencies;
  readonly #core: BroadcasterCore;
  readonly #effects = new BroadcasterEffects();
  readonly #log: TxnLog;
  readonly #loop: StageLoop<BroadcasterEvent>;
  readonly #processors: AcceptedLinks<BroadcastReply[], BroadcastRequest[]>;
  readonly #databases: AcceptedLinks<DeliveryReply[], DeliveryRequest[]>;
  readonly #peers: BroadcasterPeers;
  readonly #logServing: LogServing;
  readonly #members = new MemberRequests((event) => this.#loop.take(event));
  #ticking: CancelTimer | undefined;
  #wake: CancelTimer | undefined;
  #wakeAtMs = Infinity;
  #tickedMs = 0;

  /** Recovers the log, which blocks. Throws an OperatorError where the log can't be trusted. */
  constructor(options: ZabBroadcasterStageOptions, dependencies: ZabBroadcasterStageDependencies) {
    const { limits, timing, identity, ensemble, databaseAddress } = options;
    const { clock, random, timers, election, broadcast, reached } = dependencies;
    this.#options = options;
    this.#dependencies = dependencies;
    this.#core = new BroadcasterCore(
      {
        self: identity,
        clusterId: identity.clusterId,
        peers: ensemble,
        role: ensemble.find(({ replica }) => replica === identity.replica)?.role ?? 'voter',
        databaseAddress,
        limits,
        timing,
      },
      { clock, random },
    );
    this.#loop = new StageLoop(timers, {
      step: (event) => this.#step(event),
      carryOut: () => this.#carryOut(),
      failed: (reason) => dependencies.failed(`zab-broadcaster: ${reason}`),
    });
    this.#log = openLog(options, dependencies.disk, {
      durable: (zxid) => this.#loop.take({ kind: 'logDurable', zxid }),
      purged: (logStart) => this.#loop.take({ kind: 'logPurged', logStart }),
      failed: (error) => this.#loop.take({ kind: 'diskFailed', reason: error.message }),
    });
    this.#logServing = new LogServing({
      timers,
      log: this.#log,
      deliverable: () => this.#core.deliverable,
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
    this.#peers = new BroadcasterPeers(timing, {
      timers,
      election,
      broadcast,
      ...(reached === undefined ? {} : { reached }),
      take: (event) => this.#loop.take(event),
    });
  }

  get acceptProcessor(): LinkAcceptor<BroadcastReply[], BroadcastRequest[]> {
    return this.#processors.accept;
  }

  get acceptDatabase(): LinkAcceptor<DeliveryReply[], DeliveryRequest[]> {
    return this.#databases.accept;
  }

  get acceptLogReader(): LinkAcceptor<LogSliceReply[], LogSliceRequest[]> {
    return this.#logServing.accept;
  }

  get acceptCandidate(): LinkAcceptor<ElectionReply[], ElectionRequest[]> {
    return this.#peers.acceptCandidate;
  }

  get acceptLearner(): LinkAcceptor<LeaderMessage[], LearnerMessage[]> {
    return this.#peers.acceptLearner;
  }

  /** What an operator wants to know of the ensemble's members, or changed about them. */
  askMembers(question: MembersQuestion, answered: MembersAnswerHandler): void {
    this.#members.ask(question, answered);
  }

  start(): void {
    const { torn, ...history } = this.#log.recovered;
    if (torn !== null) {
      const message = 'cut an unfinished batch off the end of the log';
      this.#dependencies.report({ level: 'warn', message, detail: { ...torn } });
    }
    const remark = compareVoters(this.#options.ensemble, newestMembership(this.#log));
    if (remark !== null) this.#dependencies.report(remark);
    this.#tickedMs = this.#dependencies.clock.monotonicMs();
    this.#loop.take({ kind: 'recovered', history });
    this.#ticking = this.#dependencies.timers.every(this.#options.timing.tickMs, () =>
      this.#loop.take({ kind: 'tick' }),
    );
  }

  stop(): Promise<void> {
    this.#ticking?.();
    this.#wake?.();
    this.#loop.stop();
    this.#members.end();
    this.#peers.stop();
    this.#processors.closeAll(STAGE_STOPS);
    this.#databases.closeAll(STAGE_STOPS);
    this.#logServing.stop();
    this.#log.close();
    return Promise.resolve();
  }

  health(): HealthReport {
    const waitingFor = whatBroadcasterMisses(this.#core.status(), {
      processors: this.#processors.size,
      silent: this.#peers.silentElectors,
    });
    return reportHealth(waitingFor.map((what) => `zab-broadcaster: ${what}`));
  }

  status(): Readonly<Record<string, unknown>> {
    const { traffic } = this.#dependencies;
    return {
      ...describeBroadcaster(this.#core.status()),
      log: { ...this.#log.counters },
      ...(traffic === undefined ? {} : { traffic: { ...traffic } }),
    };
  }

  /**
   * A process that was stopped finds messages in its sockets before its timers fire: it must know how late it is before
   * it believes them (H13).
   */
  #step(event: BroadcasterEvent): void {
    const nowMs = this.#dependencies.clock.monotonicMs();
    const isLate = nowMs - this.#tickedMs > 2 * this.#options.timing.tickMs;
    if (isLate && event.kind !== 'tick') this.#core.step({ kind: 'tick' }, this.#effects);
    if (isLate || event.kind === 'tick') this.#tickedMs = nowMs;
    this.#core.step(event, this.#effects);
  }

  #carryOut(): void {
    const effects = this.#effects;
    if (effects.writeEpochs !== null) this.#writeEpochs(effects.writeEpochs);
    if (effects.append.length > 0) this.#log.append(effects.append, effects.committed);
    for (const request of effects.readLog) this.#readLog(request);
    this.#changeLog(effects);
    effects.processors.drain((link, batch) => this.#processors.send(link, batch));
    effects.databases.drain((link, batch) => this.#databases.send(link, batch));
    for (const link of effects.pauseProcessors) this.#processors.read(link, true);
    for (const link of effects.resumeProcessors) this.#processors.read(link, false);
    for (const { link, end } of effects.closeProcessors) this.#processors.close(link, end);
    for (const { link, end } of effects.closeDatabases) this.#databases.close(link, end);
    this.#peers.carryOut(effects);
    for (const { request, answer } of effects.memberAnswers) {
      this.#members.answered(request, answer);
    }
    for (const event of effects.events) this.#dependencies.report(event);
    this.#scheduleWake(effects.wakeAtMs);
    effects.clear();
    if (effects.fatal === null) return;
    // Nothing more comes of a core that has failed, also not from those who go on calling it.
    this.#loop.stop();
    this.#members.end();
    this.#wake?.();
    this.#dependencies.failed(`zab-broadcaster: ${effects.fatal.reason}`);
  }

  #changeLog({ truncate, restartFrom, purgeBelow }: BroadcasterEffects): void {
    if (truncate !== null) this.#truncate(truncate);
    if (restartFrom !== null) {
      this.#orStop(() => {
        this.#log.restartFrom(restartFrom);
        this.#loop.take({ kind: 'logRestarted', base: restartFrom.zxid });
      });
    }
    if (purgeBelow > 0) this.#orStop(() => this.#log.purge(purgeBelow));
  }

  #truncate(after: Zxid): void {
    this.#orStop(() => this.#loop.take({ kind: 'logTruncated', last: this.#log.truncate(after) }));
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
}
