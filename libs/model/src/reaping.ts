import type { ZnodeRecord } from './record.ts';

/** What a container or a znode with a TTL is judged by. */
export type Reapable = Pick<ZnodeRecord, 'kind' | 'ttlMs' | 'mtime' | 'cversion' | 'numChildren'>;

/**
 * When the ensemble deletes the znode, in ms since 1970: a container that has lost its last child at once, one that
 * never had any after `unusedContainerMs`, a znode with a TTL when its data has not changed for that long. Infinity:
 * not as it is now.
 */
export function reapedAt(znode: Reapable, unusedContainerMs: number): number {
  if (znode.numChildren > 0) return Infinity;
  if (znode.kind === 'ttl') return znode.mtime + znode.ttlMs;
  if (znode.kind !== 'container') return Infinity;
  return znode.cversion > 0 ? 0 : znode.mtime + unusedContainerMs;
}
