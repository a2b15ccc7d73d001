import type { Availability } from './availability.ts';
import type { DatabaseState } from './database-state.ts';
import type { DatabaseStatus } from './database-status.ts';
import { formatDigest } from './digest.ts';
import type { Frontends } from './frontends/frontends.ts';
import type { LookUps } from './look-ups.ts';
import type { Snapshots } from './snapshots/snapshots.ts';

/** What a database's status is made of. */
export interface DatabaseParts {
  readonly state: DatabaseState;
  readonly availability: Availability;
  readonly frontends: Frontends;
  readonly lookUps: LookUps;
  readonly snapshots: Snapshots;
  readonly verdict: DatabaseStatus['verdict'];
  readonly isLoading: boolean;
  readonly hasBroadcaster: boolean;
}

export function describeDatabase(parts: DatabaseParts): DatabaseStatus {
  const { state, availability, frontends, lookUps, snapshots } = parts;
  const { verdict, isLoading, hasBroadcaster } = parts;
  const { znodes, sessions, watches, applied, term, termHeld, configuration } = state;
  return {
    applied,
    term,
    termHeld,
    configuration,
    isLoading,
    hasBroadcaster,
    isServing: availability.isServing,
    notServingReason: availability.reason,
    freshAgoMs: availability.freshAgoMs,
    verdict,
    znodes: znodes.count,
    dataBytes: znodes.dataBytes,
    sessions: sessions.count,
    tombstones: sessions.tombstoneCount,
    frontends: frontends.streamCount,
    processors: lookUps.streamCount,
    attachedSessions: frontends.attachedCount,
    watches: watches.count,
    watchStreams: watches.streamCount,
    parkedReads: frontends.parkedReads,
    parkedLookUps: lookUps.parkedCount,
    historyFloor: state.history.floor,
    newestSnapshot: snapshots.verified,
    isTakingSnapshot: snapshots.isTaking,
    znodesDigest: formatDigest(state.treeDigest()),
    sessionsDigest: formatDigest(sessions.digest()),
  };
}
