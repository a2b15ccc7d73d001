import { STAGES } from '../ensemble/boundaries.ts';
import type { SimulatedEnsemble } from '../ensemble/simulated-ensemble.ts';
import type { SimulatedReplica } from '../ensemble/simulated-replica.ts';
import type { SeededRandom } from '../kernel/seeded-random.ts';
import type { FaultyUser } from './faulty-user.ts';
import type { World } from '../world.ts';
import { injectClientFault } from './client-faults.ts';
import { injectDiskFault, injectPowerFault } from './disk-faults.ts';
import {
  BACK_PRESSURE,
  CLIENT_FAULTS,
  DISK_FAULTS,
  FAULTS,
  MEMBER_FAULTS,
  RESTORE_BACKUP,
  NETWORK_FAULTS,
  OF_ENSEMBLES,
  POWER_FAULTS,
  STAGE_FAULTS,
} from './fault-kinds.ts';
import type { Fault } from './fault-kinds.ts';
import type { FaultSite } from './fault-site.ts';
import { BackupRequests } from './backup-requests.ts';
import { MemberRequests } from './member-requests.ts';
import { injectNetworkFault } from './network-faults.ts';
import { injectStageFault } from './stage-faults.ts';

/** So that it can be left out, each has a number, and draws from a stream of its own. */
export interface PlannedFault {
  readonly number: number;
  readonly kind: Fault;
  readonly atMs: number;
}

/** Breaks things at random moments, and mends what does not mend by itself. */
export class Faults {
  readonly planned: readonly PlannedFault[];
  readonly #world: World;
  readonly #ensemble: SimulatedEnsemble;
  readonly #users: readonly FaultyUser[];
  readonly #random: SeededRandom;
  readonly #members: MemberRequests;
  readonly #backups: BackupRequests;
  #isOver = false;

  constructor(world: World, ensemble: SimulatedEnsemble, users: readonly FaultyUser[]) {
    this.#world = world;
    this.#ensemble = ensemble;
    this.#users = users;
    this.#random = world.random.fork('faults');
    this.#members = new MemberRequests(world, ensemble);
    this.#backups = new BackupRequests(world, ensemble);
    this.planned = this.#draw();
  }

  /** Those of the plan that are not left out. */
  plan(without: readonly number[]): void {
    for (const fault of this.planned) {
      if (without.includes(fault.number)) continue;
      this.#world.time.after(fault.atMs, () => this.#inject(fault));
    }
  }

  /** From here on nothing breaks any more, and what is down comes up. */
  end(): void {
    this.#isOver = true;
    const { replicas, networks } = this.#ensemble;
    networks.heal();
    networks.rottenMemory.end();
    for (const { disks } of replicas) {
      disks.broadcaster.crashWithin(Infinity);
      disks.database.crashWithin(Infinity);
    }
    for (const replica of replicas) this.startAll(replica, 100);
  }

  /** The power has failed: now, or in the middle of a step that was told to be the last. */
  powerCut(replica: SimulatedReplica, losesAll = this.#random.chance(0.3)): void {
    replica.powerCut(losesAll);
    this.startAll(replica, this.#isOver ? 100 : 2000);
  }

  /** The replica is no member any more: it comes back with empty disks, as somebody new. */
  removed(replica: SimulatedReplica): void {
    replica.wipe();
    this.startAll(replica, this.#isOver ? 100 : 2000);
  }

  startAll(replica: SimulatedReplica, withinMs: number): void {
    for (const name of this.#random.shuffled(STAGES)) {
      const delayMs = this.#random.real() * withinMs;
      this.#world.time.after(delayMs, () => replica.start(name));
    }
  }

  #draw(): PlannedFault[] {
    const random = this.#random.fork('plan');
    const { faults, voters, observers, workMs } = this.#world.settings;
    const isAlone = voters + observers === 1;
    const possible = FAULTS.filter((it) => !isAlone || !OF_ENSEMBLES.includes(it));
    // Each seed has its own liking, else no run would have two of a kind.
    const [first = 'powerCut', ...others] = random.shuffled(possible);
    const kinds = [first, ...others.slice(0, random.below(others.length + 1))] as const;
    const planned: PlannedFault[] = [];
    for (let number = 1; number <= faults; number++) {
      planned.push({ number, kind: random.pick(kinds), atMs: random.real() * workMs });
    }
    this.#drawMemberFaults(planned);
    this.#drawRestorations(planned);
    return planned;
  }

  /** From streams of their own: a seed's other faults are what they were. */
  #drawMemberFaults(planned: PlannedFault[]): void {
    const random = this.#random.fork('plan of members');
    const { faults, voters, workMs } = this.#world.settings;
    if (faults === 0 || voters < 3 || !random.chance(0.3)) return;
    const count = random.between(1, 10);
    for (let i = 1; i <= count; i++) {
      const kind = random.pick(MEMBER_FAULTS);
      planned.push({ number: faults + i, kind, atMs: random.real() * workMs });
    }
  }

  /** As with members. */
  #drawRestorations(planned: PlannedFault[]): void {
    const random = this.#random.fork('plan of restorations');
    const { faults, workMs } = this.#world.settings;
    if (faults === 0 || !random.chance(0.25)) return;
    const count = random.between(1, 3);
    for (let i = 1; i <= count; i++) {
      const number = faults + 100 + i;
      planned.push({ number, kind: RESTORE_BACKUP, atMs: (0.2 + 0.8 * random.real()) * workMs });
    }
  }

  #inject({ number, kind }: PlannedFault): void {
    if (this.#isOver) return;
    const { history, time, trace } = this.#world;
    this.#world.count(`fault: ${kind}`);
    trace.tell('FAULT', `${number}: ${kind}`);
    const random = this.#random.fork(`fault ${number}`);
    const durationMs = random.pick([200, 1000, 3000, 8000]);
    const lastedMs = this.#break(kind, this.#site(random, durationMs));
    if (BACK_PRESSURE.includes(kind)) return;
    history.silences.push({ from: time.nowMs, to: time.nowMs + lastedMs });
  }

  #break(kind: Fault, site: FaultSite): number {
    const { durationMs } = site;
    if (isOneOf(STAGE_FAULTS, kind)) return injectStageFault(kind, site);
    if (isOneOf(POWER_FAULTS, kind)) injectPowerFault(kind, site);
    else if (isOneOf(DISK_FAULTS, kind)) injectDiskFault(kind, site);
    else if (isOneOf(NETWORK_FAULTS, kind)) injectNetworkFault(kind, site);
    else if (isOneOf(CLIENT_FAULTS, kind)) injectClientFault(kind, site);
    else if (kind === RESTORE_BACKUP) this.#backups.restore(site);
    else this.#members.ask(kind, site.random);
    return durationMs;
  }

  #site(random: SeededRandom, durationMs: number): FaultSite {
    const { time } = this.#world;
    return {
      world: this.#world,
      ensemble: this.#ensemble,
      users: this.#users,
      members: this.#members,
      random,
      durationMs,
      powerCut: (replica) => this.powerCut(replica, random.chance(0.3)),
      startAll: (replica, withinMs) => this.startAll(replica, withinMs),
      startLater: (replica, stage, delayMs) => void time.after(delayMs, () => replica.start(stage)),
      later: (delayMs, task) =>
        void time.after(delayMs, () => {
          if (!this.#isOver) task();
        }),
    };
  }
}

function isOneOf<T extends string>(kinds: readonly T[], kind: string): kind is T {
  return kinds.some((it) => it === kind);
}
