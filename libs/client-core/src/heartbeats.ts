interface Heartbeat {
  readonly number: number;
  readonly sentMs: number;
}

/** More than these can only be waiting while the service has no leader; to forget the oldest errs on the safe side. */
const UNACKNOWLEDGED_MAX = 64;

/**
 * The client's own account of its session's life (H17): it counts from the *send* time of the newest sign of life that
 * the leader has acknowledged, so it never believes longer in the session than the service does.
 */
export class Heartbeats {
  #timeoutMs = 0;
  #lastNumber = 0;
  #unacknowledged: Heartbeat[] = [];
  #aliveSinceMs = -Infinity;
  #dueMs = Infinity;

  /** The session may have expired from this time on. */
  get lostMs(): number {
    return this.#aliveSinceMs + this.#timeoutMs;
  }

  /** When the next heartbeat is due; Infinity without a connection. */
  get dueMs(): number {
    return this.#dueMs;
  }

  /** The service has answered an opening or a resume that was sent at `sentMs`: that was a sign of life, too. */
  started(timeoutMs: number, sentMs: number): void {
    this.#timeoutMs = timeoutMs;
    if (sentMs > this.#aliveSinceMs) this.#aliveSinceMs = sentMs;
    this.#dueMs = sentMs + timeoutMs / 3;
  }

  /** A connection that keeps no session alive: heartbeats only find out whether it is there. */
  listened(timeoutMs: number, nowMs: number): void {
    if (this.#timeoutMs === 0) this.#timeoutMs = timeoutMs;
    this.#dueMs = nowMs + this.#timeoutMs / 3;
  }

  /** What this connection has carried and nobody has acknowledged will not be acknowledged any more. */
  stopped(): void {
    this.#unacknowledged = [];
    this.#dueMs = Infinity;
  }

  /** The number of a heartbeat that is sent now. */
  send(nowMs: number): number {
    this.#lastNumber++;
    if (this.#unacknowledged.length === UNACKNOWLEDGED_MAX) this.#unacknowledged.shift();
    this.#unacknowledged.push({ number: this.#lastNumber, sentMs: nowMs });
    this.#dueMs = nowMs + this.#timeoutMs / 3;
    return this.#lastNumber;
  }

  acknowledged(number: number): void {
    const kept = this.#unacknowledged.findIndex((heartbeat) => heartbeat.number > number);
    const count = kept === -1 ? this.#unacknowledged.length : kept;
    const newest = this.#unacknowledged[count - 1];
    if (newest === undefined) return;
    this.#aliveSinceMs = newest.sentMs;
    this.#unacknowledged.splice(0, count);
  }
}
