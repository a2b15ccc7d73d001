import { BOUNDARIES, STAGES } from '../ensemble/simulated-replica.ts';
import type { SimulatedReplica } from '../ensemble/simulated-replica.ts';
import type { SeededRandom } from '../kernel/seeded-random.ts';
import type { User } from '../users/user.ts';
import type { World } from '../world.ts';

const HOUR_MS = 3_600_000;

export const FAULTS = [
  'powerCut',
  'powerCutInStep',
  'killStage',
  'killBehindWrite',
  'stopStage',
  'cutStages',
  'partitionStages',
  'stallStages',
  'cutClient',
  'cutClients',
  'stallClients',
  'silenceClient',
  'stallDisk',
  'failDisk',
  'rotSnapshot',
  'pauseStage',
  'pauseWriters',
  'pauseReplica',
  'jumpWallClock',
] as const;
export type Fault = (typeof FAULTS)[number];

/** What only holds up the way of the writes: that is no reason for a session to expire (H16 c, H17 b). */
const BACK_PRESSURE: readonly Fault[] = ['stallDisk', 'pauseWriters', 'jumpWallClock'];

/** Breaks things at random moments, and mends what does not mend by itself. */
export class Faults {
  readonly #world: World;
  readonly #replica: SimulatedReplica;
  readonly #users: readonly User[];
  readonly #random: SeededRandom;
  /** Each seed has its own liking, else no run would have two of a kind. */
  readonly #kinds: readonly [Fault, ...Fault[]];
  #isOver = false;

  constructor(world: World, replica: SimulatedReplica, users: readonly User[]) {
    this.#world = world;
    this.#replica = replica;
    this.#users = users;
    this.#random = world.random.fork('faults');
    const [first, ...others] = this.#random.shuffled(FAULTS);
    this.#kinds = [first ?? 'powerCut', ...others.slice(0, this.#random.below(FAULTS.length))];
  }

  plan(): void {
    const { faults, workMs } = this.#world.settings;
    for (let i = 0; i < faults; i++) {
      const kind = this.#random.pick(this.#kinds);
      this.#world.time.after(this.#random.real() * workMs, () => this.#inject(kind));
    }
  }

  /** From here on nothing breaks any more, and what is down comes up. */
  end(): void {
    this.#isOver = true;
    for (const disk of [this.#replica.disks.broadcaster, this.#replica.disks.database]) {
      disk.crashWithin(Infinity);
    }
    this.startAll(100);
  }

  /** The power has failed: now, or in the middle of a step that was told to be the last. */
  powerCut(losesAll = this.#random.chance(0.3)): void {
    this.#replica.powerCut(losesAll);
    this.startAll(this.#isOver ? 100 : 2000);
  }

  /** What is down comes up again, in any order. */
  startAll(withinMs: number): void {
    for (const name of this.#random.shuffled(STAGES)) {
      const delayMs = this.#random.real() * withinMs;
      this.#world.time.after(delayMs, () => this.#replica.start(name));
    }
  }

  #inject(kind: Fault): void {
    if (this.#isOver) return;
    const { history, time, trace } = this.#world;
    this.#world.count(`fault: ${kind}`);
    trace.tell('FAULT', kind);
    const random = this.#random;
    const replica = this.#replica;
    const seconds = random.pick([0.2, 1, 3, 8]) * 1000;
    if (!BACK_PRESSURE.includes(kind)) {
      history.silences.push({ from: time.nowMs, to: time.nowMs + seconds });
    }
    switch (kind) {
      case 'powerCut':
        this.powerCut();
        break;
      case 'powerCutInStep':
        random
          .pick([replica.disks.broadcaster, replica.disks.database])
          .crashWithin(random.below(25));
        break;
      case 'killStage':
      case 'stopStage': {
        const name = random.pick(STAGES);
        if (kind === 'killStage') replica.kill(name);
        else replica.stop(name);
        this.#world.time.after(random.real() * random.pick([50, 3000]), () => replica.start(name));
        break;
      }
      case 'killBehindWrite':
        this.#killBehindWrite();
        break;
      case 'cutStages':
        replica.cut(random.pick(BOUNDARIES), 0);
        break;
      case 'partitionStages':
        replica.cut(random.pick(BOUNDARIES), seconds);
        break;
      case 'stallStages':
        replica.stall(random.pick(BOUNDARIES), seconds);
        break;
      case 'stallDisk':
        random.pick([replica.disks.broadcaster, replica.disks.database]).stall(seconds);
        break;
      case 'failDisk':
        random
          .pick([replica.disks.broadcaster, replica.disks.database])
          .failNext(random.pick(['write', 'sync']), random.pick(['failed', 'full']));
        break;
      case 'rotSnapshot':
        this.#rotSnapshot();
        break;
      case 'pauseStage':
        replica.pause(random.pick(STAGES), seconds);
        break;
      case 'pauseWriters':
        replica.pause(random.pick(['request-processor', 'zab-broadcaster']), seconds);
        break;
      case 'pauseReplica':
        for (const name of STAGES) replica.pause(name, seconds);
        break;
      case 'jumpWallClock':
        this.#world.wallSkewMs = random.between(-5, 5) * HOUR_MS;
        break;
      default:
        this.#injectForClients(kind, seconds);
    }
  }

  /** The newest snapshot, where there is another to start from; it is found out at the next start. */
  #rotSnapshot(): void {
    const disk = this.#replica.disks.database;
    if (disk.hasRotten || this.#world.settings.limits.snapshotsKept === 1) return;
    const [newest, older] = disk.list().filter(isSnapshot).toReversed();
    if (newest === undefined || older === undefined) return;
    this.#replica.kill('replicated-database');
    disk.rot(newest);
    this.#world.count('a snapshot rotted');
    this.startAll(500);
  }

  #killBehindWrite(): void {
    const { disks } = this.#replica;
    const [disk, name] = this.#random.pick([
      [disks.broadcaster, 'zab-broadcaster'],
      [disks.database, 'replicated-database'],
    ] as const);
    disk.afterNextWrite(() => {
      this.#replica.kill(name);
      this.#world.time.after(this.#random.real() * 500, () => this.#replica.start(name));
    });
  }

  #injectForClients(
    kind: 'cutClient' | 'cutClients' | 'stallClients' | 'silenceClient',
    seconds: number,
  ): void {
    const user = this.#users[this.#random.below(this.#users.length)];
    const { history, time } = this.#world;
    switch (kind) {
      case 'cutClient':
        user?.client?.cut();
        break;
      case 'cutClients':
        this.#replica.clients.cut(this.#random.chance(0.5) ? 0 : seconds);
        break;
      case 'stallClients':
        history.clientStalls.push({ from: time.nowMs, to: time.nowMs + seconds });
        this.#replica.clients.stall(seconds);
        break;
      case 'silenceClient':
        user?.client?.pause(seconds);
        break;
    }
  }
}

function isSnapshot(name: string): boolean {
  return /^snapshot\.[0-9a-f]+\.[0-9a-f]+$/.test(name);
}
