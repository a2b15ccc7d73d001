import { epochOf, termEpoch, ZXID_ZERO } from '@paddock/model';
import type { EnsembleConfiguration, Epoch, TermAnnouncement, Zxid } from '@paddock/model';
import { digestBytes, digestSum } from './digest.ts';
import type { Digest } from './digest.ts';
import { QuotaTable } from './quota-table.ts';
import type { Rot } from './snapshots/snapshot-taking.ts';
import { SessionTable } from './sessions/session-table.ts';
import { aclOfPath } from './watches/event-acl.ts';
import { EventHistory } from './watches/event-history.ts';
import { shownBy } from './watches/shown-znode.ts';
import { WatchTable } from './watches/watch-table.ts';
import { ZnodeStore } from './znodes/znode-store.ts';

/** What the database knows at `applied`. The watches and the history are this replica's own, the rest is replicated. */
export class DatabaseState {
  readonly znodes: ZnodeStore;
  readonly sessions = new SessionTable();
  readonly quotas = new QuotaTable();
  readonly watches = new WatchTable(
    (path) => aclOfPath(this, path),
    (event, terms) => shownBy(this.znodes, event, terms),
  );
  readonly history: EventHistory;
  /** Everything up to here has been applied, nothing beyond. */
  applied: Zxid = ZXID_ZERO;
  /** Time of the last transaction, ms since 1970. */
  time = 0;
  /** The newest term whose marker has been applied. */
  term: TermAnnouncement | null = null;
  /** Whether a processor holds the term; null until the broadcaster has said so. */
  termHeld: boolean | null = null;
  /** Since when one does, ms of the monotonic clock; Infinity while none does. */
  heldSinceMs = Infinity;
  configuration: EnsembleConfiguration | null = null;

  constructor(eventHistory: number, unusedContainerMs: number) {
    this.znodes = new ZnodeStore(unusedContainerMs);
    this.history = new EventHistory(eventHistory);
  }

  /** Of the tree and what belongs to its znodes. */
  treeDigest(): Digest {
    return digestSum(this.znodes.digest(), this.quotas.digest());
  }

  /** As databases compare it; with what memory differs by from what it should be. */
  digest(rot: Rot): Uint8Array {
    const ofSessions = digestSum(this.sessions.digest(), rot.sessions);
    return digestBytes(digestSum(this.treeDigest(), rot.znodes), ofSessions);
  }

  /**
   * False where nobody can know yet: a database that has just started replays its way to the known epoch, and without
   * its broadcaster it does not even begin. `heldBeforeMs`: the term must have been held since then.
   */
  isBeyondKnown(zxid: Zxid, heldBeforeMs: number): boolean {
    return this.heldSinceMs <= heldBeforeMs && epochOf(zxid) > this.knownEpoch();
  }

  /** The highest epoch that this database has heard of. */
  knownEpoch(): Epoch {
    const ofApplied = epochOf(this.applied);
    if (this.term === null) return ofApplied;
    const ofTerm = termEpoch(this.term.term);
    return ofTerm > ofApplied ? ofTerm : ofApplied;
  }
}
