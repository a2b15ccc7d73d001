import { counterOf, epochOf, formatTerm, formatZxid, TERM_ZERO } from '@paddock/model';
import type { Zxid } from '@paddock/model';
import type { BroadcasterStatus, PeerAddress } from '@paddock/zab-core';

/** What the stage knows of its links beside the core. */
export interface BroadcasterNeighbours {
  /** Links of request processors. */
  readonly processors: number;
  /** Broadcasters that are dialled and have not answered. */
  readonly silent: readonly PeerAddress[];
}

/** What a broadcaster waits for, in words for an operator; nothing when it serves. */
export function whatBroadcasterMisses(
  status: BroadcasterStatus,
  { processors, silent }: BroadcasterNeighbours,
): string[] {
  const missing: string[] = [];
  if (status.databases.length === 0) missing.push('replicated-database, which dials it');
  if (processors === 0) missing.push('request-processor, which dials it');
  const ensemble = whatEnsembleMisses(status, silentVoters(status, silent));
  // A term is granted once they are there.
  const isConsequence = ensemble === ITS_TERM && missing.length > 0;
  if (ensemble !== null && !isConsequence) missing.push(ensemble);
  return missing;
}

/** Those whose word counts; all that are dialled, as long as no configuration is known. */
function silentVoters(
  { configuration }: BroadcasterStatus,
  silent: readonly PeerAddress[],
): readonly PeerAddress[] {
  if (configuration === null) return silent;
  return silent.filter(({ replica }) =>
    configuration.members.some((it) => it.replica === replica && it.role === 'voter'),
  );
}

const ITS_TERM = 'its term';

function whatEnsembleMisses(
  status: BroadcasterStatus,
  silent: readonly PeerAddress[],
): string | null {
  const { phase, role, leader, reachableVoters, voters, mayNotStand, foreign } = status;
  const answer = `${reachableVoters} of ${voters} voters ${reachableVoters === 1 ? 'answers' : 'answer'}`;
  switch (phase) {
    case 'recovering':
      return 'its log';
    case 'founding':
      // All answer, and not all as they must.
      if (silent.length === 0 && mayNotStand !== null) return `the founding: ${mayNotStand}`;
      return `every voter, to found the ensemble: ${answer}${listed(silent)}`;
    case 'election':
      return 2 * reachableVoters > voters
        ? `a leader: ${answer}`
        : `a quorum: ${answer}${listed(silent)}${strangers(foreign)}`;
    case 'discovery':
    case 'synchronization':
      if (role === 'leader') return `a quorum of synchronized followers (${phase})`;
      return `its leader, replica ${leader ?? 'unknown'} (${phase})`;
    case 'broadcast':
      return role === 'leader' && status.term === TERM_ZERO ? ITS_TERM : null;
  }
}

function listed(silent: readonly PeerAddress[]): string {
  if (silent.length === 0) return '';
  const places = silent.map(({ replica, address }) => `replica ${replica} at ${address}`);
  return `; no word from ${places.join(', ')}`;
}

function strangers(foreign: readonly PeerAddress[]): string {
  if (foreign.length === 0) return '';
  const places = foreign.map(
    ({ replica, address }) => `the one at ${address} (replica ${replica})`,
  );
  return `; ${places.join(' and ')} belongs to another ensemble`;
}

/** Transactions from `from` to `to`; null where they are of different epochs. */
function behind(from: Zxid, to: Zxid): number | null {
  if (from >= to) return 0;
  return epochOf(from) === epochOf(to) ? counterOf(to) - counterOf(from) : null;
}

/** For operators: zxids as people read them, and how far who is behind. */
export function describeBroadcaster(status: BroadcasterStatus): Readonly<Record<string, unknown>> {
  const applied = status.databases[0]?.applied;
  return {
    ...status,
    lastProposed: formatZxid(status.lastProposed),
    durable: formatZxid(status.durable),
    committed: formatZxid(status.committed),
    term: formatTerm(status.term),
    /** Committed transactions that the database of this replica has not applied. */
    lag: applied === undefined ? null : behind(applied, status.committed),
    databases: status.databases.map((database) => ({
      ...database,
      delivered: formatZxid(database.delivered),
      applied: formatZxid(database.applied),
    })),
    learners: status.learners.map((learner) => ({
      ...learner,
      acknowledged: formatZxid(learner.acknowledged),
      lag: behind(learner.acknowledged, status.lastProposed),
    })),
  };
}
