import type {
  ClientOperation,
  DatabaseReply,
  ProcessorReply,
  ProvedIdentities,
  SessionRequest,
  WatchTerms,
  Zxid,
} from '@paddock/model';
import type { LinkEnd } from '@paddock/ports';
import type { Proof } from './identities.ts';

/**
 * Everything that can happen to a session front-end. Links, calls and watches are small numbers that the driver
 * chooses; a number may be used again once its end was told in either direction.
 */
export type SessionFrontendEvent =
  /** A client's connection: one stream is one connection of one session. `identities`: who it is by itself. */
  | {
      readonly kind: 'clientConnected';
      readonly link: number;
      readonly identities?: ProvedIdentities;
    }
  | {
      readonly kind: 'clientReceived';
      readonly link: number;
      readonly messages: readonly SessionRequest[];
    }
  | { readonly kind: 'clientEnded'; readonly link: number; readonly end: LinkEnd }
  /** The driver itself has stopped, or restarted, reading this socket; meanwhile the front-end touches it (H16 c). */
  | { readonly kind: 'clientReadingPaused'; readonly link: number; readonly paused: boolean }
  /** What waits to be read by this client has come above its bound, or has left. */
  | { readonly kind: 'clientFull'; readonly link: number; readonly full: boolean }
  /** What a credential has come to, which the effects had asked to be worked out under this number. */
  | { readonly kind: 'credentialProved'; readonly number: number; readonly proof: Proof }
  /** A call without a session. `closeSession` and ephemerals are bad arguments here. */
  | {
      readonly kind: 'unaryReceived';
      readonly call: number;
      readonly operation: ClientOperation;
      readonly identities?: ProvedIdentities;
    }
  /** The caller is gone: its write may still happen, its answer goes nowhere. */
  | { readonly kind: 'unaryCancelled'; readonly call: number }
  /** A watch without a session: events behind `from`; ZXID_ZERO starts now. */
  | {
      readonly kind: 'watchOpened';
      readonly watch: number;
      readonly path: string;
      readonly from: Zxid;
      /** Absent: PLAIN_WATCH. */
      readonly terms?: WatchTerms;
      readonly identities?: ProvedIdentities;
    }
  | { readonly kind: 'watchCancelled'; readonly watch: number }
  /** The driver dials the database and dials again when the link has ended. */
  | { readonly kind: 'databaseConnected'; readonly link: number }
  | {
      readonly kind: 'databaseReceived';
      readonly link: number;
      readonly messages: readonly DatabaseReply[];
    }
  | { readonly kind: 'databaseEnded'; readonly link: number; readonly end: LinkEnd }
  /** The link that the last `dialProcessor` asked for; it may be used at once. */
  | { readonly kind: 'processorConnected'; readonly link: number }
  | {
      readonly kind: 'processorReceived';
      readonly link: number;
      readonly messages: readonly ProcessorReply[];
    }
  | { readonly kind: 'processorEnded'; readonly link: number; readonly end: LinkEnd }
  /** Every Timing.tickMs, and at the wakeAtMs that the effects ask for. */
  | { readonly kind: 'tick' };
