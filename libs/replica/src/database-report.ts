import { formatTerm, formatZxid } from '@paddock/model';
import type { DatabaseStatus } from '@paddock/tree-core';

/** As operators read it. */
export function describeDatabase({
  freshAgoMs,
  ...status
}: DatabaseStatus): Readonly<Record<string, unknown>> {
  return {
    ...status,
    applied: formatZxid(status.applied),
    term: status.term === null ? null : formatTerm(status.term.term),
    historyFloor: formatZxid(status.historyFloor),
    newestSnapshot: formatZxid(status.newestSnapshot),
    freshAgoMs: Number.isFinite(freshAgoMs) ? Math.round(freshAgoMs) : null,
  };
}
