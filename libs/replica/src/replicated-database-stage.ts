import { formatTerm, formatZxid } from '@paddock/model';
import type {
  DatabaseReply,
  DatabaseRequest,
  DeliveryReply,
  DeliveryRequest,
  LookUpReply,
  LookUpRequest,
  SnapshotReply,
  SnapshotRequest,
  Zxid,
} from '@paddock/model';
import type { HealthReport } from '@paddock/node-runtime';
import type { CancelTimer, Clock, Disk, LinkAcceptor, LinkDialer, LinkEnd } from '@paddock/ports';
import { DatabaseEffects } from '@paddock/tree-core';
import type {
  DatabaseCore,
  DatabaseEvent,
  DatabaseOptions,
  SnapshotNeed,
} from '@paddock/tree-core';
import { SnapshotFiles } from '@paddock/txn-log';
import { AcceptedLinks } from './accepted-links.ts';
import { ContradictionEvidence } from './contradiction-evidence.ts';
import { DatabaseLoading } from './database-loading.ts';
import { DialledLink } from './dialled-link.ts';
import { SnapshotCommands } from './snapshot-commands.ts';
import { SnapshotFetching } from './snapshot-fetching.ts';
import type { TransferStatus } from './snapshot-fetching.ts';
import { SnapshotServing } from './snapshot-serving.ts';
import { reportHealth, STAGE_STOPS } from './stage.ts';
import type { Stage, StageSurroundings } from './stage.ts';
import { StageLoop } from './stage-loop.ts';

/** Read in one turn of an installation, so that other stages of the process get theirs. */
const LOAD_TURN_BYTES = 512 * 1024;
const INSTALLS: LinkEnd = { cause: 'lost', reason: 'the database loads a snapshot of another one' };

export interface ReplicatedDatabaseStageOptions extends DatabaseOptions {
  readonly broadcasterAddress: string;
}

export interface ReplicatedDatabaseStageDependencies extends StageSurroundings {
  readonly clock: Clock;
  readonly disk: Disk;
  readonly broadcaster: LinkDialer<DeliveryRequest[], DeliveryReply[]>;
  /** Databases of other replicas, which have a snapshot where the log does not reach back far enough (H8). */
  readonly snapshots: LinkDialer<SnapshotRequest[], SnapshotReply[]>;
}

/**
 * The replicated database with its snapshots and links: it dials the broadcaster, and databases of other replicas when
 * it needs a snapshot; all other stages dial it.
 */
export class ReplicatedDatabaseStage implements Stage {
  readonly #options: ReplicatedDatabaseStageOptions;
  readonly #dependencies: ReplicatedDatabaseStageDependencies;
  readonly #snapshots: SnapshotFiles;
  readonly #fetching: SnapshotFetching;
  readonly #serving: SnapshotServing;
  readonly #evidence: ContradictionEvidence;
  readonly #writing: SnapshotCommands;
  /** To be fetched once the evidence is kept. */
  #heldNeed: SnapshotNeed | null = null;
  #core: DatabaseCore;
  /** While a snapshot of another database takes the place of everything. */
  #installing: DatabaseLoading | null = null;
  readonly #effects = new DatabaseEffects();
  readonly #loop: StageLoop<DatabaseEvent>;
  readonly #frontends: AcceptedLinks<DatabaseReply[], DatabaseRequest[]>;
  readonly #processors: AcceptedLinks<LookUpReply[], LookUpRequest[]>;
  #broadcaster: DialledLink<DeliveryRequest[], DeliveryReply[]>;
  /** Front-ends that are sent more than their link holds, and those whose requests wait for that. */
  readonly #fullFrontends = new Set<number>();
  readonly #heldFrontends = new Set<number>();
  #broadcasterLink = 0;
  #ticking: CancelTimer | undefined;
  #slice: CancelTimer | undefined;
  #installation: CancelTimer | undefined;
  #takesSnapshots = true;

  /** Loads the newest good snapshot, which blocks. Throws an OperatorError where nothing may be started on it. */
  constructor(
    options: ReplicatedDatabaseStageOptions,
    dependencies: ReplicatedDatabaseStageDependencies,
  ) {
    const { limits, timing } = options;
    const { timers, report } = dependencies;
    this.#options = options;
    this.#dependencies = dependencies;
    this.#snapshots = this.#openSnapshots();
    const files = this.#snapshots;
    this.#core = this.#load();
    this.#fetching = new SnapshotFetching(limits, timing, {
      timers,
      report,
      files,
      dialer: dependencies.snapshots,
    });
    this.#evidence = new ContradictionEvidence({
      timers,
      report,
      files,
      isFetching: () => this.#fetching.isActive,
      ended: () => this.#evidenceEnded(),
    });
    this.#writing = new SnapshotCommands(files, this.#evidence, (reason) =>
      this.#take({ kind: 'snapshotFailed', reason }),
    );
    this.#serving = new SnapshotServing({
      timers,
      report,
      files,
      offers: (zxid) => this.#core.offersSnapshot(zxid),
      takes: () => this.#core.takesSnapshots,
      wanted: (atLeast) => this.#take({ kind: 'snapshotWanted', atLeast }),
    });
    this.#loop = new StageLoop(timers, {
      step: (event) => this.#core.step(event, this.#effects),
      carryOut: () => this.#carryOut(),
      failed: (reason) => dependencies.failed(`replicated-database: ${reason}`),
    });
    this.#frontends = this.#frontendLinks();
    this.#processors = new AcceptedLinks({
      connected: (link) => {
        if (this.#installing === null) this.#take({ kind: 'processorConnected', link });
        else this.#processors.close(link, INSTALLS);
      },
      received: (link, messages) => this.#take({ kind: 'processorReceived', link, messages }),
      ended: (link, end) => this.#take({ kind: 'processorEnded', link, end }),
    });
    this.#broadcaster = this.#broadcasterLinkOf();
  }

  get acceptFrontend(): LinkAcceptor<DatabaseReply[], DatabaseRequest[]> {
    return this.#frontends.accept;
  }

  get acceptProcessor(): LinkAcceptor<LookUpReply[], LookUpRequest[]> {
    return this.#processors.accept;
  }

  get acceptDatabase(): LinkAcceptor<SnapshotReply[], SnapshotRequest[]> {
    return this.#serving.accept;
  }

  get applied(): Zxid {
    return this.#core.status().applied;
  }

  /** How far the transfer of a snapshot has come that this database needs; null where it needs none. */
  get transfer(): TransferStatus | null {
    return this.#fetching.status;
  }

  start(): void {
    this.#broadcaster.dial();
    this.#ticking = this.#dependencies.timers.every(this.#options.timing.tickMs, () =>
      this.#take({ kind: 'tick' }),
    );
  }

  stop(): Promise<void> {
    this.#ticking?.();
    this.#slice?.();
    this.#installation?.();
    this.#installing?.close();
    this.#loop.stop();
    this.#fetching.stop();
    this.#evidence.stop();
    this.#serving.stop();
    this.#snapshots.abandon();
    this.#frontends.closeAll(STAGE_STOPS);
    this.#processors.closeAll(STAGE_STOPS);
    this.#broadcaster.stop();
    return Promise.resolve();
  }

  health(): HealthReport {
    const status = this.#core.status();
    if (this.#installing !== null) return reportHealth([`replicated-database: ${INSTALLS.reason}`]);
    if (!status.hasBroadcaster || !this.#broadcaster.isProven) {
      return reportHealth([`replicated-database: zab-broadcaster at ${this.#broadcaster.address}`]);
    }
    return reportHealth(
      status.isServing ? [] : [`replicated-database: ${status.notServingReason}`],
    );
  }

  status(): Readonly<Record<string, unknown>> {
    const { freshAgoMs, ...status } = this.#core.status();
    return {
      ...status,
      applied: formatZxid(status.applied),
      term: status.term === null ? null : formatTerm(status.term.term),
      historyFloor: formatZxid(status.historyFloor),
      newestSnapshot: formatZxid(status.newestSnapshot),
      freshAgoMs: Number.isFinite(freshAgoMs) ? Math.round(freshAgoMs) : null,
      transfer: this.transfer,
      snapshotsServed: this.#serving.count,
    };
  }

  #openSnapshots(): SnapshotFiles {
    const { disk, timers, failed } = this.#dependencies;
    return new SnapshotFiles(
      { kept: this.#options.limits.snapshotsKept },
      { disk, yieldTurn: (next) => void timers.soon(next) },
      {
        written: (bytes) => {
          if (this.#fetching.isActive) this.#fetching.written(bytes);
          else this.#take({ kind: 'snapshotWritten', bytes });
        },
        finished: (zxid, oldestKept) => {
          if (this.#fetching.isActive) this.#install();
          else this.#take({ kind: 'snapshotFinished', zxid, oldestKept });
          this.#serving.changed();
        },
        failed: (_zxid, reason) => {
          if (this.#fetching.isActive) this.#fetching.failed(reason);
          else this.#take({ kind: 'snapshotFailed', reason });
        },
        evidenceEnded: (name, failure) => this.#evidence.ended(name, failure),
        syncFailed: (error) => failed(`replicated-database: ${error.message}`),
      },
    );
  }

  #frontendLinks(): AcceptedLinks<DatabaseReply[], DatabaseRequest[]> {
    const { slowReaderBytes } = this.#options.limits;
    return new AcceptedLinks({
      connected: (link) => {
        if (this.#installing === null) this.#take({ kind: 'frontendConnected', link });
        else this.#frontends.close(link, INSTALLS);
      },
      received: (link, messages) => this.#take({ kind: 'frontendReceived', link, messages }),
      ended: (link, end) => {
        this.#forgetFrontend(link);
        this.#take({ kind: 'frontendEnded', link, end });
      },
      slow: (link, bufferedBytes) => {
        this.#fullFrontends.add(link);
        if (bufferedBytes > slowReaderBytes) this.#take({ kind: 'frontendSlow', link });
      },
      drained: (link) => {
        this.#fullFrontends.delete(link);
        this.#resumeFrontend(link);
      },
    });
  }

  #broadcasterLinkOf(): DialledLink<DeliveryRequest[], DeliveryReply[]> {
    const { timers, broadcaster: dialer } = this.#dependencies;
    const { broadcasterAddress, timing } = this.#options;
    return new DialledLink(broadcasterAddress, timing, {
      timers,
      dialer,
      handlers: {
        connected: () =>
          this.#take({ kind: 'broadcasterConnected', link: ++this.#broadcasterLink }),
        received: (messages) =>
          this.#take({ kind: 'broadcasterReceived', link: this.#broadcasterLink, messages }),
        ended: (end) => this.#take({ kind: 'broadcasterEnded', link: this.#broadcasterLink, end }),
      },
    });
  }

  #loading(): DatabaseLoading {
    const { clock, report } = this.#dependencies;
    return new DatabaseLoading(this.#options, { clock, report, files: this.#snapshots });
  }

  #load(): DatabaseCore {
    const loading = this.#loading();
    loading.next(Infinity);
    return loading.core;
  }

  /** While a snapshot is being installed nobody is there for what neighbours and the disk have to say. */
  #take(event: DatabaseEvent): void {
    if (this.#installing === null) this.#loop.take(event);
  }

  /**
   * The snapshot of another database is durable and verified: streams end first (H15), and what was in memory is given
   * up for what is read as at a start. The link to the broadcaster that is opened then tells it of the snapshot (H8).
   */
  #install(): void {
    this.#fetching.finished();
    this.#frontends.closeAll(INSTALLS);
    this.#processors.closeAll(INSTALLS);
    this.#fullFrontends.clear();
    this.#heldFrontends.clear();
    this.#broadcaster.stop();
    this.#slice?.();
    this.#slice = undefined;
    this.#installing = this.#loading();
    this.#core = this.#installing.core;
    this.#installInTurns(this.#installing);
  }

  #installInTurns(loading: DatabaseLoading): void {
    this.#installation = this.#dependencies.timers.soon(() => {
      try {
        if (loading.next(LOAD_TURN_BYTES)) this.#installed(loading.core);
        else this.#installInTurns(loading);
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error);
        this.#dependencies.failed(`replicated-database: ${reason}`);
      }
    });
  }

  #installed(core: DatabaseCore): void {
    this.#core = core;
    this.#installing = null;
    this.#takesSnapshots = true;
    this.#broadcaster = this.#broadcasterLinkOf();
    this.#broadcaster.dial();
    this.#serving.changed();
  }

  #carryOut(): void {
    const effects = this.#effects;
    effects.frontends.drain((link, batch) => this.#frontends.send(link, batch));
    effects.processors.drain((link, batch) => this.#processors.send(link, batch));
    effects.broadcaster.drain((_link, batch) => void this.#broadcaster.link?.send(batch));
    for (const link of effects.heldFrontends) {
      this.#heldFrontends.add(link);
      this.#frontends.read(link, true);
      this.#resumeFrontend(link);
    }
    for (const command of effects.snapshot) this.#writing.carryOut(command);
    for (const { link, end } of effects.closeFrontends) {
      this.#forgetFrontend(link);
      this.#frontends.close(link, end);
    }
    for (const { link, end } of effects.closeProcessors) this.#processors.close(link, end);
    for (const event of effects.events) this.#dependencies.report(event);
    if (effects.fatal !== null) {
      this.#dependencies.failed(`replicated-database: ${effects.fatal.reason}`);
    }
    const { contradiction, snapshotNeed } = effects;
    effects.clear();
    this.#scheduleSlice();
    if (contradiction !== null) this.#evidence.keep(contradiction);
    if (snapshotNeed !== null) this.#fetch(snapshotNeed);
    const takesSnapshots = this.#core.takesSnapshots;
    if (takesSnapshots === this.#takesSnapshots && contradiction === null) return;
    this.#takesSnapshots = takesSnapshots;
    this.#serving.changed();
  }

  #fetch(need: SnapshotNeed): void {
    if (this.#evidence.isBeingWritten) this.#heldNeed = need;
    else this.#fetching.fetch(need);
  }

  #evidenceEnded(): void {
    this.#take({ kind: 'evidenceEnded' });
    const need = this.#heldNeed;
    this.#heldNeed = null;
    if (need !== null) this.#fetching.fetch(need);
  }

  /** Back-pressure acts on requests only (H16): those behind large answers go on when these have left. */
  #resumeFrontend(link: number): void {
    if (!this.#heldFrontends.has(link) || this.#fullFrontends.has(link)) return;
    this.#heldFrontends.delete(link);
    this.#dependencies.timers.soon(() => {
      this.#frontends.read(link, false);
      this.#take({ kind: 'frontendResumed', link });
    });
  }

  #forgetFrontend(link: number): void {
    this.#fullFrontends.delete(link);
    this.#heldFrontends.delete(link);
  }

  /** One slice a turn of the event loop, so that requests come in between. */
  #scheduleSlice(): void {
    if (!this.#core.wantsSlice || this.#slice !== undefined) return;
    this.#slice = this.#dependencies.timers.soon(() => {
      this.#slice = undefined;
      this.#take({ kind: 'continueSnapshot' });
    });
  }
}
