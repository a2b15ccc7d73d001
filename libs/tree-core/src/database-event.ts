import type {
  DatabaseRequest,
  DeliveryReply,
  Limits,
  LookUpRequest,
  Timing,
  Zxid,
} from '@paddock/model';
import type { Clock, LinkEnd } from '@paddock/ports';

export interface DatabaseOptions {
  /** Of its directory: a broadcaster of another replica, or of another life of this one, refuses it (H7). */
  readonly identity: { readonly replica: number; readonly incarnation: number };
  readonly limits: Limits;
  readonly timing: Timing;
}

export interface DatabaseDependencies {
  readonly clock: Clock;
}

/**
 * All that happens to the replicated database. First the newest snapshot is loaded: its chunks as they were written,
 * then `snapshotLoadEnded`, also where there is none. Links come after that.
 */
export type DatabaseEvent =
  | { readonly kind: 'snapshotChunkLoaded'; readonly chunk: Uint8Array }
  /** `snapshot` is the zxid of what was loaded, ZXID_ZERO where there is no snapshot. */
  | { readonly kind: 'snapshotLoadEnded'; readonly snapshot: Zxid }
  | { readonly kind: 'frontendConnected'; readonly link: number }
  | {
      readonly kind: 'frontendReceived';
      readonly link: number;
      readonly messages: readonly DatabaseRequest[];
    }
  /** After `heldFrontends`: the link has room again, and meanwhile nobody need read it. */
  | { readonly kind: 'frontendResumed'; readonly link: number }
  /** The link holds more than its bound: the front-end does not read (H16). */
  | { readonly kind: 'frontendSlow'; readonly link: number }
  | { readonly kind: 'frontendEnded'; readonly link: number; readonly end: LinkEnd }
  | { readonly kind: 'processorConnected'; readonly link: number }
  | {
      readonly kind: 'processorReceived';
      readonly link: number;
      readonly messages: readonly LookUpRequest[];
    }
  | { readonly kind: 'processorEnded'; readonly link: number; readonly end: LinkEnd }
  | { readonly kind: 'broadcasterConnected'; readonly link: number }
  | {
      readonly kind: 'broadcasterReceived';
      readonly link: number;
      readonly messages: readonly DeliveryReply[];
    }
  | { readonly kind: 'broadcasterEnded'; readonly link: number; readonly end: LinkEnd }
  /** Bytes of chunks have left for the disk: makes room for further slices. */
  | { readonly kind: 'snapshotWritten'; readonly bytes: number }
  /** Synced, renamed, re-read and verified. `oldestKept` is the zxid of the oldest snapshot still on disk (H23). */
  | { readonly kind: 'snapshotFinished'; readonly zxid: Zxid; readonly oldestKept: Zxid }
  | { readonly kind: 'snapshotFailed'; readonly reason: string }
  /** What was begun as evidence is on disk, or cannot be. */
  | { readonly kind: 'evidenceEnded' }
  /** The lowest of the zxids of which other databases wait for a snapshot: one is taken as soon as may be (H8). */
  | { readonly kind: 'snapshotWanted'; readonly atLeast: Zxid }
  /** A backup is here, durable and verified: a restoration may name it. */
  | { readonly kind: 'backupHeld'; readonly backup: string }
  /** After the effect `restoration`: the backup is not here, or not as it was. Links of before are gone. */
  | { readonly kind: 'backupLost'; readonly reason: string }
  /** One slice of the snapshot: to be given when `wantsSlice`, once a turn. */
  | { readonly kind: 'continueSnapshot' }
  | { readonly kind: 'tick' };
