import { DEFAULT_CLIENT_OPTIONS } from '@paddock/client-core';
import type { ClientOptions } from '@paddock/client-core';
import type { Settings } from '../settings.ts';

/** What the bounds and times of a run mean to its clients. */
export function clientSettings({ limits, timing }: Settings): Omit<ClientOptions, 'servers'> {
  return {
    ...DEFAULT_CLIENT_OPTIONS,
    reconnectMs: timing.reconnectMs,
    reconnectMaxMs: timing.reconnectMaxMs,
    pipelineOperations: limits.outstandingPerSession,
    batchOperations: limits.batchOperations,
    batchBytes: limits.batchBytes,
    requestBytes: limits.requestBytes,
    watchBytes: limits.linkMessageBytes / 2,
  };
}
