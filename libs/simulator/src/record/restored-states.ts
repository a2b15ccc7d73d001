import type { Limits, Transaction, Zxid } from '@paddock/model';
import { zxidOfBackup } from '@paddock/replica';
import type { CommittedLog } from './committed-log.ts';
import { ReferenceTree } from './reference-tree.ts';

/** The transactions in their order. Where a backup was restored between two of them, the tree becomes what it has. */
export function* transactionsOn(
  tree: ReferenceTree,
  log: CommittedLog,
  limits: Limits,
): Iterable<Transaction> {
  for (const { zxid, transaction, backup } of log.entries) {
    if (transaction !== null) yield transaction;
    else if (backup !== null) restoreOn(tree, log, limits, backup, zxid);
  }
}

export function restoreOn(
  tree: ReferenceTree,
  log: CommittedLog,
  limits: Limits,
  backup: string,
  zxid: Zxid,
): void {
  tree.restore(treeAt(log, limits, zxidOfBackup(backup)), zxid);
}

/** As the log says, up to there. */
function treeAt(log: CommittedLog, limits: Limits, through: Zxid): ReferenceTree {
  const tree = new ReferenceTree(limits);
  for (const { zxid, transaction, backup } of log.entries) {
    if (zxid > through) break;
    if (transaction !== null) tree.apply(transaction.change, transaction);
    else if (backup !== null) restoreOn(tree, log, limits, backup, zxid);
  }
  return tree;
}
