import type { Timers } from '@paddock/ports';

/**
 * When a call is given up. One that has not been sent by then is not done, and all others keep their order. One that
 * has been is still decided by the session, so that it may take effect, or have taken it, once: the error says which.
 */
export interface CallOptions {
  /** Gives the call up when it is aborted: it fails as `aborted`, and the error's cause is the reason of the signal. */
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds from the call on; then it is given up and fails as `operationTimeout`. Infinity: never. */
  readonly deadlineMs?: number | undefined;
}

/** Why a call was given up. */
export type GivingUp =
  | { readonly code: 'aborted'; readonly cause: unknown }
  | { readonly code: 'operationTimeout'; readonly deadlineMs: number };

/** A timer has no more bits. Nobody waits that long for an answer. */
const TIMER_MS_MAX = 2 ** 31 - 1;

/** Those of a call, and where it says nothing those of its client. What aborts either gives it up. */
export function callOptionsOf(call: CallOptions, client: CallOptions): CallOptions {
  const { signal = client.signal, deadlineMs = client.deadlineMs } = call;
  if (client.signal === undefined || signal === client.signal || signal === undefined) {
    return { signal, deadlineMs };
  }
  return { signal: AbortSignal.any([signal, client.signal]), deadlineMs };
}

export function isBounded({ signal, deadlineMs = Infinity }: CallOptions): boolean {
  return signal !== undefined || deadlineMs <= TIMER_MS_MAX;
}

/** Calls `giveUp` when the signal or the time says so, once at the most. Returns what ends that. */
export function boundCall(
  { signal, deadlineMs = Infinity }: CallOptions,
  timers: Timers,
  giveUp: (why: GivingUp) => void,
): () => void {
  let cancel = (): void => undefined;
  const stop = (): void => {
    cancel();
    signal?.removeEventListener('abort', aborted);
  };
  const aborted = (): void => {
    stop();
    giveUp({ code: 'aborted', cause: signal?.reason });
  };
  if (deadlineMs <= TIMER_MS_MAX) {
    cancel = timers.after(deadlineMs, () => {
      stop();
      giveUp({ code: 'operationTimeout', deadlineMs });
    });
  }
  signal?.addEventListener('abort', aborted);
  return stop;
}

/** What is wrong with them; undefined: nothing. */
export function faultOfCallOptions({ deadlineMs = Infinity }: CallOptions): string | undefined {
  if (deadlineMs > 0) return undefined;
  return `a deadline is in milliseconds above 0, not ${deadlineMs}`;
}
