import {
  databaseBroadcasterEstimates,
  databaseDatabaseEstimates,
  DiskCrash,
  frontendDatabaseEstimates,
  MemoryDisk,
  MemoryNetwork,
  processorDatabaseEstimates,
  Turn,
} from '@paddock/link-memory';
import type { BoundaryEstimates } from '@paddock/link-memory';
import { DEFAULT_LIMITS, DEFAULT_TIMING, ZXID_ZERO } from '@paddock/model';
import type {
  DatabaseReply,
  DatabaseRequest,
  DeliveryReply,
  DeliveryRequest,
  Limits,
  LogEntry,
  SnapshotReply,
  SnapshotRequest,
  StageEvent,
  Zxid,
} from '@paddock/model';
import type { Link, LinkDialer, LinkEnd } from '@paddock/ports';
import { ReplicatedDatabaseStage } from '../../src/replicated-database-stage.ts';
import { FRONTEND } from '../stages/entries.ts';
import { VirtualTimers } from './virtual-timers.ts';

export const LEADER = 'database-of-1';
export const BEHIND = 'database-of-2';
const BROADCASTER = 'broadcaster';

/** Small, so that a transfer takes many messages and fills links. */
export const SMALL: Limits = {
  ...DEFAULT_LIMITS,
  queueBytes: 8 * 1024,
  linkMessageBytes: 16 * 1024,
  snapshotTransactions: 1_000_000,
  snapshotsKept: 2,
  digestInterval: 50,
};

/** Another database, or something that speaks like one, on a link that it has dialled. */
export class Receiver {
  readonly heard: SnapshotReply[] = [];
  readonly link: Link<SnapshotRequest[]>;
  end: LinkEnd | null = null;

  constructor(world: TransferWorld, address: string) {
    this.link = world.snapshots.dial(address, {
      received: (batch) => void this.heard.push(...batch),
      drained: () => undefined,
      ended: (end) => {
        this.end = end;
      },
    });
  }

  get isDone(): boolean {
    return this.heard.at(-1)?.kind === 'snapshotEnds';
  }
}

/** A broadcaster as its database sees it, with a log that begins somewhere. */
export class ScriptedBroadcaster {
  readonly heard: DeliveryRequest[] = [];
  readonly log: LogEntry[];
  /** The log has what is behind this. */
  base: Zxid = ZXID_ZERO;
  databaseAddress = LEADER;
  answersProbes = true;
  link: Link<DeliveryReply[]> | null = null;

  constructor(log: LogEntry[]) {
    this.log = log;
  }

  say(...messages: DeliveryReply[]): void {
    this.link?.send(messages);
  }

  needSnapshot(databaseAddress = this.databaseAddress): void {
    this.say({ kind: 'snapshotNeeded', atLeast: this.base, databaseAddress });
  }

  received(batch: readonly DeliveryRequest[]): void {
    for (const request of batch) {
      if (request.kind !== 'probe') this.heard.push(request);
      if (request.kind === 'deliver') this.#deliver(request.applied);
      const floor = this.log.at(-1)?.zxid ?? ZXID_ZERO;
      if (request.kind === 'probe' && this.answersProbes) {
        this.say({ kind: 'probed', probe: request.probe, floor });
      }
    }
  }

  #deliver(applied: Zxid): void {
    this.say({ kind: 'termHeld', held: true });
    if (applied < this.base) this.needSnapshot();
    else this.say({ kind: 'entries', entries: this.log.filter((it) => it.zxid > applied) });
  }
}

interface Running {
  readonly stage: ReplicatedDatabaseStage;
  readonly owner: object;
  readonly links: Link<unknown>[];
}

/** A database as it is shipped, its disk, its broadcaster and a front-end; it can be killed at any time. */
export class DatabaseUnderTest {
  readonly address: string;
  readonly broadcaster: ScriptedBroadcaster;
  readonly failures: string[] = [];
  readonly events: StageEvent[] = [];
  readonly frontendHeard: DatabaseReply[] = [];
  readonly frontendEnds: LinkEnd[] = [];
  readonly dialled: string[] = [];
  disk = new MemoryDisk();
  /** Its disk does nothing of what it is asked for. */
  isDiskStalled = false;
  #running: Running | null = null;
  readonly #world: TransferWorld;
  readonly #limits: Limits;
  readonly #frontends;
  readonly #replica: number;

  constructor(
    world: TransferWorld,
    replica: number,
    address: string,
    log: LogEntry[],
    limits: Limits,
  ) {
    this.#world = world;
    this.#replica = replica;
    this.address = address;
    this.#limits = limits;
    this.broadcaster = new ScriptedBroadcaster(log);
    this.#frontends = world.network(frontendDatabaseEstimates);
  }

  get stage(): ReplicatedDatabaseStage {
    if (this.#running === null) throw new Error(`${this.address} is not running`);
    return this.#running.stage;
  }

  get isRunning(): boolean {
    return this.#running !== null;
  }

  status(): Readonly<Record<string, unknown>> {
    return this.stage.status();
  }

  start(): void {
    const owner = {};
    const links: Link<unknown>[] = [];
    const world = this.#world;
    const timers = world.timers.of(owner);
    const broadcasters = world.network<DeliveryRequest[], DeliveryReply[]>(
      databaseBroadcasterEstimates,
    );
    broadcasters.listen(BROADCASTER, (link) => {
      this.broadcaster.link = link;
      return {
        received: (batch) => this.broadcaster.received(batch),
        drained: () => undefined,
        ended: () => {
          if (this.broadcaster.link === link) this.broadcaster.link = null;
        },
      };
    });
    const recorded = <Up, Down>(dialer: LinkDialer<Up, Down>): LinkDialer<Up, Down> => ({
      dial: (address, handlers) => {
        this.dialled.push(address);
        const link = dialer.dial(address, handlers);
        links.push(link);
        return link;
      },
    });
    const stage = new ReplicatedDatabaseStage(
      {
        identity: { replica: this.#replica, incarnation: 1 },
        limits: this.#limits,
        timing: DEFAULT_TIMING,
        broadcasterAddress: BROADCASTER,
      },
      {
        clock: { monotonicMs: () => world.timers.nowMs, wallMs: () => world.timers.nowMs },
        disk: this.disk,
        broadcaster: recorded(broadcasters),
        snapshots: recorded(world.snapshots),
        timers,
        report: (event) => void this.events.push(event),
        failed: (reason) => void this.failures.push(reason),
      },
    );
    world.snapshots.listen(this.address, (link) => {
      links.push(link);
      return stage.acceptDatabase(link);
    });
    this.#frontends.listen(this.address, stage.acceptFrontend);
    world.networkOfProcessors.listen(this.address, stage.acceptProcessor);
    this.#running = { stage, owner, links };
    stage.start();
  }

  /** A front-end opens a stream; what it hears is gathered. */
  connectFrontend(): Link<DatabaseRequest[]> {
    const link = this.#frontends.dial(this.address, {
      received: (batch) => void this.frontendHeard.push(...batch),
      drained: () => undefined,
      ended: (end) => void this.frontendEnds.push(end),
    });
    link.send([{ kind: 'openStream', frontend: FRONTEND }]);
    return link;
  }

  /** The process dies; what it had asked of its disk never happens. */
  kill(): void {
    const running = this.#running;
    this.#running = null;
    if (running === null) return;
    this.#world.timers.forget(running.owner);
    for (const link of running.links) link.close({ cause: 'lost', reason: 'killed' });
    this.disk.forgetRequests();
  }

  /** Names of its snapshot files and of what it keeps beside them. */
  files(): readonly string[] {
    return this.disk.list();
  }
}

/** Databases of several replicas over links in memory under one virtual time. */
export class TransferWorld {
  readonly timers = new VirtualTimers();
  readonly #turn = new Turn((task) => void this.timers.of(this).soon(task), {
    deliveriesPerTurn: 1,
  });
  readonly snapshots: MemoryNetwork<SnapshotRequest[], SnapshotReply[]>;
  readonly networkOfProcessors;
  /** What dies with a disk that is planned to crash. */
  crashing: Pick<DatabaseUnderTest, 'failures' | 'kill'> | null = null;
  readonly #databases: DatabaseUnderTest[] = [];
  readonly #limits: Limits;

  constructor(limits: Partial<Limits> = {}) {
    this.#limits = { ...SMALL, ...limits };
    this.snapshots = this.network(databaseDatabaseEstimates);
    this.networkOfProcessors = this.network(processorDatabaseEstimates);
  }

  network<Up, Down>(estimates: BoundaryEstimates<Up, Down>): MemoryNetwork<Up, Down> {
    const limits = { queueBytes: this.#limits.queueBytes, slowReaderBytes: 2 ** 30 };
    return new MemoryNetwork({ turn: this.#turn, limits, ...estimates });
  }

  database(
    replica: number,
    address: string,
    log: LogEntry[],
    limits: Partial<Limits> = {},
  ): DatabaseUnderTest {
    const database = new DatabaseUnderTest(this, replica, address, log, {
      ...this.#limits,
      ...limits,
    });
    this.#databases.push(database);
    return database;
  }

  /** Time and disks go on until it holds; false if it never does. */
  until(holds: () => boolean, forMs = 60_000): boolean {
    const untilMs = this.timers.nowMs + forMs;
    for (;;) {
      if (holds()) return true;
      let worked = false;
      for (const it of this.#databases) {
        if (it.isRunning && !it.isDiskStalled && this.#guard(() => it.disk.runNext())) {
          worked = true;
        }
      }
      if (!this.#guard(() => this.timers.runNext(untilMs)) && !worked) return holds();
    }
  }

  pass(ms: number): void {
    const untilMs = this.timers.nowMs + ms;
    this.until(() => false, ms);
    this.timers.nowMs = untilMs;
  }

  /** A database whose disk is planned to crash dies with it, wherever it finds out. */
  #guard(run: () => boolean): boolean {
    let worked = true;
    try {
      worked = run();
    } catch (error) {
      if (!(error instanceof DiskCrash)) throw error;
      this.crashing?.kill();
    }
    const hasCrashed = this.crashing?.failures.some((it) => it.includes('the planned crash'));
    if (hasCrashed === true) this.crashing?.kill();
    return worked;
  }
}
