import { formatSessionId, formatZxid } from '@paddock/model';
import { editsOf } from '../record/edits.ts';
import { ReferenceTree } from '../record/reference-tree.ts';
import { identitiesOf, Requests } from '../record/requests.ts';
import { transactionsOn } from '../record/restored-states.ts';
import type { CheckedRun } from './checked-run.ts';

/**
 * The end of a session takes its ephemerals along, all of them and nothing else (H6), and it ends once for each time
 * that it was opened.
 */
export function ephemeralsEndWithSession({ history, log, limits }: CheckedRun): string[] {
  const violations: string[] = [];
  const tree = new ReferenceTree(limits);
  const requests = new Requests(history);
  const ended = new Set<number>();
  for (const transaction of transactionsOn(tree, log, limits)) {
    const { change, zxid } = transaction;
    if (change.kind === 'closeSession') {
      const owned = tree.ephemeralsOf(change.session).sort().join(' ');
      const deleted = change.znodes
        .map((it) => it.path)
        .sort()
        .join(' ');
      const name = `${formatZxid(zxid)}, the end of ${formatSessionId(change.session)},`;
      if (owned !== deleted) violations.push(`${name} deletes ${deleted}, and it owned ${owned}`);
      if (ended.has(change.session)) violations.push(`${name} is not the first`);
      ended.add(change.session);
    } else if (change.kind === 'openSession') {
      // Its front-end never heard of the first time, asked again, and has told nobody before.
      ended.delete(change.session);
    }
    for (const edit of editsOf(change)) {
      if (edit.kind !== 'createZnode' || !ended.has(edit.ephemeralOwner)) continue;
      violations.push(`${formatZxid(zxid)} creates an ephemeral of a session that has ended`);
    }
    const request = requests.of(transaction);
    if (request === null) tree.apply(change, transaction);
    else tree.execute(request.operation, transaction, identitiesOf(request));
  }
  return violations;
}
