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
  RestorationNeed,
  SnapshotNeed,
} from '@paddock/tree-core';
import { SnapshotFiles } from '@paddock/txn-log';
import { AcceptedLinks } from './accepted-links.ts';
import { ContradictionEvidence } from './contradiction-evidence.ts';
import { DatabaseBackups } from './database-backups.ts';
import { describeDatabase } from './database-report.ts';
import { DatabaseFrontends } from './database-frontends.ts';
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
const RESTORES: LinkEnd = {
  cause: 'lost',
  reason: 'the database is brought to the state of a backup',
};
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
  readonly #backups: DatabaseBackups;
  readonly #acceptDatabase: LinkAcceptor<SnapshotReply[], SnapshotRequest[]>;
  readonly #writing: SnapshotCommands;
  /** To be fetched once the evidence is kept. */
  #heldNeed: SnapshotNeed | null = null;
  #core: DatabaseCore;
  /** While a snapshot of another database takes the place of everything. */
  #installing: DatabaseLoading | null = null;
  readonly #effects = new DatabaseEffects();
  readonly #loop: StageLoop<DatabaseEvent>;
  readonly #frontends: DatabaseFrontends;
  readonly #processors: AcceptedLinks<LookUpReply[], LookUpRequest[]>;
  #broadcaster: DialledLink<DeliveryRequest[], DeliveryReply[]>;
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
    this.#backups = new DatabaseBackups(options, {
      ...dependencies,
      files,
      dialer: dependencies.snapshots,
      applied: () => this.applied,
      held: (backup) => this.#take({ kind: 'backupHeld', backup }),
      lost: (reason) => this.#backupLost(reason),
      failed: (reason) => dependencies.failed(`replicated-database: ${reason}`),
    });
    this.#acceptDatabase = this.#backups.accept(this.#serving.accept);
    this.#loop = new StageLoop(timers, {
      step: (event) => this.#core.step(event, this.#effects),
      carryOut: () => this.#carryOut(),
      failed: (reason) => dependencies.failed(`replicated-database: ${reason}`),
    });
    this.#frontends = new DatabaseFrontends({
      timers,
      slowReaderBytes: limits.slowReaderBytes,
      absence: () => this.#absence,
      take: (event) => this.#take(event),
    });
    this.#processors = new AcceptedLinks({
      connected: (link) => {
        const absence = this.#absence;
        if (absence === null) this.#take({ kind: 'processorConnected', link });
        else this.#processors.close(link, absence);
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
    return this.#acceptDatabase;
  }

  get applied(): Zxid {
    return this.#core.status().applied;
  }

  /** How far the transfer of a snapshot has come that this database needs; null where it needs none. */
  get transfer(): TransferStatus | null {
    return this.#fetching.status;
  }

  start(): void {
    this.#backups.tellHeld();
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
    this.#backups.stop();
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
    const absence = this.#absence;
    if (absence !== null) return reportHealth([`replicated-database: ${absence.reason}`]);
    if (!status.hasBroadcaster || !this.#broadcaster.isProven) {
      return reportHealth([`replicated-database: zab-broadcaster at ${this.#broadcaster.address}`]);
    }
    return reportHealth(
      status.isServing ? [] : [`replicated-database: ${status.notServingReason}`],
    );
  }

  status(): Readonly<Record<string, unknown>> {
    return {
      ...describeDatabase(this.#core.status()),
      transfer: this.transfer,
      snapshotsServed: this.#serving.count,
    };
  }

  /** Why neighbours are not served now; null: they are. */
  get #absence(): LinkEnd | null {
    if (this.#backups.isRestoring) return RESTORES;
    return this.#installing === null ? null : INSTALLS;
  }

  /** What was in memory is given up for what the backup has, made a snapshot: as with one of another database. */
  #restore(need: RestorationNeed): void {
    this.#frontends.closeAll(RESTORES);
    this.#processors.closeAll(RESTORES);
    this.#slice?.();
    this.#slice = undefined;
    this.#backups.restore(need, this.#core);
  }

  /** Said on a new link: the core has heard nothing of the one of before since it came to the restoration. */
  #backupLost(reason: string): void {
    this.#broadcaster.stop();
    this.#take({ kind: 'backupLost', reason });
    this.#broadcaster = this.#broadcasterLinkOf();
    this.#broadcaster.dial();
  }

  #openSnapshots(): SnapshotFiles {
    const { disk, timers, failed } = this.#dependencies;
    return new SnapshotFiles(
      { kept: this.#options.limits.snapshotsKept },
      { disk, yieldTurn: (next) => void timers.soon(next) },
      {
        written: (bytes) => {
          if (this.#backups.isRestoring) this.#backups.written(bytes);
          else if (this.#fetching.isActive) this.#fetching.written(bytes);
          else this.#take({ kind: 'snapshotWritten', bytes });
        },
        finished: (zxid, oldestKept) => {
          this.#backups.purge(oldestKept);
          if (this.#backups.isRestoring || this.#fetching.isActive) this.#install();
          else this.#take({ kind: 'snapshotFinished', zxid, oldestKept });
          this.#serving.changed();
        },
        failed: (_zxid, reason) => {
          if (this.#backups.isRestoring) failed(`replicated-database: ${reason}`);
          else if (this.#fetching.isActive) this.#fetching.failed(reason);
          else this.#take({ kind: 'snapshotFailed', reason });
        },
        evidenceEnded: (name, failure) => this.#evidence.ended(name, failure),
        syncFailed: (error) => failed(`replicated-database: ${error.message}`),
      },
    );
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
    this.#backups.restored();
    this.#backups.stopFetching();
    this.#frontends.closeAll(INSTALLS);
    this.#processors.closeAll(INSTALLS);
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
    this.#backups.tellHeld();
    this.#broadcaster = this.#broadcasterLinkOf();
    this.#broadcaster.dial();
    this.#serving.changed();
  }

  #carryOut(): void {
    const effects = this.#effects;
    effects.frontends.drain((link, batch) => this.#frontends.send(link, batch));
    effects.processors.drain((link, batch) => this.#processors.send(link, batch));
    effects.broadcaster.drain((_link, batch) => void this.#broadcaster.link?.send(batch));
    for (const link of effects.heldFrontends) this.#frontends.hold(link);
    for (const command of effects.snapshot) this.#writing.carryOut(command);
    for (const { link, end } of effects.closeFrontends) this.#frontends.close(link, end);
    for (const { link, end } of effects.closeProcessors) this.#processors.close(link, end);
    for (const event of effects.events) this.#dependencies.report(event);
    if (effects.fatal !== null) {
      this.#dependencies.failed(`replicated-database: ${effects.fatal.reason}`);
    }
    const { contradiction, snapshotNeed, backupNeed, restoration } = effects;
    effects.clear();
    this.#scheduleSlice();
    if (contradiction !== null) this.#evidence.keep(contradiction);
    if (snapshotNeed !== null) this.#fetch(snapshotNeed);
    if (backupNeed !== null) this.#backups.fetch(backupNeed);
    if (restoration !== null) this.#restore(restoration);
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

  /** One slice a turn of the event loop, so that requests come in between. */
  #scheduleSlice(): void {
    if (!this.#core.wantsSlice || this.#slice !== undefined) return;
    this.#slice = this.#dependencies.timers.soon(() => {
      this.#slice = undefined;
      this.#take({ kind: 'continueSnapshot' });
    });
  }
}
