import type { EnsembleConfiguration, TermAnnouncement, Zxid } from '@paddock/model';
import type { Verdict } from './digest-verdicts.ts';

/** What an operator may want to know of a database, as of now. */
export interface DatabaseStatus {
  readonly applied: Zxid;
  readonly term: TermAnnouncement | null;
  /** Null until the broadcaster has said so. */
  readonly termHeld: boolean | null;
  readonly configuration: EnsembleConfiguration | null;
  readonly isLoading: boolean;
  readonly hasBroadcaster: boolean;
  /** Whether it tells of its state, and why not: empty where it does. */
  readonly isServing: boolean;
  readonly notServingReason: string;
  /** It has applied all that was committed so many milliseconds ago; Infinity where nobody has said so yet. */
  readonly freshAgoMs: number;
  /** What a majority says of its digests; null before the first verdict. */
  readonly verdict: Verdict | null;
  readonly znodes: number;
  readonly dataBytes: number;
  readonly sessions: number;
  readonly tombstones: number;
  readonly frontends: number;
  readonly processors: number;
  readonly attachedSessions: number;
  /** One-shot watches of sessions. */
  readonly watches: number;
  /** Sessionless persistent watches. */
  readonly watchStreams: number;
  readonly parkedReads: number;
  readonly parkedLookUps: number;
  readonly historyFloor: Zxid;
  readonly newestSnapshot: Zxid;
  readonly isTakingSnapshot: boolean;
  /** Sixteen hexadecimal digits each; replicas at one zxid have equal ones. */
  readonly znodesDigest: string;
  readonly sessionsDigest: string;
}
