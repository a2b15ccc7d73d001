import type { Limits } from '@paddock/model';
import type { Link, LinkEnd, LinkHandlers } from '@paddock/ports';
import type { Delivery, DeliveryOrder } from './turn.ts';

export type MemoryLinkLimits = Pick<Limits, 'queueBytes' | 'slowReaderBytes'>;

/** About how many bytes a batch holds; it bounds queues, so only what can be large needs to be exact. */
export type Estimate<Batch> = (batch: Batch) => number;

/** What has been sent to an end and not yet delivered: a batch, or the end of the link behind the last of them. */
type Parcel<Batch> =
  | { readonly batch: Batch; readonly bytes: number; readonly end: null }
  | { readonly batch: null; readonly bytes: 0; readonly end: LinkEnd };

/** Both ends of one link. Each is used as if the other were in another process. */
export interface MemoryLinkPair<Up, Down> {
  readonly dialler: MemoryLink<Up, Down>;
  readonly acceptor: MemoryLink<Down, Up>;
}

export interface MemoryLinkOptions<Up, Down> {
  readonly turn: DeliveryOrder;
  readonly limits: MemoryLinkLimits;
  readonly estimateUp: Estimate<Up>;
  readonly estimateDown: Estimate<Down>;
}

/** As over gRPC, the accepting end cuts an other end that does not read; the dialling end waits. */
export function memoryLinkPair<Up, Down>(
  options: MemoryLinkOptions<Up, Down>,
): MemoryLinkPair<Up, Down> {
  const { turn, limits } = options;
  const dialler = new MemoryLink<Up, Down>(turn, options.estimateUp, limits.queueBytes, Infinity);
  const acceptor = new MemoryLink<Down, Up>(
    turn,
    options.estimateDown,
    limits.queueBytes,
    limits.slowReaderBytes,
  );
  dialler.join(acceptor);
  acceptor.join(dialler);
  return { dialler, acceptor };
}

/** One end of a link within a process: batches are handed over as they are, in the order of the shared turn. */
export class MemoryLink<Send, Receive> implements Link<Send>, Delivery {
  readonly #turn: DeliveryOrder;
  readonly #estimate: Estimate<Send>;
  readonly #queueBytes: number;
  readonly #cutBytes: number;
  #peer: MemoryLink<Receive, Send> | null = null;
  #handlers: LinkHandlers<Receive> | null = null;
  #hasEnded = false;
  /** Sent by this end and not yet delivered to the other. */
  #sentBytes = 0;
  #isFull = false;
  #arrived: Parcel<Receive>[] = [];
  #head = 0;
  #isPaused = false;
  /** Deliveries whose turn came while this end was paused, or before it had handlers. */
  #held = 0;

  constructor(turn: DeliveryOrder, estimate: Estimate<Send>, queueBytes: number, cutBytes: number) {
    this.#turn = turn;
    this.#estimate = estimate;
    this.#queueBytes = queueBytes;
    this.#cutBytes = cutBytes;
  }

  /** Makes the two ends one link. */
  join(peer: MemoryLink<Receive, Send>): void {
    this.#peer = peer;
  }

  /** Sets who receives; what has arrived by then is delivered from now on. */
  attach(handlers: LinkHandlers<Receive>): void {
    if (this.#hasEnded) return;
    this.#handlers = handlers;
    this.#releaseHeld();
  }

  get bufferedBytes(): number {
    return this.#sentBytes;
  }

  send(batch: Send): boolean {
    const peer = this.#peer;
    if (this.#hasEnded || peer === null) return true;
    const bytes = this.#estimate(batch);
    this.#sentBytes += bytes;
    peer.#arrive({ batch, bytes, end: null });
    if (this.#sentBytes > this.#cutBytes) {
      this.#turn.add(new Cut(this, peer, `${this.#sentBytes} bytes wait to be read`));
    }
    if (this.#sentBytes > this.#queueBytes) this.#isFull = true;
    return !this.#isFull;
  }

  pause(): void {
    this.#isPaused = true;
  }

  resume(): void {
    if (!this.#isPaused) return;
    this.#isPaused = false;
    this.#releaseHeld();
  }

  close(end: LinkEnd): void {
    const peer = this.#peer;
    if (this.#hasEnded || peer === null) return;
    peer.#arrive({ batch: null, bytes: 0, end });
    this.end(end);
  }

  /** The turn of the oldest parcel has come. */
  deliver(): void {
    if (this.#isPaused || (this.#handlers === null && !this.#hasEnded)) {
      this.#held++;
      return;
    }
    const parcel = this.#take();
    const peer = this.#peer;
    if (parcel === undefined || peer === null) return;
    if (parcel.end !== null) {
      this.end(parcel.end);
      return;
    }
    peer.#delivered(parcel.bytes);
    this.#handlers?.received(parcel.batch);
  }

  /** Ends this end alone, at once: what has arrived and was not delivered is dropped. */
  end(end: LinkEnd): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    this.#arrived = [];
    this.#head = 0;
    const handlers = this.#handlers;
    this.#handlers = null;
    handlers?.ended(end);
  }

  /** Tells the sender that it may go on. */
  announceDrained(): void {
    if (!this.#isFull || this.#hasEnded) return;
    if (this.#sentBytes > this.#queueBytes / 2) return;
    this.#isFull = false;
    this.#handlers?.drained();
  }

  #arrive(parcel: Parcel<Receive>): void {
    if (this.#hasEnded) return;
    this.#arrived.push(parcel);
    this.#turn.add(this);
  }

  #delivered(bytes: number): void {
    this.#sentBytes -= bytes;
    if (this.#isFull && this.#sentBytes <= this.#queueBytes / 2) this.#turn.add(new Drained(this));
  }

  #take(): Parcel<Receive> | undefined {
    const parcel = this.#arrived[this.#head];
    if (parcel === undefined) return undefined;
    this.#head++;
    if (this.#head === this.#arrived.length) {
      this.#arrived = [];
      this.#head = 0;
    }
    return parcel;
  }

  #releaseHeld(): void {
    const held = this.#held;
    this.#held = 0;
    for (let i = 0; i < held; i++) this.#turn.add(this);
  }
}

class Drained implements Delivery {
  readonly #link: { announceDrained(): void };
  constructor(link: { announceDrained(): void }) {
    this.#link = link;
  }
  deliver(): void {
    this.#link.announceDrained();
  }
}

interface Endable {
  end(end: LinkEnd): void;
}

/** The end of both ends, for an other end that does not read. */
class Cut implements Delivery {
  readonly #cutter: Endable;
  readonly #slow: Endable;
  readonly #reason: string;
  constructor(cutter: Endable, slow: Endable, reason: string) {
    this.#cutter = cutter;
    this.#slow = slow;
    this.#reason = reason;
  }
  deliver(): void {
    const end: LinkEnd = { cause: 'tooSlow', reason: this.#reason };
    this.#cutter.end(end);
    this.#slow.end(end);
  }
}
