import type { Zxid } from './zxid.ts';
import type { EnsembleConfiguration, ReplicaMember, ReplicaRole } from './log-entry.ts';

/** One step of a change of membership. */
export type MemberStep =
  /** It learns already, with all that is here. */
  | {
      readonly kind: 'add';
      readonly replica: number;
      readonly role: ReplicaRole;
      /** Where the other broadcasters dial it. */
      readonly address: string;
    }
  /** Also of a learner that is not listed. Its directories are spent: it comes back with empty ones. */
  | { readonly kind: 'remove'; readonly replica: number }
  /** An observer becomes a voter. */
  | { readonly kind: 'promote'; readonly replica: number }
  /** A voter becomes an observer. */
  | { readonly kind: 'demote'; readonly replica: number };

/** Steps that take effect at once, in one entry. */
export interface MembershipChange {
  /** Of the configuration that it is made from; null: whichever is obeyed. */
  readonly version: number | null;
  readonly steps: readonly MemberStep[];
}

/** What the voters of one configuration need. */
export interface QuorumOutlook {
  /** Replicas, ascending. */
  readonly voters: readonly number[];
  /** So many of them decide. */
  readonly quorum: number;
  /** Those that are here with all that the leader has, ascending. */
  readonly synchronized: readonly number[];
  /** Those of which none may go now: without it there is no quorum. */
  readonly indispensable: readonly number[];
}

/** What a change would come to. */
export interface MembershipPlan {
  /** As it would be proposed. */
  readonly configuration: EnsembleConfiguration;
  /** Both have to agree until the change is committed, the latter alone from then on. */
  readonly before: QuorumOutlook;
  readonly after: QuorumOutlook;
  /** The leader is no voter afterwards: leadership goes to another. */
  readonly replacesLeader: boolean;
}

/** What is asked of a broadcaster about the ensemble's members. */
export type MembersQuestion =
  | { readonly kind: 'list' }
  | { readonly kind: 'plan'; readonly change: MembershipChange }
  | { readonly kind: 'change'; readonly change: MembershipChange }
  /** Leadership is to go to this voter. */
  | { readonly kind: 'transfer'; readonly replica: number }
  /** The state of the ensemble is to become that of a backup that the leader's database holds. */
  | { readonly kind: 'restore'; readonly backup: string };

export const MEMBERS_REFUSALS = [
  /** Another replica leads, or nobody; the answer says where. */
  'notLeader',
  /** The leader is not established yet. */
  'notReady',
  /** One change, or one transfer, is under way at a time. */
  'changeInProgress',
  /** The configuration is another than the one that the change was made from. */
  'versionMismatch',
  /** No quorum of the new voters has what the leader has. */
  'newConfigNoQuorum',
  /** A replica that is added or promoted, or is to lead, is not here with all that the leader has. */
  'notSynchronized',
  'noSuchMember',
  'alreadyMember',
  /** The leader's database does not hold the backup, or too few others came to hold it. */
  'backupNotHeld',
  /** The change contradicts itself, or leaves no ensemble. */
  'invalid',
  /** Nothing was changed: the term ended before the change was logged, or the leader still leads. */
  'interrupted',
  /** Leadership was lost meanwhile: the change may still come, or not. */
  'unknownOutcome',
] as const;

export type MembersRefusal = (typeof MEMBERS_REFUSALS)[number];

/** One replica as the leader knows it. */
export interface MemberState {
  readonly replica: number;
  /** Null: it learns without being listed. */
  readonly listed: ReplicaMember | null;
  readonly isLeader: boolean;
  readonly isSynchronized: boolean;
}

export interface MembersPicture {
  readonly configuration: EnsembleConfiguration;
  /** A change is logged and not settled yet. */
  readonly isChanging: boolean;
  readonly outlook: QuorumOutlook;
  readonly members: readonly MemberState[];
}

export type MembersAnswer =
  | { readonly kind: 'members'; readonly picture: MembersPicture }
  | { readonly kind: 'plan'; readonly plan: MembershipPlan }
  /** Committed, and told by the logs of a quorum. */
  | { readonly kind: 'changed'; readonly configuration: EnsembleConfiguration }
  | { readonly kind: 'transferred'; readonly leader: number }
  /** Committed by this entry. */
  | { readonly kind: 'restored'; readonly zxid: Zxid }
  | {
      readonly kind: 'refused';
      readonly code: MembersRefusal;
      readonly reason: string;
      /** The leader's broadcaster, where another leads; its database, where that lacks a backup; empty: not known. */
      readonly leaderAddress: string;
    };
