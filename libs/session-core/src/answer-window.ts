import type { Limits, ReadOperation, ReadResult } from '@paddock/model';

/**
 * How many reads of a session go to the database before anything is known of the size of its answers; if all are as
 * large as can be, they fit what is held for its client.
 */
const FIRST_READS = 12;
/** The expectation follows smaller answers slowly: a large one among many small ones is not forgotten at once. */
const DECAY = 1 / 16;
const FIXED_BYTES = 64;
/** A child's name, about. */
const NAME_BYTES = 32;

/**
 * Bounds what the reads of one session bring back at one time: half of what is held for a client that does not read.
 * The size of an answer is known only when it is there, so the next are expected to be as large as the largest of late.
 * Once answers are known to be small, a whole pipeline goes in one exchange (H14).
 */
export class AnswerWindow {
  readonly #windowBytes: number;
  #expectedBytes: number;
  #inFlight = 0;
  /** Monotonic ms since when the client's connection holds enough: nothing more is asked until that has left. */
  #fullSinceMs = Infinity;

  constructor(limits: Limits) {
    this.#windowBytes = limits.slowReaderBytes / 2;
    this.#expectedBytes = this.#windowBytes / FIRST_READS;
  }

  /** Whether one more read may go to the database now. */
  hasRoom(operation: ReadOperation): boolean {
    if (this.#fullSinceMs !== Infinity) return false;
    if (this.#inFlight === 0 || isSmall(operation)) return true;
    return (this.#inFlight + 1) * this.#expectedBytes <= this.#windowBytes;
  }

  get fullSinceMs(): number {
    return this.#fullSinceMs;
  }

  setFull(full: boolean, nowMs: number): void {
    if (!full) this.#fullSinceMs = Infinity;
    else if (this.#fullSinceMs === Infinity) this.#fullSinceMs = nowMs;
  }

  asked(operation: ReadOperation): void {
    if (!isSmall(operation)) this.#inFlight++;
  }

  answered(operation: ReadOperation, result: ReadResult): void {
    if (isSmall(operation)) return;
    this.#inFlight--;
    const bytes = answerBytes(result);
    const kept = this.#expectedBytes * (1 - DECAY);
    this.#expectedBytes = bytes > kept ? bytes : kept;
  }

  /** The stream that was asked is gone; on the next one all is asked again. */
  reset(): void {
    this.#inFlight = 0;
  }
}

function isSmall(operation: ReadOperation): boolean {
  return operation.kind === 'exists';
}

function answerBytes(result: ReadResult): number {
  switch (result.kind) {
    case 'data':
      return FIXED_BYTES + result.data.length;
    case 'children':
      return FIXED_BYTES + NAME_BYTES * result.children.length;
    case 'stat':
    case 'failed':
      return FIXED_BYTES;
  }
}
