import { AnswerWindow } from '@paddock/ports';
import { resetStream, whenStreamCloses } from './stream-reset.ts';

/** Smaller answers count as read when they are given. */
const SMALL_BYTES = 4096;
/** A client that has not read an answer for so long gets it no more. */
const UNREAD_MS = 10_000;

type Start = (connection: UnreadConnection) => void;

/** One connection with calls under way; each of these is ended once, by `answered` or `abandoned`. */
export class UnreadConnection {
  readonly #window: AnswerWindow;
  readonly #emptied: () => void;
  #waiting: Start[] = [];
  #head = 0;
  #isStarting = false;

  constructor(heldBytes: number, emptied: () => void) {
    this.#window = new AnswerWindow(heldBytes);
    this.#emptied = emptied;
  }

  admit(start: Start): void {
    this.#waiting.push(start);
    this.#startNext();
  }

  /** No answer was given. */
  abandoned(): void {
    this.#window.abandoned();
    this.#startNext();
  }

  /** The answer has been given to gRPC; it counts until it has left. */
  answered(call: object, bytes: number): void {
    if (bytes < SMALL_BYTES) {
      this.#ended(bytes);
      return;
    }
    const timer = setTimeout(() => resetStream(call), UNREAD_MS);
    timer.unref();
    whenStreamCloses(call, () => {
      clearTimeout(timer);
      this.#ended(bytes);
    });
  }

  #ended(bytes: number): void {
    this.#window.answered(bytes);
    this.#startNext();
  }

  #startNext(): void {
    // One that is abandoned as it starts comes back here.
    if (this.#isStarting) return;
    this.#isStarting = true;
    while (this.#head < this.#waiting.length && this.#window.hasRoom) {
      const start = this.#waiting[this.#head++];
      this.#window.asked();
      start?.(this);
    }
    this.#isStarting = false;
    if (this.#head < this.#waiting.length) {
      if (this.#head < this.#waiting.length / 2) return;
      this.#waiting = this.#waiting.slice(this.#head);
    } else if (this.#head > 0) {
      this.#waiting = [];
    }
    this.#head = 0;
    if (this.#window.underWay === 0 && this.#waiting.length === 0) this.#emptied();
  }
}

/**
 * Bounds the answers that a connection has asked for and not read: its calls beyond that wait their turn. gRPC takes
 * every answer that it is given, and keeps it for as long as the client likes.
 */
export class UnreadAnswers {
  readonly #heldBytes: number;
  readonly #connections = new Map<string, UnreadConnection>();

  constructor(heldBytes: number) {
    this.#heldBytes = heldBytes;
  }

  /** Connections that have such calls under way. */
  get size(): number {
    return this.#connections.size;
  }

  /** Calls `start` with the call's connection, now or later. */
  admit(call: { getPeer(): string }, start: Start): void {
    const peer = call.getPeer();
    let connection = this.#connections.get(peer);
    if (connection === undefined) {
      connection = new UnreadConnection(this.#heldBytes, () => this.#connections.delete(peer));
      this.#connections.set(peer, connection);
    }
    connection.admit(start);
  }
}
