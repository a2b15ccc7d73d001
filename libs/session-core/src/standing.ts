import { EXPIRED_SCHEME, TOKEN_GROUP_SCHEME } from '@paddock/model';
import type { Identities, Identity, ProvedIdentities } from '@paddock/model';

/** Who somebody is at one moment, and until when that stays so. */
export interface Standing {
  /** Nobody is undefined, so that what is sent for nobody has nothing more to say. */
  readonly identities: Identities;
  readonly untilMs: number;
}

const NOBODY: Standing = { identities: undefined, untilMs: Infinity };

/**
 * Whose time is over is so no more, and a mark stands in the place. It is decided here, where identities are proved
 * and time is: other stages are told who asks, and judge that alone.
 */
export function standingOf(proved: ProvedIdentities, nowMs: number): Standing {
  if (proved === undefined || proved.length === 0) return NOBODY;
  if (proved.every((it) => it.untilMs === undefined)) {
    return { identities: proved, untilMs: Infinity };
  }
  let untilMs = Infinity;
  const identities: Identity[] = [];
  for (const { scheme, id, untilMs: endMs = Infinity } of proved) {
    if (endMs > nowMs) {
      untilMs = Math.min(untilMs, endMs);
      identities.push({ scheme, id });
    } else if (scheme !== TOKEN_GROUP_SCHEME) {
      identities.push({ scheme: EXPIRED_SCHEME, id: id === '' ? scheme : `${scheme}:${id}` });
    }
  }
  return { identities, untilMs };
}
