/**
 * How many requests of a connection may be under way before anything is known of the size of their answers; if all are
 * as large as can be, they fit what is held for one that does not read.
 */
const FIRST_REQUESTS = 12;
/** The expectation follows smaller answers slowly: a large one among many small ones is not forgotten at once. */
const DECAY = 1 / 16;

/**
 * Bounds what the requests of one connection bring back at one time. The size of an answer is known only when it is
 * there, so the next are expected to be as large as the largest of late; once they are known to be small, a whole
 * pipeline may be under way.
 */
export class AnswerWindow {
  readonly #windowBytes: number;
  #expectedBytes: number;
  #underWay = 0;

  /** `heldBytes` is what is held for a connection that does not read; half of it may be under way. */
  constructor(heldBytes: number) {
    this.#windowBytes = heldBytes / 2;
    this.#expectedBytes = this.#windowBytes / FIRST_REQUESTS;
  }

  get underWay(): number {
    return this.#underWay;
  }

  /** Whether one more request may be made now; one always may. */
  get hasRoom(): boolean {
    return this.#underWay === 0 || (this.#underWay + 1) * this.#expectedBytes <= this.#windowBytes;
  }

  asked(): void {
    this.#underWay++;
  }

  answered(bytes: number): void {
    this.#underWay--;
    const kept = this.#expectedBytes * (1 - DECAY);
    this.#expectedBytes = bytes > kept ? bytes : kept;
  }

  /** One that was asked will not be answered. */
  abandoned(): void {
    this.#underWay--;
  }

  /** Nothing that was asked will be answered. */
  reset(): void {
    this.#underWay = 0;
  }
}
