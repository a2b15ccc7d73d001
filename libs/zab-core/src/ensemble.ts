import type { Limits, Timing, Zxid } from '@paddock/model';
import type { DigestVotes } from './digest-votes.ts';
import type { Epochs } from './epochs.ts';
import type { History } from './history.ts';
import type { LogReads } from './log-reads.ts';
import type { Memberships } from './memberships.ts';
import type { VoterIdentity } from './quorum.ts';
import type { Restorations } from './restorations.ts';
import type { LeadershipRounds } from './rounds.ts';

/** What a broadcaster has whatever its role is; each role works on it while it lasts. */
export interface Ensemble {
  /** For people, and nothing else: wall clocks jump. */
  readonly wallMs: () => number;
  readonly self: VoterIdentity;
  /** Where the other replicas' databases fetch snapshots from this replica's. */
  readonly databaseAddress: string;
  readonly history: History;
  readonly memberships: Memberships;
  readonly restorations: Restorations;
  readonly epochs: Epochs;
  readonly rounds: LeadershipRounds;
  readonly reads: LogReads;
  readonly digests: DigestVotes;
  readonly limits: Limits;
  readonly timing: Timing;
  /** Entries behind this one can be read from the log, and are of use: no restoration has undone them. */
  readonly logStart: () => Zxid;
}
