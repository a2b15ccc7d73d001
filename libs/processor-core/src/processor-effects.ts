import type { BroadcastRequest, LookUpRequest, ProcessorReply, StageEvent } from '@paddock/model';
import { Outbox } from '@paddock/ports';
import type { LinkEnd } from '@paddock/ports';

export interface LinkClosing {
  readonly link: number;
  readonly end: LinkEnd;
}

/** What a step wants done. The driver drains the outboxes, carries out the rest, and calls `clear`. */
export class ProcessorEffects {
  readonly frontends = new Outbox<ProcessorReply>();
  readonly database = new Outbox<LookUpRequest>();
  readonly broadcaster = new Outbox<BroadcastRequest>();
  /** A database that broke the rules of its link; to be closed, and dialled anew. */
  closeDatabase: LinkClosing[] = [];
  events: StageEvent[] = [];

  /** Forgets what was taken, except the outboxes, which are drained. */
  clear(): void {
    if (this.closeDatabase.length > 0) this.closeDatabase = [];
    if (this.events.length > 0) this.events = [];
  }
}
