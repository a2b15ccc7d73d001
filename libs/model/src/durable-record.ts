import type { EnsembleConfiguration } from './log-entry.ts';
import type { Epoch, Zxid } from './zxid.ts';

/** The promises of a broadcaster about epochs: one record, replaced atomically, where ZooKeeper has two files. */
export interface EpochRecord {
  /** Highest epoch whose proposal was accepted in discovery; no lower one is ever accepted again. */
  readonly acceptedEpoch: Epoch;
  /** Highest epoch whose history was synchronized. Never above acceptedEpoch. */
  readonly currentEpoch: Epoch;
}

/** Where this replica's history starts: one record, replaced atomically (H8). */
export interface BaseRecord {
  /** The state at this zxid came as a snapshot or as nothing at all (ZXID_ZERO); the log has what is behind it. */
  readonly zxid: Zxid;
  /** The epoch in which that state was taken over. */
  readonly epoch: Epoch;
  /** The membership in force at `zxid`; a configuration entry behind it supersedes it (H11). */
  readonly configuration: EnsembleConfiguration;
  /** Log segments of other generations are ignored. Counts from 1. */
  readonly generation: number;
}
