import { isClientWrite } from '@paddock/model';
import type { ClientOperation } from '@paddock/model';
import { WAITS } from './read-only.ts';

/**
 * Whether the session is a local one: it is lost with its connection, and the next connection opens another. A write
 * makes it a global one first, and leaves only then: so whatever is lost with a local session was never sent, and no
 * write runs twice (P5, H19 c).
 */
export class LocalSession {
  #isLocal = false;
  #isWanted = false;
  #isAsked = false;

  get isLocal(): boolean {
    return this.#isLocal;
  }

  opened(isLocal: boolean): void {
    this.#isLocal = isLocal;
  }

  /** False: nobody has asked for that. */
  upgraded(): boolean {
    const wasAsked = this.#isAsked;
    this.#isLocal = false;
    return wasAsked;
  }

  ended(): void {
    this.#isWanted = false;
    this.#isAsked = false;
  }

  /** What becomes of a request; null: it is sent. The close of a local session is one as well. */
  verdictOn(operation: ClientOperation): typeof WAITS | null {
    if (!this.#isLocal || !isClientWrite(operation) || operation.kind === 'closeSession') {
      return null;
    }
    this.#isWanted = true;
    return WAITS;
  }

  /** Whether the upgrade is to be asked for now: once on a connection. */
  takeWish(): boolean {
    if (!this.#isWanted || this.#isAsked) return false;
    this.#isAsked = true;
    return true;
  }
}
