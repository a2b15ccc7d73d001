import type { Comparison, Relation } from '@paddock/model';
import type { OverlayZnode } from './overlay-znode.ts';

type Known = Pick<
  OverlayZnode,
  'exists' | 'version' | 'mzxid' | 'numChildren' | 'ephemeralOwner' | 'data'
>;

/** Whether it holds of the znode, whose data is known where data is compared. */
export function holds(comparison: Comparison, znode: Known): boolean {
  if (comparison.kind === 'exists') return znode.exists === comparison.exists;
  if (!znode.exists) return false;
  const { relation } = comparison;
  if (comparison.kind === 'data') {
    return isRelated(relation, order(znode.data ?? new Uint8Array(0), comparison.data));
  }
  return isRelated(relation, numberOf(comparison.kind, znode) - comparison.value);
}

function numberOf(kind: 'version' | 'mzxid' | 'childCount' | 'owner', znode: Known): number {
  switch (kind) {
    case 'version':
      return znode.version;
    case 'mzxid':
      return znode.mzxid;
    case 'childCount':
      return znode.numChildren;
    case 'owner':
      return znode.ephemeralOwner;
  }
}

function isRelated(relation: Relation, difference: number): boolean {
  switch (relation) {
    case 'equal':
      return difference === 0;
    case 'notEqual':
      return difference !== 0;
    case 'less':
      return difference < 0;
    case 'greater':
      return difference > 0;
  }
}

/** Negative, 0 or positive, as memcmp has it. */
function order(a: Uint8Array, b: Uint8Array): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const difference = (a[i] ?? 0) - (b[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}
