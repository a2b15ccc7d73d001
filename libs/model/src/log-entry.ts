import type { Term, Zxid } from './zxid.ts';

/** What the broadcaster can read of an entry; the payload of `data` is opaque to it (H11). */
export type EntryKind = 'data' | 'termMarker' | 'configuration' | 'restoration';

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

/**
 * Names a backup that every replica holds before it has this entry: the state behind it is what the backup has. It is
 * the last entry of its term, and a leader's own. Entries before it are of no use to anybody once it is committed.
 */
export interface RestorationEntry {
  /** Its zxid, its digest, and something drawn when it was offered, so that no name comes twice. */
  readonly backup: string;
  /** When it was logged, by the wall clock of the leader: ms since 1970. Tells people, and nothing else. */
  readonly time: number;
  /** The leader, of whom an operator asked it. */
  readonly leader: number;
}

export type ReplicaRole = 'voter' | 'observer';

/** One life of a replica: an emptied disk is another (H7). */
export interface ReplicaLife {
  readonly replica: number;
  /** Of its data directories. */
  readonly incarnation: number;
}

export interface ReplicaMember extends ReplicaLife {
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
  /** Counts its changes: whoever proposes one names the version that it is made from. 0: not founded. */
  readonly version: number;
  readonly members: readonly ReplicaMember[];
  /** Lives of replicas that were removed: they are told so, and learn no more. Oldest first, so many of the newest. */
  readonly removed: readonly ReplicaLife[];
}
