import { isClientWrite, isReadOnlyRead } from '@paddock/model';
import type { ClientOperation, OperationResult } from '@paddock/model';
import { failed } from './request-queue.ts';

/** A request whose turn has come waits, and with it all that is behind it. */
export const WAITS = 'waits';

/** In session timeouts: at first a session may still be saved by another server. */
const STAY_MIN = 0.1;
const STAY_MAX = 0.5;

const REFUSED = failed(
  'notReadOnly',
  'no leader can be reached, and the replica that is answers nothing but local reads without a watch',
);

/**
 * Whether the client reads from a replica that has lost the leader. Its session, if it has one, lives or
 * expires elsewhere meanwhile.
 */
export class ReadOnlyConnection {
  #isOn = false;
  #times = 0;

  get isOn(): boolean {
    return this.#isOn;
  }

  /** Returns how long to stay before another server is tried, which may have a leader: longer each time in a row. */
  begun(timeoutMs: number): number {
    this.#isOn = true;
    this.#times++;
    return timeoutMs * Math.min(STAY_MIN * 2 ** (this.#times - 1), STAY_MAX);
  }

  /** A session is served again. */
  over(): void {
    this.#times = 0;
  }

  ended(): void {
    this.#isOn = false;
  }

  /**
   * What becomes of a request here; null: it is sent. A write that was sent before may have taken effect, so it is not
   * refused; nor is the close, which is worth waiting for.
   */
  verdictOn(operation: ClientOperation, wasSent: boolean): OperationResult | typeof WAITS | null {
    if (!this.#isOn) return null;
    if (operation.kind === 'closeSession') return WAITS;
    if (isClientWrite(operation)) return wasSent ? WAITS : REFUSED;
    return isReadOnlyRead(operation) ? null : REFUSED;
  }
}
