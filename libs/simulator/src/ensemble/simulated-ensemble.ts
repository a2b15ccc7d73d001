import { formatZxid, parseZxid, ZXID_ZERO } from '@paddock/model';
import type { Zxid } from '@paddock/model';
import type { SeededRandom } from '../kernel/seeded-random.ts';
import type { World } from '../world.ts';
import { addressesOf, STAGES } from './boundaries.ts';
import { EnsembleNetworks } from './ensemble-networks.ts';
import { SimulatedReplica } from './simulated-replica.ts';
import type { SimulatedReplicaHandlers } from './simulated-replica.ts';
import type { Member } from './stage-assembly.ts';

/** What a database says of its own state. */
export interface LivingState {
  readonly applied: Zxid;
  readonly znodesDigest: string;
  readonly sessionsDigest: string;
}

/** All replicas, and the networks between them. */
export class SimulatedEnsemble {
  readonly replicas: readonly [SimulatedReplica, ...SimulatedReplica[]];
  readonly networks: EnsembleNetworks;
  readonly #world: World;

  constructor(world: World, handlers: SimulatedReplicaHandlers) {
    const { voters, observers, fused } = world.settings;
    this.#world = world;
    this.networks = new EnsembleNetworks(world);
    const count = voters + observers;
    const members = Array.from({ length: count }, (_, i): Member => {
      const replica = i + 1;
      const role = replica <= voters ? 'voter' : 'observer';
      return { replica, address: addressesOf(replica).broadcaster, role };
    });
    const ensemble = count === 1 ? [] : members;
    const replica = (number: number): SimulatedReplica => {
      const isFused = fused.includes(number);
      return new SimulatedReplica({ number, isFused, ensemble }, world, this.networks, handlers);
    };
    this.replicas = [replica(1), ...members.slice(1).map((it) => replica(it.replica))];
  }

  /** Those that the newest configuration lists as such, in whatever life of their disks. */
  get voters(): readonly SimulatedReplica[] {
    const { configuration } = this.#world.log;
    if (this.replicas.length === 1 || configuration === null) return this.founders;
    const listed = configuration.members.filter((it) => it.role === 'voter');
    return this.replicas.filter(({ number }) => listed.some((it) => it.replica === number));
  }

  /** The voters that their own files list. */
  get founders(): readonly SimulatedReplica[] {
    return this.replicas.slice(0, this.#world.settings.voters);
  }

  get frontendAddresses(): string[] {
    return this.replicas.map(({ number }) => addressesOf(number).frontend);
  }

  /** Whose processor was granted the newest term, whether or not it still leads. */
  get leader(): SimulatedReplica {
    const { grants } = this.#world.broadcasts;
    const newest = grants.reduce((a, b) => (b.term > a.term ? b : a), grants[0] ?? NO_GRANT);
    return this.replicas.find((it) => it.number === newest.replica) ?? this.replicas[0];
  }

  /** Leaders and followers are in more danger than their number says. */
  pick(random: SeededRandom): SimulatedReplica {
    if (random.chance(0.4)) return this.leader;
    return random.pick(this.replicas);
  }

  /** Whether the voter counts in the present life of its disks (H7). */
  isAdmitted({ identity }: SimulatedReplica): boolean {
    if (this.replicas.length === 1) return true;
    const members = this.#world.log.configuration?.members ?? [];
    const member = members.find(({ replica }) => replica === identity.replica);
    return member?.incarnation === identity.incarnation;
  }

  stateOf({ database }: SimulatedReplica): LivingState | null {
    if (database === null) return null;
    const { applied, znodesDigest, sessionsDigest } = database.status();
    return {
      applied: parseZxid(String(applied)) ?? ZXID_ZERO,
      znodesDigest: String(znodesDigest),
      sessionsDigest: String(sessionsDigest),
    };
  }

  get isWell(): boolean {
    return this.#isUp && this.complaints().length === 0;
  }

  /** Why it is not well, in words. */
  complaints(): string[] {
    const complaints: string[] = [];
    const { last } = this.#world.log;
    const [first] = this.replicas;
    const expected = this.stateOf(first);
    for (const replica of this.replicas) {
      const name = `replica ${replica.number}`;
      const state = this.stateOf(replica);
      if (state === null || state.applied !== last) {
        const applied = state === null ? 'nothing' : formatZxid(state.applied);
        complaints.push(`${name} has applied ${applied} of ${formatZxid(last)}`);
      } else if (
        state.znodesDigest !== expected?.znodesDigest ||
        state.sessionsDigest !== expected.sessionsDigest
      ) {
        complaints.push(`${name} differs from replica ${first.number}`);
      }
      if (!replica.isServing) complaints.push(`${name} does not serve`);
    }
    for (const voter of this.voters) {
      if (!this.isAdmitted(voter)) complaints.push(`replica ${voter.number} is not admitted`);
    }
    return complaints;
  }

  /** What everybody waits for, in the operators' words. */
  waitingFor(): string[] {
    return [...this.complaints(), ...this.replicas.flatMap((it) => it.waitingFor())];
  }

  get #isUp(): boolean {
    return this.replicas.every((replica) => STAGES.every((name) => replica.isUp(name)));
  }
}

const NO_GRANT = { replica: 1, term: 0, lastProposed: 0 };
