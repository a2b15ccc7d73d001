import type { PathSelection } from './path-change.ts';
import type { Zxid } from './zxid.ts';

/** Which changes of the log are asked for. */
export interface LogQuery extends PathSelection {
  /** Only changes behind it; ZXID_ZERO: as far back as the log reaches. */
  readonly since: Zxid;
  /** Only changes before it; ZXID_ZERO: up to the newest. */
  readonly before: Zxid;
  readonly newestFirst: boolean;
  /** Changes at most; those of one transaction are never parted. */
  readonly limit: number;
}

/** What the log of a replica covers: what is behind `logStart`, up to `through`. */
export interface LogExtent {
  readonly logStart: Zxid;
  readonly through: Zxid;
}

export const LOG_LIMIT_MAX = 10_000;
export const LOG_LIMIT_DEFAULT = 100;
