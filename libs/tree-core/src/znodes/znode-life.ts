import { NO_SESSION, NO_TTL, trustedSessionId } from '@paddock/model';
import type { SessionId, ZnodeKind } from '@paddock/model';

/**
 * What a znode's life hangs on, in one double of its row: 0 nothing, a session's id, CONTAINER, or for a TTL of t
 * milliseconds -1 - t.
 */
const CONTAINER = -1;

export function lifeOf(kind: ZnodeKind, owner: SessionId, ttlMs: number): number {
  switch (kind) {
    case 'persistent':
      return 0;
    case 'ephemeral':
      return owner;
    case 'container':
      return CONTAINER;
    case 'ttl':
      return CONTAINER - ttlMs;
  }
}

export function kindOfLife(life: number): ZnodeKind {
  if (life === 0) return 'persistent';
  if (life > 0) return 'ephemeral';
  return life === CONTAINER ? 'container' : 'ttl';
}

export function ownerOfLife(life: number): SessionId {
  return life > 0 ? trustedSessionId(life) : NO_SESSION;
}

export function ttlOfLife(life: number): number {
  return life < CONTAINER ? CONTAINER - life : NO_TTL;
}

/** Whether the ensemble deletes the znode once it is of no more use. */
export function isReaped(life: number): boolean {
  return life < 0;
}
