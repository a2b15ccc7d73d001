export const STAGE_FAULTS = [
  'killStage',
  'killBehindWrite',
  'stopStage',
  'killReplica',
  'stopReplica',
  'killLeader',
  'killLeaderStage',
  'longAbsence',
  'rollingRestart',
  'pauseStage',
  'pauseWriters',
  'pauseReplica',
  'pauseLeader',
  'jumpWallClock',
] as const;

export const POWER_FAULTS = [
  'powerCut',
  'powerCutMajority',
  'powerCutAll',
  'powerCutInStep',
] as const;

export const DISK_FAULTS = [
  'stallDisk',
  'slowDisk',
  'failDisk',
  'rotSnapshot',
  'wipeDisk',
  'rotMemory',
] as const;

export const NETWORK_FAULTS = [
  'cutStages',
  'partitionStages',
  'stallStages',
  'cutPeers',
  'silencePeers',
  'splitEnsemble',
  'isolateReplica',
  'isolateLeader',
  'hearsNothing',
  'isNotHeard',
  'cannotReachLeader',
  'swizzle',
] as const;

export const CLIENT_FAULTS = ['cutClient', 'cutClients', 'stallClients', 'silenceClient'] as const;

/** What operators do to the ensemble itself: drawn besides the others, in some of the runs. */
export const MEMBER_FAULTS = ['changeMembers', 'changeMembers', 'transferLeadership'] as const;

export const FAULTS = [
  ...STAGE_FAULTS,
  ...POWER_FAULTS,
  ...DISK_FAULTS,
  ...NETWORK_FAULTS,
  ...CLIENT_FAULTS,
] as const;

export type StageFault = (typeof STAGE_FAULTS)[number];
export type PowerFault = (typeof POWER_FAULTS)[number];
export type DiskFault = (typeof DISK_FAULTS)[number];
export type NetworkFault = (typeof NETWORK_FAULTS)[number];
export type ClientFault = (typeof CLIENT_FAULTS)[number];
/** The ensemble is brought back to what it was. */
export const RESTORE_BACKUP = 'restoreBackup';

export type MemberFault = (typeof MEMBER_FAULTS)[number];
export type Fault = (typeof FAULTS)[number] | MemberFault | typeof RESTORE_BACKUP;

/** What only holds up the way of the writes: that is no reason for a session to expire (H16 c, H17 b). */
export const BACK_PRESSURE: readonly Fault[] = [
  'stallDisk',
  'slowDisk',
  'pauseWriters',
  'jumpWallClock',
];

/** What needs others to be made good: an ensemble of one has none. */
export const OF_ENSEMBLES: readonly Fault[] = [
  'powerCutMajority',
  'wipeDisk',
  'rotMemory',
  'cutPeers',
  'silencePeers',
  'splitEnsemble',
  'isolateReplica',
  'isolateLeader',
  'hearsNothing',
  'isNotHeard',
  'cannotReachLeader',
  'swizzle',
];
