/** Every bound and every time of the protocol, in one place; a configuration may override each of them. */
export interface Limits {
  /** Bytes of a znode's data. */
  readonly znodeDataBytes: number;
  /** Bytes of one request or one transaction. */
  readonly requestBytes: number;
  /** Bytes of one message on a stage link; a batch is cut before it. */
  readonly linkMessageBytes: number;
  /** A batch is cut at this many bytes or operations, whichever comes first. */
  readonly batchBytes: number;
  readonly batchOperations: number;
  /** Requests of one session that are not answered yet; beyond it the connection is not read. */
  readonly outstandingPerSession: number;
  /** Sessions that one front-end has from one address; 0: no limit. */
  readonly sessionsPerAddress: number;
  /** Requests of one client that one front-end takes in a second, and at once; 0: no limit. */
  readonly requestsPerSecond: number;
  /** Watches of one session, on all kinds and paths. */
  readonly watchesPerSession: number;
  /** Outcomes kept for a session until acknowledged. Never below outstandingPerSession. */
  readonly windowCount: number;
  readonly windowBytes: number;
  /** Bytes that one stage may hold for a slow neighbour before it stops reading what feeds it. */
  readonly queueBytes: number;
  /** Bytes held for a client, or by a database for a front-end, that does not read; beyond it the stream is cut. */
  readonly slowReaderBytes: number;
  /** Changes in flight in the request processor before it stops reading. */
  readonly overlayEntries: number;
  /** Steps of one transaction, and znodes that one changes. */
  readonly transactionZnodes: number;
  /** What the reads of one transaction may bring, in bytes; they are kept with its outcome. */
  readonly transactionReadBytes: number;
  /** Sum of ephemeralCost of one session, so that its close fits one transaction (H6). */
  readonly ephemeralBytesPerSession: number;
  /** Children of one znode. */
  readonly childrenPerZnode: number;
  /** Sum of quotaCost of all quotas: they are told in one piece, and a snapshot holds them in one. */
  readonly quotaBytes: number;
  /** Events kept for watches that come back. */
  readonly eventHistory: number;
  /** Bytes delivered to a database and not yet reported as applied. */
  readonly deliveryWindowBytes: number;
  /** Bytes of a log segment. */
  readonly segmentBytes: number;
  /** A snapshot is taken after this many transactions or bytes of log. */
  readonly snapshotTransactions: number;
  readonly snapshotLogBytes: number;
  /** Snapshots kept. */
  readonly snapshotsKept: number;
  /** Databases tell their digest at zxids whose counter is divisible by this, so that all tell it at the same (H22). */
  readonly digestInterval: number;
  /** Zxids after which a tombstone is dropped. */
  readonly tombstoneTransactions: number;
  /** Sessions of its own that a front-end runs unary writes in. */
  readonly unarySessions: number;
}

export interface Timing {
  readonly tickMs: number;
  /** A leader, or a quorum of learners, that says nothing for so long is lost. Heartbeats go out every tick. */
  readonly leaderLostMs: number;
  /** Broadcasters without a leader stand a quarter of this apart; after a failure at random, within twice as much. */
  readonly electionSpreadMs: number;
  /** A replica that was not confirmed to be fresh for so long answers no local reads. */
  readonly staleReadsMs: number;
  /** A processor or database that is gone for longer costs the replica its leadership. */
  readonly stageLostMs: number;
  readonly sessionTimeoutMs: number;
  readonly sessionTimeoutMinMs: number;
  readonly sessionTimeoutMaxMs: number;
  /** How long a read may wait for its floor. */
  readonly floorWaitMs: number;
  /** A container that has never had a child is deleted after so long. */
  readonly unusedContainerMs: number;
  /** First delay before a broken link is dialled again; it doubles up to the maximum. */
  readonly reconnectMs: number;
  readonly reconnectMaxMs: number;
}

const KIB = 1024;
const MIB = 1024 * KIB;

export const DEFAULT_LIMITS: Limits = {
  znodeDataBytes: MIB,
  requestBytes: MIB + 64 * KIB,
  linkMessageBytes: 4 * MIB,
  batchBytes: 256 * KIB,
  batchOperations: 4096,
  outstandingPerSession: 1000,
  sessionsPerAddress: 0,
  requestsPerSecond: 0,
  watchesPerSession: 100_000,
  windowCount: 4096,
  windowBytes: MIB,
  queueBytes: 4 * MIB,
  slowReaderBytes: 16 * MIB,
  overlayEntries: 100_000,
  transactionZnodes: 10_000,
  transactionReadBytes: 256 * KIB,
  ephemeralBytesPerSession: 768 * KIB,
  childrenPerZnode: 10_000_000,
  quotaBytes: 256 * KIB,
  eventHistory: 65_536,
  deliveryWindowBytes: 4 * MIB,
  segmentBytes: 64 * MIB,
  snapshotTransactions: 100_000,
  snapshotLogBytes: 256 * MIB,
  snapshotsKept: 3,
  digestInterval: 1024,
  tombstoneTransactions: 100_000,
  unarySessions: 4,
};

export const DEFAULT_TIMING: Timing = {
  tickMs: 500,
  leaderLostMs: 1500,
  electionSpreadMs: 100,
  staleReadsMs: 5000,
  stageLostMs: 2000,
  sessionTimeoutMs: 10_000,
  sessionTimeoutMinMs: 4000,
  sessionTimeoutMaxMs: 40_000,
  floorWaitMs: 10_000,
  unusedContainerMs: 300_000,
  reconnectMs: 50,
  reconnectMaxMs: 1000,
};

/** What one ephemeral adds to its session's ephemeralBytes: its path and the fixed part of a deletion. */
export function ephemeralCost(pathLength: number): number {
  return 3 * pathLength + 16;
}
