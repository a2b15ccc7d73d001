import { formatTerm, formatZxid, ZXID_ZERO } from '@paddock/model';
import type {
  DatabaseReply,
  DatabaseRequest,
  DeliveryReply,
  DeliveryRequest,
  Limits,
  LookUpReply,
  LookUpRequest,
  Timing,
  Zxid,
} from '@paddock/model';
import { OperatorError } from '@paddock/node-runtime';
import type { HealthReport } from '@paddock/node-runtime';
import type { CancelTimer, Clock, Disk, LinkAcceptor, LinkDialer } from '@paddock/ports';
import { DatabaseCore, DatabaseEffects } from '@paddock/tree-core';
import type { DatabaseEvent, SnapshotCommand } from '@paddock/tree-core';
import { SnapshotFiles } from '@paddock/txn-log';
import { AcceptedLinks } from './accepted-links.ts';
import { DialledLink } from './dialled-link.ts';
import { reportHealth, STAGE_STOPS } from './stage.ts';
import type { Stage, StageSurroundings } from './stage.ts';
import { StageLoop } from './stage-loop.ts';

export interface ReplicatedDatabaseStageOptions {
  readonly limits: Limits;
  readonly timing: Timing;
  readonly broadcasterAddress: string;
}

export interface ReplicatedDatabaseStageDependencies extends StageSurroundings {
  readonly clock: Clock;
  readonly disk: Disk;
  readonly broadcaster: LinkDialer<DeliveryRequest[], DeliveryReply[]>;
}

/** The replicated database with its snapshots and links: it dials the broadcaster, all other stages dial it. */
export class ReplicatedDatabaseStage implements Stage {
  readonly #options: ReplicatedDatabaseStageOptions;
  readonly #dependencies: ReplicatedDatabaseStageDependencies;
  readonly #snapshots: SnapshotFiles;
  readonly #core: DatabaseCore;
  readonly #effects = new DatabaseEffects();
  readonly #loop: StageLoop<DatabaseEvent>;
  readonly #frontends: AcceptedLinks<DatabaseReply[], DatabaseRequest[]>;
  readonly #processors: AcceptedLinks<LookUpReply[], LookUpRequest[]>;
  readonly #broadcaster: DialledLink<DeliveryRequest[], DeliveryReply[]>;
  /** Front-ends that are sent more than their link holds, and those whose requests wait for that. */
  readonly #fullFrontends = new Set<number>();
  readonly #heldFrontends = new Set<number>();
  #broadcasterLink = 0;
  #ticking: CancelTimer | undefined;
  #slice: CancelTimer | undefined;

  /** Loads the newest good snapshot, which blocks. Throws an OperatorError where nothing may be started on it. */
  constructor(
    options: ReplicatedDatabaseStageOptions,
    dependencies: ReplicatedDatabaseStageDependencies,
  ) {
    const { limits, timing } = options;
    this.#options = options;
    this.#dependencies = dependencies;
    this.#snapshots = new SnapshotFiles(
      { kept: limits.snapshotsKept },
      { disk: dependencies.disk, yieldTurn: (next) => void dependencies.timers.soon(next) },
      {
        written: (bytes) => this.#loop.take({ kind: 'snapshotWritten', bytes }),
        finished: (zxid, oldestKept) =>
          this.#loop.take({ kind: 'snapshotFinished', zxid, oldestKept }),
        failed: (_zxid, reason) => this.#loop.take({ kind: 'snapshotFailed', reason }),
        syncFailed: (error) => dependencies.failed(`replicated-database: ${error.message}`),
      },
    );
    this.#core = this.#load();
    this.#loop = new StageLoop(dependencies.timers, {
      step: (event) => this.#core.step(event, this.#effects),
      carryOut: () => this.#carryOut(),
      failed: (reason) => dependencies.failed(`replicated-database: ${reason}`),
    });
    this.#frontends = new AcceptedLinks({
      connected: (link) => this.#loop.take({ kind: 'frontendConnected', link }),
      received: (link, messages) => this.#loop.take({ kind: 'frontendReceived', link, messages }),
      ended: (link, end) => {
        this.#forgetFrontend(link);
        this.#loop.take({ kind: 'frontendEnded', link, end });
      },
      slow: (link, bufferedBytes) => {
        this.#fullFrontends.add(link);
        if (bufferedBytes > limits.slowReaderBytes) this.#loop.take({ kind: 'frontendSlow', link });
      },
      drained: (link) => {
        this.#fullFrontends.delete(link);
        this.#resumeFrontend(link);
      },
    });
    this.#processors = new AcceptedLinks({
      connected: (link) => this.#loop.take({ kind: 'processorConnected', link }),
      received: (link, messages) => this.#loop.take({ kind: 'processorReceived', link, messages }),
      ended: (link, end) => this.#loop.take({ kind: 'processorEnded', link, end }),
    });
    this.#broadcaster = new DialledLink(options.broadcasterAddress, timing, {
      timers: dependencies.timers,
      dialer: dependencies.broadcaster,
      handlers: {
        connected: () =>
          this.#loop.take({ kind: 'broadcasterConnected', link: ++this.#broadcasterLink }),
        received: (batch) =>
          this.#loop.take({
            kind: 'broadcasterReceived',
            link: this.#broadcasterLink,
            messages: batch,
          }),
        ended: (end) =>
          this.#loop.take({ kind: 'broadcasterEnded', link: this.#broadcasterLink, end }),
      },
    });
  }

  get acceptFrontend(): LinkAcceptor<DatabaseReply[], DatabaseRequest[]> {
    return this.#frontends.accept;
  }

  get acceptProcessor(): LinkAcceptor<LookUpReply[], LookUpRequest[]> {
    return this.#processors.accept;
  }

  get applied(): Zxid {
    return this.#core.status().applied;
  }

  start(): void {
    this.#broadcaster.dial();
    this.#ticking = this.#dependencies.timers.every(this.#options.timing.tickMs, () =>
      this.#loop.take({ kind: 'tick' }),
    );
  }

  stop(): Promise<void> {
    this.#ticking?.();
    this.#slice?.();
    this.#loop.stop();
    this.#snapshots.abandon();
    this.#frontends.closeAll(STAGE_STOPS);
    this.#processors.closeAll(STAGE_STOPS);
    this.#broadcaster.stop();
    return Promise.resolve();
  }

  health(): HealthReport {
    const status = this.#core.status();
    const reached = status.hasBroadcaster && this.#broadcaster.isProven;
    return reportHealth(
      reached ? [] : [`replicated-database: zab-broadcaster at ${this.#broadcaster.address}`],
    );
  }

  status(): Readonly<Record<string, unknown>> {
    const status = this.#core.status();
    return {
      ...status,
      applied: formatZxid(status.applied),
      term: status.term === null ? null : formatTerm(status.term.term),
      historyFloor: formatZxid(status.historyFloor),
      newestSnapshot: formatZxid(status.newestSnapshot),
    };
  }

  #load(): DatabaseCore {
    const { limits, timing } = this.#options;
    const { clock } = this.#dependencies;
    const effects = new DatabaseEffects();
    const fresh = (): DatabaseCore => new DatabaseCore({ limits, timing }, { clock });
    let core = fresh();
    const step = (event: DatabaseEvent): string | null => {
      core.step(event, effects);
      const { fatal } = effects;
      effects.fatal = null;
      // An older snapshot would not be damage made good, but time gone back unsaid.
      if (fatal?.cause === 'snapshotNewer') throw new OperatorError(fatal.reason);
      return fatal?.reason ?? null;
    };
    const startedMs = clock.monotonicMs();
    const end = this.#snapshots.loadNewest({
      begin: () => {
        core = fresh();
      },
      chunk: (chunk) => step({ kind: 'snapshotChunkLoaded', chunk }),
      end: (zxid) => step({ kind: 'snapshotLoadEnded', snapshot: zxid }),
      rejected: (zxid, reason) =>
        this.#dependencies.report({
          level: 'error',
          message: 'a snapshot is bad; the one before it is tried',
          zxid,
          detail: { reason },
        }),
    });
    if (end.kind === 'newerFormat') throw new OperatorError(end.reason);
    if (end.kind === 'none') {
      core = fresh();
      step({ kind: 'snapshotLoadEnded', snapshot: ZXID_ZERO });
    } else {
      const milliseconds = Math.round(clock.monotonicMs() - startedMs);
      const detail = { znodes: core.status().znodes, milliseconds };
      this.#dependencies.report({
        level: 'info',
        message: 'loaded a snapshot',
        zxid: end.zxid,
        detail,
      });
    }
    return core;
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
    for (const command of effects.snapshot) this.#writeSnapshot(command);
    for (const { link, end } of effects.closeFrontends) {
      this.#forgetFrontend(link);
      this.#frontends.close(link, end);
    }
    for (const { link, end } of effects.closeProcessors) this.#processors.close(link, end);
    for (const event of effects.events) this.#dependencies.report(event);
    if (effects.fatal !== null) {
      this.#dependencies.failed(`replicated-database: ${effects.fatal.reason}`);
    }
    effects.clear();
    this.#scheduleSlice();
  }

  /** Back-pressure acts on requests only (H16): those behind large answers go on when these have left. */
  #resumeFrontend(link: number): void {
    if (!this.#heldFrontends.has(link) || this.#fullFrontends.has(link)) return;
    this.#heldFrontends.delete(link);
    this.#dependencies.timers.soon(() => {
      this.#frontends.read(link, false);
      this.#loop.take({ kind: 'frontendResumed', link });
    });
  }

  #forgetFrontend(link: number): void {
    this.#fullFrontends.delete(link);
    this.#heldFrontends.delete(link);
  }

  #writeSnapshot(command: SnapshotCommand): void {
    switch (command.kind) {
      case 'begin':
        this.#snapshots.begin(command.zxid);
        break;
      case 'write':
        this.#snapshots.write(command.chunk);
        break;
      case 'finish':
        this.#snapshots.finish();
        break;
      case 'abandon':
        this.#snapshots.abandon();
        break;
    }
  }

  /** One slice a turn of the event loop, so that requests come in between. */
  #scheduleSlice(): void {
    if (!this.#core.wantsSlice || this.#slice !== undefined) return;
    this.#slice = this.#dependencies.timers.soon(() => {
      this.#slice = undefined;
      this.#loop.take({ kind: 'continueSnapshot' });
    });
  }
}
