import { performance } from 'node:perf_hooks';
import { setImmediate } from 'node:timers';
import type { VirtualTime } from '@paddock/simulator';

/** One turn of the event loop runs no more of it: what is awaited is heard in between. */
const STRIDE_MS = 20;
/** A timer of Node would be late by more than is left. */
const NEAR_MS = 1;

/**
 * Lets virtual time pass as real time does. A process that stood still, in a debugger or on a busy machine, does not
 * make up for it: the ensemble and its clients share one clock, and stood still as well.
 */
export class PacedTime {
  readonly #time: VirtualTime;
  /** Real time when virtual time was 0. */
  #originMs = 0;
  #cancel: () => void = () => undefined;
  /** What is due soon is waited for as immediates: another one would not be earlier. */
  #isNear = false;
  #isRunning = false;
  #isHolding = true;
  #skipping: Promise<unknown> = Promise.resolve();

  constructor(time: VirtualTime) {
    this.#time = time;
    time.onSooner(() => {
      if (this.#isRunning && !this.#isNear) this.#wait();
    });
  }

  get nowMs(): number {
    return this.#time.nowMs;
  }

  start(): void {
    this.#isRunning = true;
    this.#originMs = performance.now() - this.#time.nowMs;
    this.#wait();
  }

  /** From now on it keeps no process from ending. */
  release(): void {
    this.#isHolding = false;
    if (this.#isRunning) this.#wait();
  }

  stop(): void {
    this.#isRunning = false;
    this.#isNear = false;
    this.#cancel();
  }

  /**
   * Passes as fast as it can; true once it is done, false where it was not within so long. Who asks while somebody else
   * has it pass waits for the end of that.
   */
  skip(durationMs: number, isDone?: () => boolean): Promise<boolean> {
    const skipped = this.#skipping.then(() => this.#skip(durationMs, isDone));
    this.#skipping = skipped.catch(() => undefined);
    return skipped;
  }

  async #skip(durationMs: number, isDone?: () => boolean): Promise<boolean> {
    const wasRunning = this.#isRunning;
    this.stop();
    try {
      return await this.#time.runAsync(this.#time.nowMs + durationMs, isDone);
    } finally {
      if (wasRunning) this.start();
    }
  }

  #wait(): void {
    this.#cancel();
    const delayMs = this.#time.nextMs - (performance.now() - this.#originMs);
    this.#isNear = delayMs <= NEAR_MS;
    if (this.#isNear) {
      const immediate = setImmediate(() => this.#pass());
      if (!this.#isHolding) immediate.unref();
      this.#cancel = () => clearImmediate(immediate);
    } else {
      const timer = setTimeout(() => this.#pass(), Math.min(delayMs, STRIDE_MS));
      if (!this.#isHolding) timer.unref();
      this.#cancel = () => clearTimeout(timer);
    }
  }

  #pass(): void {
    const dueMs = performance.now() - this.#originMs;
    const untilMs = Math.min(dueMs, this.#time.nowMs + STRIDE_MS);
    this.#originMs += dueMs - untilMs;
    // What is asked for meanwhile is waited for below.
    this.#isNear = true;
    this.#time.run(untilMs);
    if (this.#isRunning) this.#wait();
  }
}
