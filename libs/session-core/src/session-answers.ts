import { answerBytes as answerBytesOf } from '@paddock/model';
import type { Limits, ReadOperation, ReadResult } from '@paddock/model';
import { AnswerWindow } from '@paddock/ports';

const FIXED_BYTES = 64;

/**
 * Bounds what the reads of one session bring back at one time, so that a client which does not read, or not as fast,
 * costs no more than is held for it. Once answers are known to be small a whole pipeline goes in one exchange (H14).
 */
export class SessionAnswers {
  readonly #window: AnswerWindow;
  /** Monotonic ms since when the client's connection holds enough: nothing more is asked until that has left. */
  #fullSinceMs = Infinity;

  constructor(limits: Limits) {
    this.#window = new AnswerWindow(limits.slowReaderBytes);
  }

  get fullSinceMs(): number {
    return this.#fullSinceMs;
  }

  setFull(full: boolean, nowMs: number): void {
    if (!full) this.#fullSinceMs = Infinity;
    else if (this.#fullSinceMs === Infinity) this.#fullSinceMs = nowMs;
  }

  /** Whether one more read may go to the database now. */
  hasRoom(operation: ReadOperation): boolean {
    if (this.#fullSinceMs !== Infinity) return false;
    return isSmall(operation) || this.#window.hasRoom;
  }

  asked(operation: ReadOperation): void {
    if (!isSmall(operation)) this.#window.asked();
  }

  answered(operation: ReadOperation, result: ReadResult): void {
    if (!isSmall(operation)) this.#window.answered(answerBytes(result));
  }

  /** The stream that was asked is gone; on the next one all is asked again. */
  reset(): void {
    this.#window.reset();
  }
}

function isSmall(operation: ReadOperation): boolean {
  const { kind } = operation;
  return kind === 'exists' || kind === 'countDescendants' || kind === 'can';
}

/** What an answer takes, about. */
export function answerBytes(result: ReadResult): number {
  return answerBytesOf(result, FIXED_BYTES);
}
