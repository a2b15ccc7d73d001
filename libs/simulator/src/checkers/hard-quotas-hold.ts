import { formatZxid, isAbove } from '@paddock/model';
import { ReferenceTree } from '../record/reference-tree.ts';
import { transactionsOn } from '../record/restored-states.ts';
import type { CheckedRun } from './checked-run.ts';

/**
 * No committed state has more in a subtree than its hard quota allows, but what was there when the quota was set: of
 * that nothing becomes more. By the log alone, whoever asked for what.
 */
export function hardQuotasHold({ log, limits }: CheckedRun): string[] {
  const violations: string[] = [];
  const tree = new ReferenceTree(limits);
  for (const transaction of transactionsOn(tree, log, limits)) {
    const { change, zxid } = transaction;
    const before = new Map(tree.quotaUses().map((it) => [it.path, it]));
    tree.apply(change, transaction);
    if (change.kind === 'setQuota') continue;
    for (const { path, quota, count, bytes } of tree.quotaUses()) {
      const had = before.get(path);
      if (had === undefined) continue;
      const more = { znodes: count > had.count, bytes: bytes > had.bytes };
      if (more.znodes && isAbove(count, quota.countHard)) {
        violations.push(
          `${formatZxid(zxid)} makes ${count} znodes of ${path}, whose quota is ${quota.countHard}`,
        );
      }
      if (more.bytes && isAbove(bytes, quota.bytesHard)) {
        violations.push(
          `${formatZxid(zxid)} makes ${bytes} bytes of ${path}, whose quota is ${quota.bytesHard}`,
        );
      }
    }
  }
  return violations;
}
