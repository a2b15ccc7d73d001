import type { Limits, LookUpQuery } from '@paddock/model';

/**
 * How many times over what makes a neighbour stop reading its own clients may wait here for one link. It is far from
 * what one can come to that stops: being cut it would attach and ask again, and be cut again.
 */
const SHARES = 64;
const LOOK_UP_BYTES = 128;
const PATH_BYTES = 16;

/** Bytes of reads and pending attaches, or of look-ups, that may wait for one link; beyond them it is ended. */
export function linkWaitingBytes(limits: Limits): number {
  return SHARES * limits.queueBytes;
}

/** What the reads of one session may take that wait: all that a front-end holds, and the batch that made it stop. */
export function sessionWaitingBytes(limits: Limits): number {
  return limits.queueBytes + limits.linkMessageBytes;
}

/** What a look-up takes that waits, about. */
export function lookUpBytes(query: LookUpQuery): number {
  if (query.kind !== 'znodes' && query.kind !== 'data') return LOOK_UP_BYTES;
  let bytes = LOOK_UP_BYTES;
  for (const path of query.paths) bytes += PATH_BYTES + path.length;
  return bytes;
}
