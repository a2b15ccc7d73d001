import { assert } from '@paddock/model';
import type {
  ElectionReply,
  ElectorIdentity,
  EnsembleConfiguration,
  ReplicaMember,
  ReplicaRole,
} from '@paddock/model';
import type { Random } from '@paddock/ports';
import type { BroadcasterEffects, PeerAddress } from './broadcaster-effects.ts';
import { Candidacy } from './candidacy.ts';
import { Electors } from './electors.ts';
import type { Elector } from './electors.ts';
import type { Ensemble } from './ensemble.ts';
import { FoundingRule } from './quorum.ts';
import type { VoterIdentity } from './quorum.ts';
import type { Standing } from './standing.ts';
import { Voting } from './voting.ts';

/** A replica as the configuration file lists it. */
export interface PeerMember extends PeerAddress {
  readonly role: ReplicaRole;
}

/** What the role of this broadcaster means for elections. */
export interface RoleNow {
  readonly hasLeader: boolean;
  /** The log is being cut, or begins anew. */
  readonly isLogChanging: boolean;
  readonly needsSnapshot: boolean;
  /** Its database and its processor are there (H18). */
  readonly isServed: boolean;
}

/** A leader that was just lost is not dialled again at once. */
const AVOID_MS = 100;

/** This broadcaster's part in elections: who the others are, whom it votes for, and when it stands itself. */
export class Elections {
  readonly electors = new Electors();
  readonly candidacy: Candidacy;
  readonly voting: Voting;

  readonly #ensemble: Ensemble;
  readonly #peers: readonly PeerMember[];
  readonly #role: ReplicaRole;
  #identity: ElectorIdentity;
  /** Of the membership that the others know. */
  #revision = 0;
  /** Those that answer at a listed address, and are of another ensemble. */
  readonly #foreign = new Map<number, PeerAddress>();
  readonly #foreignTold = new Set<string>();

  constructor(ensemble: Ensemble, peers: readonly PeerMember[], role: ReplicaRole, random: Random) {
    const { self, timing, epochs } = ensemble;
    this.#ensemble = ensemble;
    this.#peers = peers;
    this.#role = role;
    this.#identity = { ...self, clusterId: '', voters: [] };
    this.candidacy = new Candidacy(self, timing, random, this.electors, epochs);
    this.voting = new Voting(this.electors, epochs);
  }

  /** As told to the others; another object whenever it differs. */
  get identity(): ElectorIdentity {
    return this.#identity;
  }

  /** Where the membership is another than before, the others are told, and dialled. */
  advance(out: BroadcasterEffects): void {
    const { self, memberships } = this.#ensemble;
    if (memberships.revision === this.#revision) return;
    this.#revision = memberships.revision;
    const { voters } = memberships;
    const { clusterId } = memberships.current;
    const before = this.#identity;
    if (clusterId !== before.clusterId || voters.join() !== before.voters.join()) {
      this.#identity = { ...self, clusterId, voters };
      for (const { replica, isConnected } of this.electors.introduced) {
        if (isConnected) this.#introduce(replica, out);
      }
    }
    const addresses = this.#addresses();
    if (this.electors.setPeers(addresses)) out.dialElectors = addresses;
  }

  /**
   * What the file says of an address is newer than what was agreed. Whom it lists alone is dialled too: who comes back
   * after the voters have become others knows the present ones from nowhere else.
   */
  #addresses(): readonly PeerAddress[] {
    const { self, memberships } = this.#ensemble;
    const voters = memberships.electorate.map(({ replica, address }): PeerAddress => {
      const peer = this.#peers.find((it) => it.replica === replica);
      return { replica, address: peer?.address ?? address };
    });
    const others = this.#peers.filter(
      ({ replica }) => !voters.some((it) => it.replica === replica),
    );
    return [...voters, ...others.map(({ replica, address }) => ({ replica, address }))].filter(
      (it) => it.address !== '' && it.replica !== self.replica,
    );
  }

  electorConnected(replica: number, out: BroadcasterEffects): void {
    this.electors.connected(replica);
    this.#introduce(replica, out);
  }

  /** Whether what is told of another broadcaster concerns this ensemble. */
  told(
    elector: Elector,
    state: Extract<ElectionReply, { kind: 'state' }>,
    out: BroadcasterEffects,
  ): void {
    const own = this.#identity.clusterId;
    const { clusterId } = state.identity;
    const { replica, address } = elector;
    if (own !== '' && clusterId !== '' && clusterId !== own) {
      this.#foreign.set(replica, { replica, address });
      if (this.#foreignTold.has(clusterId)) return;
      this.#foreignTold.add(clusterId);
      const detail = { replica, address, clusterId, own };
      out.events.push({ level: 'error', message: 'a replica of another ensemble answers', detail });
      return;
    }
    this.#foreign.delete(replica);
    this.electors.told(elector, state);
  }

  get foreign(): readonly PeerAddress[] {
    return [...this.#foreign.values()];
  }

  standing(role: RoleNow): Standing {
    const { epochs, history, memberships } = this.#ensemble;
    const { isFormed } = memberships;
    return {
      identity: this.#identity,
      history: { currentEpoch: epochs.current, lastZxid: history.last },
      rule: isFormed ? memberships.quorum() : new FoundingRule(this.#identity.voters),
      hasLeader: role.hasLeader,
      isUnsettled: role.isLogChanging,
      mayNotStand: this.#reasonNotToStand(role),
      isHandicapped: !role.isServed,
    };
  }

  /** The leader was lost. */
  avoid(replica: number, nowMs: number): void {
    const elector = this.electors.find(replica);
    if (elector !== undefined) elector.avoidUntilMs = nowMs + AVOID_MS;
  }

  /** The membership with which this replica founds the ensemble, all of whose voters have voted for it (H7). */
  founding(clusterId: string, ayes: readonly VoterIdentity[]): EnsembleConfiguration {
    const { current } = this.#ensemble.memberships;
    const members = current.members
      .filter((member) => member.role === 'voter')
      .map((member): ReplicaMember => {
        // Not as it is known now: it may have gone, or have another disk, since it voted.
        const aye = ayes.find((it) => it.replica === member.replica);
        assert(aye !== undefined, 'an ensemble is founded with the votes of all');
        return { ...member, incarnation: aye.incarnation };
      });
    return { ...current, clusterId, version: 1, members };
  }

  #introduce(replica: number, out: BroadcasterEffects): void {
    out.electors.push(replica, { kind: 'introduce', identity: this.#identity });
  }

  #reasonNotToStand(role: RoleNow): string | null {
    const { self, history, memberships } = this.#ensemble;
    if (!memberships.isFormed && this.#role === 'observer') return 'it is an observer';
    if (role.isLogChanging || !history.isDurable) return 'its log is being written';
    if (role.needsSnapshot) return 'its database needs a snapshot';
    if (memberships.isFormed) {
      // One that a change leaves out stands as long as it is not committed: nobody else may have all.
      if (memberships.quorum().counts(self)) return null;
      const isObserver = memberships.roleOf(self.replica, this.#role) === 'observer';
      return isObserver ? 'it is an observer' : 'this life of the replica is no voter';
    }
    return this.#reasonNotToFound();
  }

  /** The first epoch of an ensemble needs all its voters, none of which has ever held anything (H7). */
  #reasonNotToFound(): string | null {
    const { self } = this.#ensemble;
    const { voters } = this.#identity;
    if (!voters.includes(self.replica)) return 'it is not listed as a voter';
    for (const replica of voters) {
      if (replica === self.replica) continue;
      const other = this.electors.find(replica)?.identity ?? null;
      if (other === null) return `replica ${replica} does not answer, and all are needed at first`;
      if (other.clusterId !== '') return `replica ${replica} belongs to an ensemble already`;
      if (other.voters.join() !== voters.join()) {
        return `replica ${replica} is configured with voters ${other.voters.join()}, not ${voters.join()}`;
      }
    }
    return null;
  }
}
