import type { ProvedIdentities } from '@paddock/model';

/** Why a link ended. `lost` is what a crash of the other side looks like. */
export interface LinkEnd {
  readonly cause: 'closed' | 'lost' | 'refused' | 'tooSlow' | 'tooLarge';
  readonly reason: string;
}

/** Who the other end has proved to be: by its certificate's subject, as RFC 2253 writes it ("CN=alice,O=acme"). */
export interface PeerIdentity {
  readonly scheme: 'x509';
  readonly id: string;
}

/**
 * One end of an ordered stream of batches between two stages (or a client and its front-end). Their messages arrive in
 * the order sent, each at most once; a link that loses one ends. A carrier may join batches that wait, and cut a large
 * one between its messages, or a message that is a run of things (entries, operations, results) between those.
 */
export interface Link<Send> {
  /** Of an accepted link; undefined where the other end has proved nothing. */
  readonly peer?: PeerIdentity | undefined;
  /**
   * Hands a batch over; the link owns it from here on. False: the link holds more than its bound, stop until
   * `drained`. A batch is taken even then, so nothing needs to be remembered by the sender. After the end it is
   * dropped: the end is announced once, by `ended`.
   */
  send(batch: Send): boolean;
  /** Bytes (or their estimate) taken and not yet handed to the other side or its kernel. */
  readonly bufferedBytes: number;
  /** Who the connection says that the other side is; where it says nothing, nobody that is known. */
  readonly identities?: ProvedIdentities;
  /** Stops and restarts delivery to this end; what keeps coming is held back at the sender. */
  pause(): void;
  resume(): void;
  /** Ends the link, after what was sent has left. `ended` is called here too, at once. */
  close(end: LinkEnd): void;
}

export interface LinkHandlers<Receive> {
  received(batch: Receive): void;
  /** After `send` has returned false: it may be called again. */
  drained(): void;
  /** Exactly once, last of all. */
  ended(end: LinkEnd): void;
}

/** Opens links to one neighbour. The link may be used at once; a failure to connect is an `ended`. */
export interface LinkDialer<Send, Receive> {
  dial(address: string, handlers: LinkHandlers<Receive>): Link<Send>;
}

/** Offers a link to whoever dials. The handlers are asked for when one arrives. */
export type LinkAcceptor<Send, Receive> = (link: Link<Send>) => LinkHandlers<Receive>;
