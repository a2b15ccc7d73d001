import type { LogEntry } from '../log-entry.ts';
import type { Zxid } from '../zxid.ts';

/** Front-end → broadcaster of its replica, which it dials for one query of the log. */
export type LogSliceRequest = {
  readonly kind: 'readSlice';
  /** Entries behind this one are wanted, */
  readonly after: Zxid;
  /** and before this one; ZXID_ZERO: up to the last that is committed and durable there. */
  readonly before: Zxid;
  /** The last of them that fit a slice, instead of the first. */
  readonly newestFirst: boolean;
};

/** One for each request, in their order: whoever asks is never sent more than it has asked for. */
export type LogSliceReply = {
  readonly kind: 'slice';
  /** The entry before the oldest that can be read. */
  readonly logStart: Zxid;
  /** The last that is committed and durable there. */
  readonly through: Zxid;
  /** Ascending; empty: there are no more within the bounds. */
  readonly entries: readonly LogEntry[];
};
