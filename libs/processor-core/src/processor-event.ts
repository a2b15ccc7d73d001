import type { BroadcastReply, LookUpReply, ProcessorRequestBatch } from '@paddock/model';
import type { LinkEnd } from '@paddock/ports';

/**
 * What can happen to a request processor. Links are the driver's numbers, of their own for each kind of neighbour; a
 * link is announced before anything of it is received, and its end is the last that is heard of it.
 */
export type ProcessorEvent =
  | { readonly kind: 'tick' }
  | { readonly kind: 'frontendConnected'; readonly link: number }
  | {
      readonly kind: 'frontendReceived';
      readonly link: number;
      readonly batch: ProcessorRequestBatch;
    }
  | { readonly kind: 'frontendEnded'; readonly link: number; readonly end: LinkEnd }
  /** The driver itself has stopped, or restarted, reading the front-ends: their touches wait unheard (H16 c). */
  | { readonly kind: 'frontendReadingPaused'; readonly paused: boolean }
  /** One database and one broadcaster: a newly announced link takes the place of the one before. */
  | { readonly kind: 'databaseConnected'; readonly link: number }
  | {
      readonly kind: 'databaseReceived';
      readonly link: number;
      readonly messages: readonly LookUpReply[];
    }
  | { readonly kind: 'databaseEnded'; readonly link: number; readonly end: LinkEnd }
  | { readonly kind: 'broadcasterConnected'; readonly link: number }
  | {
      readonly kind: 'broadcasterReceived';
      readonly link: number;
      readonly messages: readonly BroadcastReply[];
    }
  | { readonly kind: 'broadcasterEnded'; readonly link: number; readonly end: LinkEnd };
