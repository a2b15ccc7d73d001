/** Limits that a refusal can be for. Their numbers on the wire and on disk are their places here, from 1 on. */
export const LIMIT_KINDS = [
  /** The hard quota of a subtree: its znodes; the bytes of their data. */
  'quotaCount',
  'quotaBytes',
  /** What all quotas take, in bytes. */
  'quotas',
  'childrenPerZnode',
  'znodeDataBytes',
  'requestBytes',
  'transactionZnodes',
  'ephemeralBytesPerSession',
  'watchesPerSession',
  /** Requests that wait for their answers. */
  'outstanding',
  'sessionsPerAddress',
  'requestsPerSecond',
] as const;
export type LimitKind = (typeof LIMIT_KINDS)[number];

/** The limit that a request was refused for, for programs. */
export interface ReachedLimit {
  readonly kind: LimitKind;
  /** The znode whose limit it is; empty where it is of something else. */
  readonly path: string;
  readonly limit: number;
  /** What there was of it before the request, and what the request would have added. */
  readonly use: number;
  readonly more: number;
}
