import type { Term, Zxid } from './zxid.ts';

/** What the broadcaster can read of an entry; the payload of `data` is opaque to it (H11). */
export type EntryKind = 'data' | 'termMarker' | 'configuration';

export interface LogEntry {
  readonly zxid: Zxid;
  readonly kind: EntryKind;
  readonly payload: Uint8Array;
}

/** The first entry of every term: from here on its processor assigns zxids (H1). A no-op for the tree. */
export interface TermMarker {
  readonly term: Term;
  /** Where front-ends dial this term's processor. */
  readonly processorAddress: string;
}

export type ReplicaRole = 'voter' | 'observer';

export interface ReplicaMember {
  readonly replica: number;
  /** Incarnation of the replica's data directories: an emptied disk is a new voter (H7). */
  readonly incarnation: number;
  readonly role: ReplicaRole;
  /** Where the other broadcasters dial this one; empty in an ensemble of one. */
  readonly address: string;
}

/** Membership, obeyed by the broadcaster from the moment of its append on (H11). */
export interface EnsembleConfiguration {
  /** Drawn by the first leader. Empty: the ensemble is yet to be founded, and incarnations are not known (0). */
  readonly clusterId: string;
  /** Transaction kinds that may be emitted: those that every replica understands (H24). */
  readonly formatLevel: number;
  readonly members: readonly ReplicaMember[];
}
