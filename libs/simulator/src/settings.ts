import { DEFAULT_LIMITS, DEFAULT_TIMING } from '@paddock/model';
import type { Limits, Timing } from '@paddock/model';
import type { SeededRandom } from './kernel/seeded-random.ts';

/** What the seed decides before anything runs. */
export interface Settings {
  /** Replicas that vote: those from 1 on. */
  readonly voters: number;
  /** Replicas that only follow: those behind the voters. */
  readonly observers: number;
  /** Replicas whose stages share one process. */
  readonly fused: readonly number[];
  readonly limits: Limits;
  readonly timing: Timing;
  readonly clients: number;
  /** How long clients work and faults happen, in virtual milliseconds. */
  readonly workMs: number;
  /** Between two pipelines of one user, on average. */
  readonly pauseMs: number;
  /** Faults in that time; 0: none. */
  readonly faults: number;
  /** Links take most times up to this long. */
  readonly linkDelayMs: number;
  readonly diskDelayMs: number;
  /** Largest data of a znode that is written. */
  readonly dataBytes: number;
  /** What a client asks at once, at most. */
  readonly pipeline: number;
}

/** Tiny bounds are where the corners are; every bound is drawn for itself. */
export function drawSettings(random: SeededRandom): Settings {
  const limits = drawLimits(random);
  const timing = drawTiming(random);
  const isLarge = random.chance(0.1);
  const voters = random.pick([1, 3, 3, 3, 3, 3, 3, 3, 3, 5]);
  const observers = voters > 1 && random.chance(0.15) ? 1 : 0;
  const fusedChance = random.pick([0, 0.5, 1]);
  const replicas = Array.from({ length: voters + observers }, (_, i) => i + 1);
  const { snapshotTransactions } = limits;
  return {
    // Large data in a snapshot every few transactions is a minute of nothing but checksums.
    limits: isLarge
      ? { ...limits, snapshotTransactions: Math.max(snapshotTransactions, 30) }
      : limits,
    timing,
    voters,
    observers,
    fused: replicas.filter(() => random.chance(fusedChance)),
    clients: random.between(2, 5),
    workMs: random.between(58_000, 66_000),
    pauseMs: random.pick([300, 1000, 2500]),
    faults: random.chance(0.1) ? 0 : random.between(2, 24),
    linkDelayMs: random.pick([0.1, 1, 5, 15]),
    diskDelayMs: random.pick([0.2, 2, 10]),
    dataBytes: isLarge ? 70_000 : random.pick([4, 60, 600]),
    pipeline: random.pick([2, 5, 12]),
  };
}

function drawTiming(random: SeededRandom): Timing {
  const tickMs = random.pick([50, 200, 500]);
  const sessionTimeoutMinMs = Math.max(2 * tickMs, 1000);
  return {
    ...DEFAULT_TIMING,
    tickMs,
    sessionTimeoutMinMs,
    sessionTimeoutMs: random.pick([2000, 4000]),
    sessionTimeoutMaxMs: 6000,
    leaderLostMs: random.pick([Math.max(4 * tickMs, 400), Math.max(4 * tickMs, 1500)]),
    electionSpreadMs: random.pick([30, 100, 300]),
    staleReadsMs: random.pick([2500, 5000]),
    stageLostMs: random.pick([300, 2000]),
    floorWaitMs: random.pick([2000, 10_000]),
    unusedContainerMs: 5000,
    reconnectMs: random.pick([5, 50]),
    reconnectMaxMs: random.pick([200, 1000]),
  };
}

function drawLimits(random: SeededRandom): Limits {
  const tinyOr = (low: number, high: number, otherwise: number): number =>
    random.chance(0.6) ? random.between(low, high) : otherwise;
  const outstandingPerSession = tinyOr(2, 12, DEFAULT_LIMITS.outstandingPerSession);
  return {
    ...DEFAULT_LIMITS,
    batchBytes: tinyOr(200, 2000, DEFAULT_LIMITS.batchBytes),
    batchOperations: tinyOr(1, 6, DEFAULT_LIMITS.batchOperations),
    outstandingPerSession,
    windowCount: tinyOr(outstandingPerSession, outstandingPerSession + 8, 4096),
    queueBytes: tinyOr(800, 6000, DEFAULT_LIMITS.queueBytes),
    overlayEntries: tinyOr(3, 20, DEFAULT_LIMITS.overlayEntries),
    ephemeralBytesPerSession: tinyOr(100, 600, DEFAULT_LIMITS.ephemeralBytesPerSession),
    eventHistory: tinyOr(2, 12, DEFAULT_LIMITS.eventHistory),
    deliveryWindowBytes: tinyOr(200, 4000, DEFAULT_LIMITS.deliveryWindowBytes),
    segmentBytes: tinyOr(300, 6000, DEFAULT_LIMITS.segmentBytes),
    snapshotTransactions: tinyOr(3, 40, DEFAULT_LIMITS.snapshotTransactions),
    snapshotsKept: random.between(1, 3),
    digestInterval: random.pick([4, 16, 64]),
    tombstoneTransactions: tinyOr(5, 60, DEFAULT_LIMITS.tombstoneTransactions),
    unarySessions: random.between(1, 2),
    childrenPerZnode: random.chance(0.4) ? random.between(12, 30) : DEFAULT_LIMITS.childrenPerZnode,
    requestsPerSecond: random.chance(0.15) ? random.between(5, 40) : 0,
    watchesPerSession: random.chance(0.2) ? random.between(2, 8) : DEFAULT_LIMITS.watchesPerSession,
  };
}
