import type { ShownZnode, WatchEvent, WatchTerms } from '@paddock/model';
import type { ZnodeStore } from '../znodes/znode-store.ts';

/**
 * What the event shows of its znode on these terms. Only as of its own zxid: where its data or its list of children has
 * changed again since, which a watch that comes back may meet, a later event shows what it has come to.
 */
export function shownBy(
  znodes: ZnodeStore,
  { path, kind, zxid }: WatchEvent,
  { withStat, withData }: WatchTerms,
): ShownZnode | undefined {
  if ((!withStat && !withData) || kind === 'nodeDeleted') return undefined;
  const row = znodes.find(path);
  if (row < 0) return undefined;
  const stat = znodes.stat(row);
  if (stat.mzxid > zxid) return undefined;
  const hasStat = withStat && stat.pzxid <= zxid;
  const hasData = withData && kind !== 'nodeChildrenChanged';
  return { ...(hasStat ? { stat } : {}), ...(hasData ? { data: znodes.data(row) } : {}) };
}
