import type {
  EventKind,
  Failed,
  OperationResult,
  SessionRequest,
  StageEvent,
  ZnodePath,
  Zxid,
} from '@paddock/model';
import { Outbox } from '@paddock/ports';

/**
 * connecting: no session yet. connected: requests are answered and the session is alive.
 * readOnly: for a client that accepts it; local reads are answered by a replica that has lost the leader, which keeps
 * no session alive.
 * suspended: the connection is broken, the session is not; requests wait.
 * lost: no sign of life of ours was acknowledged for a session timeout: the session may have expired, so whoever
 * relies on its ephemerals (a lock, a leadership) must stop. It may still turn out to be alive: connected.
 * expired, closed: final.
 */
export type ClientState =
  'connecting' | 'connected' | 'readOnly' | 'suspended' | 'lost' | 'expired' | 'closed';

/**
 * expired, closed, restored: the service has said so; the last when the ensemble was brought to the state of a backup,
 * which ends every session. forgotten: it has ended so long ago that what became of its last writes is not known.
 * moved: another connection carries it on. mismatched, refused: the service did not accept what this client sent.
 * abandoned: by the application, without a word to the service.
 */
export type ClientEnd =
  | 'expired'
  | 'closed'
  | 'restored'
  | 'forgotten'
  | 'moved'
  | 'mismatched'
  | 'refused'
  | 'abandoned';

/**
 * What a watch tells, once. compacted: the service cannot say what has happened since the watch was set; read again
 * and set it again. sessionEnded: there will be no event any more.
 */
export interface ClientWatchEvent {
  readonly kind: EventKind | 'compacted' | 'sessionEnded';
  readonly path: ZnodePath;
  /** The transaction that caused it; of the other two kinds, the highest zxid seen. */
  readonly zxid: Zxid;
}

/** For the application, in this order: it must learn of a change before it sees the state behind it (P4). */
export type Delivery<Tag> =
  /** Once for each submitted operation, in the order of submission; not for what was given up before it was sent. */
  | Settlement<Tag>
  /** Without a place in the order: at once. `wasSent`: it may take effect, or have taken it, and is settled as ever. */
  | { readonly kind: 'givenUp'; readonly tag: Tag; readonly wasSent: boolean }
  /** `tag` is that of the read that set the watch. */
  | { readonly kind: 'watchFired'; readonly tag: Tag; readonly event: ClientWatchEvent }
  | {
      readonly kind: 'stateChanged';
      readonly state: ClientState;
      readonly reason: string;
      /** Of a final state: what has made it so. */
      readonly end?: ClientEnd;
      /** Where the service has refused to open a session for a limit. */
      readonly refusal?: Failed;
    };

export interface Settlement<Tag> {
  readonly kind: 'settled';
  readonly tag: Tag;
  readonly zxid: Zxid;
  readonly result: OperationResult;
  /** Answered by a replica that has lost the leader: any number of changes may have been made since. */
  readonly readOnly: boolean;
}

/** What a ClientCore wants done. Its driver carries it out after each step and clears it. */
export class ClientEffects<Tag> {
  /** Carried out before the rest, and answered by `connected`. */
  dial: string | null = null;
  /** Links to be closed, after what is in `requests` for them was sent. */
  readonly hangUps: number[] = [];
  readonly requests = new Outbox<SessionRequest>();
  readonly deliveries: Delivery<Tag>[] = [];
  readonly events: StageEvent[] = [];
  /** Monotonic time at which a tick is due; Infinity: never. Set anew by each step. */
  deadlineMs = Infinity;

  clear(): void {
    this.dial = null;
    this.hangUps.length = 0;
    this.deliveries.length = 0;
    this.events.length = 0;
  }
}
