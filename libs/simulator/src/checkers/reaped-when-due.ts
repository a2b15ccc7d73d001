import { formatZxid, NO_SESSION } from '@paddock/model';
import { ReferenceTree } from '../record/reference-tree.ts';
import { identitiesOf, Requests } from '../record/requests.ts';
import { transactionsOn } from '../record/restored-states.ts';
import type { CheckedRun } from './checked-run.ts';

/** The ensemble deletes containers and znodes with a TTL, and no others, and none of them before it is due. */
export function reapedWhenDue({ history, log, limits, timing }: CheckedRun): string[] {
  const violations: string[] = [];
  const tree = new ReferenceTree(limits);
  const requests = new Requests(history);
  for (const transaction of transactionsOn(tree, log, limits)) {
    const { change, zxid, session, time } = transaction;
    if (change.kind === 'deleteZnode' && session === NO_SESSION) {
      const due = tree.reapedAt(change.path, timing.unusedContainerMs);
      if (due > time) {
        const late = Number.isFinite(due) ? `${due - time} ms too early` : 'though it is to stay';
        violations.push(`${formatZxid(zxid)} deletes ${change.path} ${late}`);
      }
    }
    const request = requests.of(transaction);
    if (request === null) tree.apply(change, transaction);
    else tree.execute(request.operation, transaction, identitiesOf(request));
  }
  return violations;
}
