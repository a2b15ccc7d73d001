import { DEFAULT_LIMITS, DEFAULT_TIMING } from '@paddock/model';
import type { Limits, Timing } from '@paddock/model';
import { BroadcasterCore } from '../../src/index.ts';
import type { PeerMember } from '../../src/index.ts';
import type { Disks } from './simulated-disks.ts';
import type { SimulatedEnsemble } from './simulated-ensemble.ts';

export interface CoreSettings {
  readonly limits?: Partial<Limits>;
  readonly timing?: Partial<Timing>;
  readonly lastCounter?: number;
}

/** The core as it is shipped, with the time and the chance of the ensemble. */
export function coreOf(
  replica: number,
  disks: Disks,
  peers: readonly PeerMember[],
  { time, chance }: SimulatedEnsemble,
  settings: CoreSettings,
): BroadcasterCore {
  return new BroadcasterCore(
    {
      self: { replica, incarnation: disks.incarnation },
      clusterId: `founded by ${replica}`,
      peers,
      role: peers.find((it) => it.replica === replica)?.role ?? 'observer',
      databaseAddress: `database ${replica}`,
      limits: { ...DEFAULT_LIMITS, ...settings.limits },
      timing: { ...DEFAULT_TIMING, ...settings.timing },
      ...(settings.lastCounter === undefined ? {} : { lastCounter: settings.lastCounter }),
    },
    {
      clock: { monotonicMs: () => time.nowMs, wallMs: () => time.nowMs },
      random: {
        below: (bound) => chance.below(bound),
        safeInteger: () => 1 + chance.below(2 ** 31),
        bytes: (length) => new Uint8Array(length),
      },
    },
  );
}
