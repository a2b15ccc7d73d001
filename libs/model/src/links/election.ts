import type { Epoch, Zxid } from '../zxid.ts';

/** Where a broadcaster stands in the order of histories: the later epoch is longer, then the higher zxid. */
export interface HistoryEnd {
  readonly currentEpoch: Epoch;
  readonly lastZxid: Zxid;
}

/** Who speaks on an election link. */
export interface ElectorIdentity {
  readonly replica: number;
  readonly incarnation: number;
  /** Empty until the replica has its ensemble's first configuration: it has never held anything (H7). */
  readonly clusterId: string;
  /** The voters that it knows of, ascending: those who found an ensemble agree on them. */
  readonly voters: readonly number[];
}

/** Broadcaster → broadcaster. Every broadcaster dials every other one, and asks on the link that it dialled. */
export type ElectionRequest =
  /** First message, and again when it changes. */
  | { readonly kind: 'introduce'; readonly identity: ElectorIdentity }
  /** Would you vote for me? Changes nothing at the one who is asked (H24). */
  | { readonly kind: 'preVote'; readonly ballot: number; readonly history: HistoryEnd }
  /** Zab's discovery: accept this epoch, and me as its leader. */
  | { readonly kind: 'vote'; readonly epoch: Epoch; readonly history: HistoryEnd };

export type ElectionReply =
  /** First on the link, and again whenever something of it changes. */
  | {
      readonly kind: 'state';
      readonly identity: ElectorIdentity;
      readonly acceptedEpoch: Epoch;
      /** The epoch that this broadcaster leads, or is establishing with a quorum's votes; EPOCH_ZERO: none. */
      readonly leads: Epoch;
    }
  | {
      readonly kind: 'preVoteAnswer';
      readonly ballot: number;
      readonly granted: boolean;
      readonly acceptedEpoch: Epoch;
    }
  /** A granted epoch was durably accepted before this was sent. */
  | {
      readonly kind: 'voteAnswer';
      readonly epoch: Epoch;
      readonly granted: boolean;
      readonly acceptedEpoch: Epoch;
    };
