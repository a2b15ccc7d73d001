import { tracingChannel } from 'node:diagnostics_channel';
import type { ClientOperation, SessionId, Zxid } from '@paddock/model';

/** What subscribers of `paddock:request` are told of a call; data of znodes and credentials are left out. */
export interface RequestTrace {
  readonly operation: ClientOperation['kind'];
  /** With the paths of its client; empty of what is about no one znode. */
  readonly path: string;
  readonly session: SessionId | null;
  /** Of the answer. */
  zxid?: Zxid;
  /** Where it fails: a PaddockError. */
  error?: unknown;
}

/** What subscribers of `paddock:connect` are told of. */
export interface ConnectTrace {
  readonly servers: readonly string[];
  /** Where no session could be opened: a PaddockError. */
  error?: unknown;
}

/** The channels `tracing:paddock:connect:start` and so on: from the first dial until a session is open. */
export const CONNECTS = tracingChannel<ConnectTrace>('paddock:connect');

/** The channels `tracing:paddock:request:start` and so on. Without subscribers they cost one look at a field. */
export const REQUESTS = tracingChannel<RequestTrace>('paddock:request');

/** Begins the trace of a call, which `make` makes; null where nobody listens. */
export function traceCall(
  operation: ClientOperation,
  session: SessionId | null,
  make: (trace: RequestTrace | null) => void,
): void {
  if (!REQUESTS.hasSubscribers) {
    make(null);
    return;
  }
  const path = 'path' in operation ? operation.path : '';
  const trace: RequestTrace = { operation: operation.kind, path, session };
  REQUESTS.start.runStores(trace, () => {
    make(trace);
    REQUESTS.end.publish(trace);
  });
}

export function traceAnswer(trace: RequestTrace, zxid: Zxid): void {
  trace.zxid = zxid;
  settled(trace);
}

export function traceFailure(trace: RequestTrace, error: unknown): void {
  trace.error = error;
  REQUESTS.error.publish(trace);
  settled(trace);
}

function settled(trace: RequestTrace): void {
  REQUESTS.asyncStart.publish(trace);
  REQUESTS.asyncEnd.publish(trace);
}
