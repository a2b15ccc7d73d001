import type { Limits, ProvedIdentities } from '@paddock/model';
import type { Link, LinkEnd, LinkHandlers, PeerIdentity } from '@paddock/ports';
import type { LinkTraffic } from './link-traffic.ts';
import type { LinkFormat, OutgoingBatches } from './wire/link-format.ts';
import { WireError } from './wire/wire-error.ts';

export type LinkLimits = Pick<
  Limits,
  'batchBytes' | 'batchOperations' | 'queueBytes' | 'linkMessageBytes' | 'slowReaderBytes'
>;

/** One end of a gRPC stream, as the link needs it. */
export interface Pipe {
  /** Calls back when the bytes have left this process, and never after `cut`. */
  write(bytes: Uint8Array, written: () => void): void;
  pause(): void;
  resume(): void;
  /** Ends the stream in good order: everything written has left. */
  finish(end: LinkEnd): void;
  /** Ends the stream now, whatever waits. */
  cut(end: LinkEnd): void;
}

/** How long an end that was closed in good order may take to write out what it holds. */
const LINGER_MS = 5000;

/**
 * One end of a link over a stream. One message is on its way at a time; what is sent meanwhile joins the next, so
 * that batches grow by completion under load, and wait for nothing without.
 */
export class StreamLink<Send, Receive> implements Link<Send> {
  peer: PeerIdentity | undefined = undefined;
  identities: ProvedIdentities = undefined;
  readonly #pipe: Pipe;
  readonly #format: LinkFormat<Send, Receive>;
  readonly #limits: LinkLimits;
  /** Beyond it the other side is too slow and is cut; Infinity where this end waits instead. */
  readonly #cutBytes: number;
  readonly #outgoing: OutgoingBatches<Send>;
  readonly #traffic: LinkTraffic | null;
  readonly #written = (): void => this.#onWritten();
  #handlers: LinkHandlers<Receive> | null = null;
  #inFlightBytes = 0;
  #isWriting = false;
  #isFull = false;
  #hasEnded = false;
  /** Set by `close`, while what was sent before it is still being written. */
  #closing: LinkEnd | null = null;
  #linger: NodeJS.Timeout | null = null;

  constructor(
    pipe: Pipe,
    format: LinkFormat<Send, Receive>,
    limits: LinkLimits,
    cutsSlowReader: boolean,
    traffic: LinkTraffic | null = null,
  ) {
    this.#pipe = pipe;
    this.#format = format;
    this.#limits = limits;
    this.#cutBytes = cutsSlowReader ? limits.slowReaderBytes : Infinity;
    this.#outgoing = format.outgoing(limits);
    this.#traffic = traffic;
  }

  /** Before anything is received. */
  attach(handlers: LinkHandlers<Receive>): void {
    this.#handlers = handlers;
  }

  /** Closed, and still writing what was sent before. */
  get isClosing(): boolean {
    return this.#closing !== null;
  }

  get bufferedBytes(): number {
    return this.#outgoing.bytes + this.#inFlightBytes;
  }

  send(batch: Send): boolean {
    if (this.#hasEnded) return true;
    this.#outgoing.write(batch);
    this.#writeNext();
    const buffered = this.bufferedBytes;
    if (buffered > this.#cutBytes) {
      this.#cutSoon({ cause: 'tooSlow', reason: `${buffered} bytes wait to be read` });
    }
    if (buffered > this.#limits.queueBytes) this.#isFull = true;
    return !this.#isFull;
  }

  pause(): void {
    if (!this.#hasEnded) this.#pipe.pause();
  }

  resume(): void {
    if (!this.#hasEnded) this.#pipe.resume();
  }

  close(end: LinkEnd): void {
    if (this.#hasEnded) return;
    this.#closing = end;
    this.#announce(end);
    // What still comes in is read and dropped, so that the other side's end gets through.
    this.#pipe.resume();
    this.#writeNext();
    if (!this.isClosing) return;
    this.#linger = setTimeout(() => this.#cutNow(end), LINGER_MS);
    this.#linger.unref();
  }

  /** A message has arrived. */
  received(bytes: Uint8Array): void {
    if (this.#hasEnded) return;
    if (this.#traffic !== null) {
      this.#traffic.messagesReceived++;
      this.#traffic.bytesReceived += bytes.length;
    }
    if (bytes.length > this.#limits.linkMessageBytes) {
      const problem = `${bytes.length} bytes, more than ${this.#limits.linkMessageBytes}`;
      this.#cut({ cause: 'tooLarge', reason: `a message of ${problem}` });
      return;
    }
    let batch: Receive;
    try {
      batch = this.#format.read(bytes);
    } catch (error) {
      const problem = error instanceof WireError ? error.message : 'it cannot be decoded';
      this.#cut({ cause: 'refused', reason: `malformed message: ${problem}` });
      return;
    }
    this.#handlers?.received(batch);
  }

  /** The stream is over: by the other side, or by what carries it. */
  ended(end: LinkEnd): void {
    this.#closing = null;
    this.#stopLinger();
    if (!this.#hasEnded) this.#announce(end);
  }

  #writeNext(): void {
    if (this.#isWriting) return;
    const bytes = this.#outgoing.take();
    if (bytes === undefined) {
      this.#finishIfClosing();
      return;
    }
    if (bytes.length > this.#limits.linkMessageBytes) {
      const limit = this.#limits.linkMessageBytes;
      this.#cutSoon({
        cause: 'tooLarge',
        reason: `a message of ${bytes.length} bytes to send, more than ${limit}`,
      });
      return;
    }
    if (this.#traffic !== null) {
      this.#traffic.messagesSent++;
      this.#traffic.bytesSent += bytes.length;
    }
    this.#isWriting = true;
    this.#inFlightBytes = bytes.length;
    this.#pipe.write(bytes, this.#written);
  }

  #onWritten(): void {
    this.#isWriting = false;
    this.#inFlightBytes = 0;
    if (this.#hasEnded && this.#closing === null) return;
    this.#writeNext();
    if (!this.#isFull || this.#hasEnded) return;
    if (this.bufferedBytes > this.#limits.queueBytes / 2) return;
    this.#isFull = false;
    this.#handlers?.drained();
  }

  #finishIfClosing(): void {
    const end = this.#closing;
    if (end === null) return;
    this.#closing = null;
    this.#stopLinger();
    this.#pipe.finish(end);
  }

  /** Not inside a call of the owner, which may be in the middle of its step. */
  #cutSoon(end: LinkEnd): void {
    setImmediate(() => {
      if (!this.#hasEnded) this.#cut(end);
      else if (this.#closing !== null) this.#cutNow(end);
    });
  }

  #cut(end: LinkEnd): void {
    this.#pipe.cut(end);
    this.#announce(end);
  }

  #cutNow(end: LinkEnd): void {
    this.#closing = null;
    this.#stopLinger();
    this.#pipe.cut(end);
  }

  #announce(end: LinkEnd): void {
    this.#hasEnded = true;
    const handlers = this.#handlers;
    this.#handlers = null;
    handlers?.ended(end);
  }

  #stopLinger(): void {
    if (this.#linger === null) return;
    clearTimeout(this.#linger);
    this.#linger = null;
  }
}
