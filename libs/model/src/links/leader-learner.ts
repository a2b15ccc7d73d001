import type { HistoryEnd } from './election.ts';
import type { LogEntry } from '../log-entry.ts';
import type { Epoch, Zxid } from '../zxid.ts';

/**
 * Learner (follower or observer) → leader, which it dials. Zab's phases: `follow` and `epochAccepted` are discovery,
 * `position` and `synchronized` synchronization, `ack` broadcast.
 */
export type LearnerMessage =
  /** First message. */
  | {
      readonly kind: 'follow';
      readonly replica: number;
      readonly incarnation: number;
      readonly clusterId: string;
      readonly acceptedEpoch: Epoch;
    }
  /** The epoch is durably accepted. */
  | {
      readonly kind: 'epochAccepted';
      readonly epoch: Epoch;
      readonly history: HistoryEnd;
      /** Accepted for this leader, on this link; what was promised to somebody else before counts in no discovery. */
      readonly isPromise: boolean;
    }
  /** The history ends here now: after `truncate` or `snapshotNeeded` was carried out. */
  | { readonly kind: 'position'; readonly lastZxid: Zxid }
  /** The leader's history up to its `newLeader` is durable here, and then the epoch as current (ACK-LD). */
  | { readonly kind: 'synchronized'; readonly epoch: Epoch }
  /** Everything up to here is durable; cumulative. */
  | { readonly kind: 'ack'; readonly zxid: Zxid }
  /** Answers a heartbeat, only while the epoch accepted is the leader's (H13). */
  | { readonly kind: 'heartbeatAck'; readonly round: number }
  /** Asks for a floor that is confirmed by a round sent after this arrives (H13). Numbers count up on a link. */
  | { readonly kind: 'probe'; readonly probe: number }
  /** The digest of this replica's database at an agreed zxid, opaque (H22). */
  | { readonly kind: 'digest'; readonly zxid: Zxid; readonly digest: Uint8Array }
  /** The database holds this backup: an entry that names it may be sent. */
  | { readonly kind: 'backupHeld'; readonly backup: string };

/** Leader → learner. */
export type LeaderMessage =
  /** `databaseAddress`: where a snapshot is to be fetched, should this replica need one. */
  | { readonly kind: 'newEpoch'; readonly epoch: Epoch; readonly databaseAddress: string }
  /** Cut everything behind `after` (or behind what there is before it) and say where the history ends then. */
  | { readonly kind: 'truncate'; readonly after: Zxid }
  /** The leader's log begins later: fetch a snapshot of at least this zxid from its database (H8). */
  | { readonly kind: 'snapshotNeeded'; readonly atLeast: Zxid }
  /** To be appended in this order; those that the learner has already are dropped. */
  | { readonly kind: 'entries'; readonly entries: readonly LogEntry[]; readonly committed: Zxid }
  /** Everything up to here is committed; cumulative. */
  | { readonly kind: 'commit'; readonly zxid: Zxid }
  /** All of the leader's history at the start of its epoch has been sent (NEWLEADER). */
  | { readonly kind: 'newLeader'; readonly epoch: Epoch }
  /** The epoch is established (COMMIT-LD, UPTODATE). */
  | { readonly kind: 'upToDate'; readonly committed: Zxid }
  /** Rounds count up within the epoch and are never used again; `held`: a processor holds the term (H17). */
  | { readonly kind: 'heartbeat'; readonly round: number; readonly held: boolean }
  /** A round sent after the probe arrived was confirmed; everything up to `floor` was committed then. */
  | { readonly kind: 'probed'; readonly probe: number; readonly floor: Zxid }
  /** Leadership goes to this voter, which has everything: it stands at once, the others later. */
  | { readonly kind: 'handOver'; readonly replica: number }
  /** This life of the replica was removed, by the configuration of this version: it stops. */
  | { readonly kind: 'removed'; readonly version: number }
  /** A restoration waits for this backup, which the leader's database has. */
  | { readonly kind: 'backupNeeded'; readonly backup: string }
  /** What the databases of a majority have at `zxid`; null where no majority agrees (H22). */
  | {
      readonly kind: 'digestVerdict';
      readonly zxid: Zxid;
      readonly digest: Uint8Array | null;
    };
