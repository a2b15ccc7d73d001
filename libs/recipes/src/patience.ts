import { PaddockError } from '@paddock/client';
import type { Client } from '@paddock/client';

export interface PatienceOptions {
  /** Stops waiting. */
  readonly signal?: AbortSignal;
  /** Waits so long at the most, in milliseconds; then fails as `operationTimeout`. */
  readonly timeoutMs?: number;
}

/** How long somebody waits: until a signal of theirs, or a time. */
export class Patience {
  readonly signal: AbortSignal;
  readonly end: () => void;

  /** `path`: what is waited for. */
  constructor(client: Client, path: string, { signal, timeoutMs }: PatienceOptions) {
    const controller = new AbortController();
    this.signal =
      signal === undefined ? controller.signal : AbortSignal.any([signal, controller.signal]);
    this.end =
      timeoutMs === undefined
        ? () => undefined
        : client.timers.after(timeoutMs, () => {
            const message = `${path} was not acquired within ${timeoutMs} ms`;
            controller.abort(new PaddockError('operationTimeout', path, message));
          });
  }
}
