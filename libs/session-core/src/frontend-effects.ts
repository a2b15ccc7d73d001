import type {
  Credential,
  DatabaseRequest,
  ErrorCode,
  OperationResult,
  SessionReply,
  ShownZnode,
  StageEvent,
  WatchEvent,
  Zxid,
} from '@paddock/model';
import { Outbox } from '@paddock/ports';
import type { LinkEnd } from '@paddock/ports';
import { ProcessorOutbox } from './processor-outbox.ts';

/** The answer of a call without a session; a refusal is a result of kind `failed`. */
export interface UnaryAnswer {
  readonly call: number;
  readonly zxid: Zxid;
  readonly result: OperationResult;
  /** As in NumberedResult. */
  readonly readOnly?: true;
}

/** What a watch without a session says; `ended` is its last word. */
export type WatchStreamReply =
  | { readonly kind: 'opened'; readonly watch: number; readonly zxid: Zxid }
  | {
      readonly kind: 'event';
      readonly watch: number;
      readonly event: WatchEvent;
      readonly shown?: ShownZnode;
    }
  /** Every event up to here was told. */
  | { readonly kind: 'progress'; readonly watch: number; readonly zxid: Zxid }
  | {
      readonly kind: 'ended';
      readonly watch: number;
      readonly code: ErrorCode;
      readonly reason: string;
      /** Of one that is compacted: the oldest zxid that a watch can begin at. */
      readonly oldest?: Zxid;
    };

export interface ClientClosing {
  readonly link: number;
  readonly end: LinkEnd;
}

/**
 * What a step wants done, gathered until the driver takes it and calls `clear`. Order matters where it says so:
 * `hangUpProcessor`, `dialProcessor`, then what is sent, then `closeClients`.
 */
export class SessionFrontendEffects {
  readonly clients = new Outbox<SessionReply>();
  readonly database = new Outbox<DatabaseRequest>();
  readonly processor = new ProcessorOutbox();
  readonly unaryAnswers: UnaryAnswer[] = [];
  readonly watchReplies: WatchStreamReply[] = [];
  /** Links whose requests are not to be read, or to be read again. Of two words about one link the later holds. */
  readonly clientReading: { readonly link: number; readonly paused: boolean }[] = [];
  /** Credentials to be worked out by their providers; told back by `credentialProved`. */
  readonly proofs: { readonly number: number; readonly credential: Credential }[] = [];
  /** To be closed after what was sent to them has left. Their end need not be told back. */
  readonly closeClients: ClientClosing[] = [];
  /** End the link to the processor, or the attempt at one. */
  hangUpProcessor = false;
  /** Dial the processor at this address; told back by `processorConnected`, a failure by `processorEnded`. */
  dialProcessor: string | null = null;
  /** Monotonic ms at which a tick is wanted before the regular one; Infinity for none. Set anew by each step. */
  wakeAtMs = Infinity;
  readonly events: StageEvent[] = [];

  /** Forgets what has been carried out, the outboxes aside: draining them empties them. */
  clear(): void {
    if (this.unaryAnswers.length > 0) this.unaryAnswers.length = 0;
    if (this.watchReplies.length > 0) this.watchReplies.length = 0;
    if (this.clientReading.length > 0) this.clientReading.length = 0;
    if (this.proofs.length > 0) this.proofs.length = 0;
    if (this.closeClients.length > 0) this.closeClients.length = 0;
    this.hangUpProcessor = false;
    this.dialProcessor = null;
    if (this.events.length > 0) this.events.length = 0;
  }
}
