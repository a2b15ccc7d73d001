import type { EnsembleConfiguration, Epoch, Term, Zxid } from '@paddock/model';
import type { BroadcasterFailure, PeerAddress } from './broadcaster-effects.ts';
import type { DatabaseLinkState } from './database-link.ts';
import type { LearnerState } from './learner.ts';

/** Zab's phases as an operator sees them; founding: the first epoch of an ensemble waits for all its voters. */
export type ZabPhase =
  'recovering' | 'founding' | 'election' | 'discovery' | 'synchronization' | 'broadcast';

export type ReplicaState = 'leader' | 'follower' | 'observer' | 'looking';

export interface DatabaseStatus {
  readonly state: DatabaseLinkState;
  readonly delivered: Zxid;
  readonly applied: Zxid;
  readonly windowBytes: number;
}

export interface LearnerStatus {
  readonly replica: number;
  readonly state: LearnerState;
  /** Its acks count; not those of an observer, or of an emptied disk that was not admitted yet. */
  readonly isVoter: boolean;
  readonly isSynchronized: boolean;
  /** Durable there, as far as it has said. */
  readonly acknowledged: Zxid;
  readonly windowBytes: number;
}

/** For operators and health: a picture of the moment. */
export interface BroadcasterStatus {
  readonly role: ReplicaState;
  readonly phase: ZabPhase;
  /** The replica that leads, as far as this one knows. */
  readonly leader: number | null;
  readonly epoch: Epoch;
  readonly acceptedEpoch: Epoch;
  readonly currentEpoch: Epoch;
  readonly lastProposed: Zxid;
  readonly durable: Zxid;
  readonly committed: Zxid;
  /** TERM_ZERO while no processor of this replica holds it. */
  readonly term: Term;
  readonly processorAddress: string | null;
  readonly databases: readonly DatabaseStatus[];
  readonly learners: readonly LearnerStatus[];
  readonly configuration: EnsembleConfiguration | null;
  /** Voters that this one could win an election with, itself included, and how many there are. */
  readonly reachableVoters: number;
  readonly voters: number;
  /** Those that answer where this ensemble's replicas are listed, and are of another one. */
  readonly foreign: readonly PeerAddress[];
  /** Why this replica does not stand for leader now; null: it would. */
  readonly mayNotStand: string | null;
  readonly failure: BroadcasterFailure | null;
}
