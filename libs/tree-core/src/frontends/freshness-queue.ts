import type { FrontendStream } from './frontend-stream.ts';
import type { ParkedRead } from './parked-read.ts';

/** Reads that wait until this replica is confirmed to be fresh enough for them, in the order in which they came. */
export class FreshnessQueue {
  #reads: ParkedRead[] = [];
  #newestArrivedMs = -Infinity;

  get isEmpty(): boolean {
    return this.#reads.length === 0;
  }

  /** When the last of them came; -Infinity where there are none. */
  get newestArrivedMs(): number {
    return this.isEmpty ? -Infinity : this.#newestArrivedMs;
  }

  push(read: ParkedRead): void {
    read.isWaiting = true;
    this.#newestArrivedMs = this.isEmpty
      ? read.arrivedMs
      : Math.max(this.#newestArrivedMs, read.arrivedMs);
    this.#reads.push(read);
  }

  /** Takes those that need not wait any more, and forgets the cancelled. */
  take(isOver: (read: ParkedRead) => boolean): ParkedRead[] {
    const taken: ParkedRead[] = [];
    const kept: ParkedRead[] = [];
    for (const read of this.#reads) {
      if (!read.isCancelled && !isOver(read)) {
        kept.push(read);
        continue;
      }
      read.isWaiting = false;
      if (!read.isCancelled) taken.push(read);
    }
    this.#reads = kept;
    return taken;
  }

  /** Cancels the unary reads of a stream that has ended. */
  cancelUnary(stream: FrontendStream): void {
    for (const read of this.#reads) {
      if (read.session === null && read.stream === stream) read.isCancelled = true;
    }
  }
}
