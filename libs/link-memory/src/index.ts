export {
  broadcastEstimates,
  databaseBroadcasterEstimates,
  databaseDatabaseEstimates,
  electionEstimates,
  frontendBroadcasterEstimates,
  frontendDatabaseEstimates,
  frontendProcessorEstimates,
  processorBroadcasterEstimates,
  processorDatabaseEstimates,
  sessionStreamEstimates,
} from './estimates.ts';
export type { BoundaryEstimates } from './estimates.ts';
export { DiskCrash, MemoryDisk } from './memory-disk.ts';
export type { CrashChoice, DiskStep } from './memory-disk.ts';
export type { KeptBytes, UnsyncedWrite } from './memory-inode.ts';
export { memoryLinkPair } from './memory-link.ts';
export type {
  Estimate,
  MemoryLink,
  MemoryLinkLimits,
  MemoryLinkOptions,
  MemoryLinkPair,
} from './memory-link.ts';
export { MemoryNetwork } from './memory-network.ts';
export { Turn } from './turn.ts';
export type { Delivery, DeliveryOrder, Scheduler, TurnOptions } from './turn.ts';
