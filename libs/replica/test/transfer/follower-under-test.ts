import { databaseBroadcasterEstimates, MemoryDisk } from '@paddock/link-memory';
import { DEFAULT_TIMING } from '@paddock/model';
import type { DeliveryReply, DeliveryRequest, Limits } from '@paddock/model';
import type { Link, LinkDialer } from '@paddock/ports';
import type { CrashChoice } from '@paddock/link-memory';
import { ReplicatedDatabaseStage } from '../../src/replicated-database-stage.ts';
import { ZabBroadcasterStage } from '../../src/zab-broadcaster-stage.ts';
import { CLUSTER } from './scripted-leader.ts';
import type { ScriptedLeader } from './scripted-leader.ts';
import { BEHIND, SMALL } from './transfer-world.ts';
import type { TransferWorld } from './transfer-world.ts';

export const INCARNATION = 20;

interface Disks {
  readonly broadcaster: MemoryDisk;
  readonly database: MemoryDisk;
}

interface Running {
  readonly owner: object;
  readonly broadcaster: ZabBroadcasterStage;
  readonly database: ReplicatedDatabaseStage;
  readonly links: Link<unknown>[];
}

/** Broadcaster and database of replica 2 of 3 as they are shipped, on two disks of one machine. */
export class FollowerUnderTest {
  readonly failures: string[] = [];
  isLogStalled = false;
  disks: Disks = { broadcaster: new MemoryDisk(), database: new MemoryDisk() };
  readonly #world: TransferWorld;
  readonly #leader: ScriptedLeader;
  readonly #limits: Limits;
  #running: Running | null = null;

  constructor(world: TransferWorld, leader: ScriptedLeader, limits: Partial<Limits>) {
    this.#world = world;
    this.#leader = leader;
    this.#limits = { ...SMALL, ...limits };
  }

  get isRunning(): boolean {
    return this.#running !== null;
  }

  get database(): ReplicatedDatabaseStage {
    if (this.#running === null) throw new Error('the follower is not running');
    return this.#running.database;
  }

  start(): void {
    const links: Link<unknown>[] = [];
    const owner = {};
    const world = this.#world;
    const common = {
      timers: world.timers.of(owner),
      clock: { monotonicMs: () => world.timers.nowMs, wallMs: () => world.timers.nowMs },
      report: () => undefined,
      failed: (reason: string) => void this.failures.push(reason),
    };
    const recorded = <Up, Down>(dialer: LinkDialer<Up, Down>): LinkDialer<Up, Down> => ({
      dial: (address, handlers) => {
        const link = dialer.dial(address, handlers);
        links.push(link);
        return link;
      },
    });
    const within = world.network<DeliveryRequest[], DeliveryReply[]>(databaseBroadcasterEstimates);
    const identity = { format: 1, clusterId: CLUSTER, replica: 2, incarnation: INCARNATION };
    const timing = DEFAULT_TIMING;
    const broadcaster = new ZabBroadcasterStage(
      {
        limits: this.#limits,
        timing,
        identity,
        ensemble: [1, 2, 3].map((replica) => ({
          replica,
          address: `broadcaster-of-${replica}`,
          role: 'voter',
        })),
        databaseAddress: BEHIND,
      },
      {
        ...common,
        disk: this.disks.broadcaster,
        random: {
          safeInteger: () => 1,
          below: () => 0,
          bytes: (length) => new Uint8Array(length),
        },
        election: recorded(this.#leader.election),
        broadcast: recorded(this.#leader.broadcast),
      },
    );
    within.listen('broadcaster', broadcaster.acceptDatabase);
    const database = new ReplicatedDatabaseStage(
      { identity, limits: this.#limits, timing, broadcasterAddress: 'broadcaster' },
      {
        ...common,
        disk: this.disks.database,
        broadcaster: recorded(within),
        snapshots: recorded(world.snapshots),
      },
    );
    this.#running = { owner, broadcaster, database, links };
    broadcaster.start();
    database.start();
  }

  /** Each of its disks does one thing that it was asked for, but for one that is stalled. */
  runDisks(): void {
    if (this.#running === null) return;
    if (!this.isLogStalled) this.disks.broadcaster.runNext();
    if (this.isRunning) this.disks.database.runNext();
  }

  kill(): void {
    const running = this.#running;
    this.#running = null;
    if (running === null) return;
    this.#world.timers.forget(running.owner);
    for (const link of running.links) link.close({ cause: 'lost', reason: 'killed' });
    this.disks.broadcaster.forgetRequests();
    this.disks.database.forgetRequests();
  }

  /** A power cut of the machine. */
  cutPower(survives: CrashChoice): void {
    this.kill();
    const { broadcaster, database } = this.disks;
    this.disks = {
      broadcaster: broadcaster.crash(survives),
      database: database.crash(survives),
    };
  }
}
