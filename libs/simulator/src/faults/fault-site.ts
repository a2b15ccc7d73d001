import type { SimulatedEnsemble } from '../ensemble/simulated-ensemble.ts';
import type { SimulatedReplica } from '../ensemble/simulated-replica.ts';
import type { StageName } from '@paddock/node-runtime';
import type { SeededRandom } from '../kernel/seeded-random.ts';
import type { MemberRequests } from './member-requests.ts';
import type { FaultyUser } from './faulty-user.ts';
import type { World } from '../world.ts';

/** What one fault has to work with. */
export interface FaultSite {
  readonly world: World;
  readonly ensemble: SimulatedEnsemble;
  readonly users: readonly FaultyUser[];
  readonly members: MemberRequests;
  /** The fault's own: what others draw does not change it. */
  readonly random: SeededRandom;
  /** How long it lasts, where it lasts. */
  readonly durationMs: number;
  /** The power of the replica fails; it comes back by itself. */
  powerCut(replica: SimulatedReplica): void;
  /** What is down of the replica comes up again, in any order. */
  startAll(replica: SimulatedReplica, withinMs: number): void;
  startLater(replica: SimulatedReplica, stage: StageName, delayMs: number): void;
  /** Not once faults have ended. */
  later(delayMs: number, task: () => void): void;
}
