import type { ClientOperation, Credential, SessionReply } from '@paddock/model';
import type { LinkEnd } from '@paddock/ports';

/** An operation and the application's own mark for it, which comes back with the result. */
export interface Submission<Tag> {
  readonly tag: Tag;
  readonly operation: ClientOperation;
  /** Whether the application may give it up, by its tag. */
  readonly revocable?: boolean;
}

/** What a ClientCore is told. Links are numbers that its driver chooses, never the same twice. */
export type ClientEvent<Tag> =
  /** Answers the effect `dial`: from now on the link may be sent to; whether it reaches anyone is open. */
  | {
      readonly kind: 'connected';
      readonly link: number;
      /** Shown beside those that are known. */
      readonly credentials?: readonly Credential[];
    }
  | { readonly kind: 'received'; readonly link: number; readonly replies: readonly SessionReply[] }
  | { readonly kind: 'ended'; readonly link: number; readonly end: LinkEnd }
  | { readonly kind: 'submit'; readonly submissions: readonly Submission<Tag>[] }
  /** The watch that the operation of this tag has set, a persistent one, is not wanted any more. */
  | { readonly kind: 'unwatch'; readonly tag: Tag }
  /**
   * The application does not wait for this any more. What has never left is not done; what has is still decided by the
   * session. Answered by a delivery `givenUp`, unless it is settled already.
   */
  | { readonly kind: 'giveUp'; readonly tag: Tag }
  /** Time has passed: due at the latest when the effect `deadlineMs` says so. The first one starts the client. */
  | { readonly kind: 'tick' }
  /** Ends the client here and now; the service finds out by expiry. */
  | { readonly kind: 'abandon'; readonly reason: string };
