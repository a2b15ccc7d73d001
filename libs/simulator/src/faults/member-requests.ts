import type { EnsembleConfiguration, MembersAnswer, MemberStep } from '@paddock/model';
import { addressesOf } from '../ensemble/boundaries.ts';
import type { SimulatedEnsemble } from '../ensemble/simulated-ensemble.ts';
import type { SimulatedReplica } from '../ensemble/simulated-replica.ts';
import type { SeededRandom } from '../kernel/seeded-random.ts';
import type { World } from '../world.ts';
import type { MemberFault } from './fault-kinds.ts';

/** Members come, go, rise and fall, and leadership is handed over, as an operator asks the leader for it. */
export class MemberRequests {
  /** From then on the voters are not those that the settings say. */
  hasAsked = false;
  readonly #world: World;
  readonly #ensemble: SimulatedEnsemble;
  /** A change was asked for, and whether it was made is not known. */
  #isInDoubt = false;

  constructor(world: World, ensemble: SimulatedEnsemble) {
    this.#world = world;
    this.#ensemble = ensemble;
  }

  ask(kind: MemberFault, random: SeededRandom): void {
    this.hasAsked = true;
    if (kind === 'transferLeadership') this.#transfer(random);
    else this.#change(random);
  }

  /**
   * Where the leader knows of no change under way: the logs of a quorum tell of the last one, so that nobody who is
   * left out by it is needed any more.
   */
  ifSettled(act: (configuration: EnsembleConfiguration) => void): void {
    this.#ensemble.leader.askMembers({ kind: 'list' }, (answer) => {
      if (answer.kind !== 'members' || answer.picture.isChanging) return;
      const { configuration } = answer.picture;
      const committed = this.#world.log.configuration;
      // Who led before, and does not know better, is asked in vain.
      if (committed === null || committed.version !== configuration.version) return;
      if (!this.#areWhole(configuration)) return;
      this.#isInDoubt = false;
      act(configuration);
    });
  }

  #transfer(random: SeededRandom): void {
    const replica = random.pick(this.#ensemble.replicas).number;
    this.#ensemble.leader.askMembers({ kind: 'transfer', replica }, (answer) =>
      this.#answered(`leadership for replica ${replica}`, answer),
    );
  }

  /** One to three steps at once, of replicas that the draw names; what cannot be is refused. */
  #change(random: SeededRandom): void {
    // P10 speaks of a majority that is right: with fewer voters one that is wrong may be half of them.
    const { rottenMemory } = this.#ensemble.networks;
    if (rottenMemory.isPlanned || this.#world.history.rotten.length > 0) return;
    this.ifSettled((configuration) => {
      const count = random.pick([1, 1, 2, 3]);
      const chosen = random.shuffled(this.#ensemble.replicas).slice(0, count);
      const steps = chosen.map((it) => someStep(configuration, it, random));
      if (!this.#leavesFounder(configuration, steps)) return;
      this.#isInDoubt = true;
      const version = random.chance(0.5) ? configuration.version : null;
      const change = { version, steps };
      const words = steps.map((it) => `${it.kind} ${it.replica}`).join(', ');
      this.#ensemble.leader.askMembers({ kind: 'change', change }, (answer) => {
        if (answer.kind !== 'refused' || answer.code !== 'unknownOutcome') this.#isInDoubt = false;
        this.#answered(words, answer);
      });
    });
  }

  #answered(words: string, answer: MembersAnswer): void {
    const { trace } = this.#world;
    const outcome = answer.kind === 'refused' ? `${answer.code}, ${answer.reason}` : answer.kind;
    trace.tell('operator', `${words}: ${outcome}`);
    this.#world.count(`members: ${answer.kind === 'refused' ? answer.code : answer.kind}`);
  }

  /** Each disk is what is listed, and has what it had; and no change may still come. */
  #areWhole({ members }: EnsembleConfiguration): boolean {
    if (this.#isInDoubt) return false;
    return members.every((listed) => {
      const { identity, lacksBackup } = this.#find(listed.replica);
      return identity.incarnation === listed.incarnation && !lacksBackup;
    });
  }

  #find(number: number): SimulatedReplica {
    return this.#ensemble.replicas.find((it) => it.number === number) ?? this.#ensemble.replicas[0];
  }

  /** Empty replicas whose files list one another, and nobody else, would found an ensemble of their own. */
  #leavesFounder({ members }: EnsembleConfiguration, steps: readonly MemberStep[]): boolean {
    const gone = steps.flatMap((it) => (it.kind === 'remove' ? it.replica : []));
    return members.some(
      ({ replica }) =>
        this.#ensemble.founders.some((it) => it.number === replica) && !gone.includes(replica),
    );
  }
}

function someStep(
  { members }: EnsembleConfiguration,
  { number: replica }: SimulatedReplica,
  random: SeededRandom,
): MemberStep {
  const listed = members.find((it) => it.replica === replica);
  if (listed === undefined) {
    const role = random.chance(0.7) ? 'voter' : 'observer';
    return { kind: 'add', replica, role, address: addressesOf(replica).broadcaster };
  }
  if (random.chance(0.4)) return { kind: 'remove', replica };
  return { kind: listed.role === 'voter' ? 'demote' : 'promote', replica };
}
