import { ZXID_ZERO } from '@paddock/model';
import type { Limits, Transaction, Zxid } from '@paddock/model';
import { zxidOfBackup } from '@paddock/codec';
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

/** What is true of the zxids of one line of states. */
export type Line = (zxid: Zxid) => boolean;

/**
 * The lines of states that the log has come along: one to each restoration, and the last to its end. A restoration goes
 * back to where its backup was taken, and what was done behind that on the line before it is on no later one.
 */
export function linesOf(log: CommittedLog): readonly [...Line[], Line] {
  const lines: Line[] = [];
  /** Each from the restoration on that it begins with. */
  const courses: [Course, ...Course[]] = [{ from: ZXID_ZERO, spans: [[ZXID_ZERO, Infinity]] }];
  let newest = courses[0];
  for (const { zxid, backup } of log.entries) {
    if (backup === null) continue;
    lines.push(lineOf(newest, zxid));
    const taken = zxidOfBackup(backup);
    // Of the line that was gone along then, which another restoration may have left meanwhile.
    const then = courses.findLast(({ from }) => from <= taken) ?? courses[0];
    const before = then.spans
      .filter(([from]) => from <= taken)
      .map(([from, to]): Span => [from, Math.min(to, taken)]);
    newest = { from: zxid, spans: [...before, [zxid, Infinity]] };
    courses.push(newest);
  }
  return [...lines, lineOf(newest, Infinity)];
}

type Span = readonly [number, number];

interface Course {
  readonly from: Zxid;
  readonly spans: readonly Span[];
}

function lineOf({ spans }: Course, end: number): Line {
  return (zxid) => zxid <= end && spans.some(([from, to]) => from <= zxid && zxid <= to);
}
