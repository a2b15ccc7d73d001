import { formatZxid } from '@paddock/model';
import type { Zxid } from '@paddock/model';
import type { CheckedRun } from './checked-run.ts';

/** Replicas at one zxid have the same state, as their digests say all along (P7); but for one whose memory rots. */
export function equalDigests({ broadcasts, history }: CheckedRun): string[] {
  const violations: string[] = [];
  const rotten = new Set(history.rotten.map((it) => it.replica));
  const known = new Map<Zxid, { readonly replica: number; readonly digest: string }>();
  for (const { replica, zxid, digest } of broadcasts.digests) {
    if (rotten.has(replica)) continue;
    const other = known.get(zxid);
    if (other === undefined) known.set(zxid, { replica, digest });
    else if (other.digest !== digest) {
      violations.push(`replicas ${other.replica} and ${replica} differ at ${formatZxid(zxid)}`);
    }
  }
  return violations;
}
