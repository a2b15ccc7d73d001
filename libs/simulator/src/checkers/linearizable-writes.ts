import { formatZxid } from '@paddock/model';
import type { Change, OperationResult, WriteResult, Zxid } from '@paddock/model';
import { describe } from '../record/describe.ts';
import { isWrite } from '../record/history.ts';
import { ReferenceTree } from '../record/reference-tree.ts';
import { identitiesOf, Requests } from '../record/requests.ts';
import { transactionsOn } from '../record/restored-states.ts';
import type { CheckedRun } from './checked-run.ts';
import { nameOf, textOf } from './names.ts';

/** P1: the writes came to what they come to when executed one after the other in the order of their zxids. */
export function linearizableWrites({ history, log, limits }: CheckedRun): string[] {
  const violations: string[] = [];
  const tree = new ReferenceTree(limits);
  const requests = new Requests(history);
  const rotten = new Set(history.rotten.map((it) => it.zxid));
  let time = 0;
  for (const transaction of transactionsOn(tree, log, limits)) {
    const { zxid, change } = transaction;
    if (transaction.time < time) violations.push(`time goes back at ${formatZxid(zxid)} (H17 c)`);
    time = transaction.time;
    const request = requests.of(transaction);
    if (request === null) {
      tree.apply(change, transaction);
      continue;
    }
    const expected = tree.execute(request.operation, transaction, identitiesOf(request));
    if (!isChangeOf(expected, change)) {
      const was = `${formatZxid(zxid)} executed ${describe(request.operation)} as ${describe(change)}`;
      violations.push(`${was}, and it comes to ${textOf(expected)}`);
    }
    const { settlement } = request;
    if (settlement !== null && showsRotten(settlement.result, rotten)) continue;
    if (settlement?.zxid === zxid && textOf(settlement.result) !== textOf(expected)) {
      const told = `${formatZxid(zxid)} ${describe(request.operation)} was answered by`;
      violations.push(`${told} ${textOf(settlement.result)}, and it came to ${textOf(expected)}`);
    }
  }
  for (const record of history.operations()) {
    const { operation, settlement } = record;
    if (!isWrite(operation) || settlement === null || settlement.zxid === 0) continue;
    const transaction = log.find(settlement.zxid)?.transaction;
    if (transaction?.session === record.session.id && transaction.sequence === record.sequence) {
      continue;
    }
    violations.push(`${nameOf(record)} was answered, and the log has not got it there`);
  }
  return violations;
}

/** A read within a transaction, answered by a database whose memory had rotted. */
function showsRotten(result: OperationResult, rotten: ReadonlySet<Zxid>): boolean {
  if (result.kind !== 'transacted') return false;
  return result.results.some((it) => it.kind === 'data' && rotten.has(it.stat.mzxid));
}

function isChangeOf(result: WriteResult, change: Change): boolean {
  switch (result.kind) {
    case 'failed':
      return change.kind === 'failed' && change.code === result.code;
    case 'created':
      return (
        change.kind === 'createZnode' &&
        change.path === result.path &&
        change.ephemeralOwner === result.stat.ephemeralOwner
      );
    case 'dataSet':
      return change.kind === 'setZnodeData' && change.version === result.stat.version;
    case 'deleted':
      return change.kind === 'deleteZnode';
    case 'aclSet':
      return change.kind === 'setZnodeAcl' && change.version === result.stat.aversion;
    case 'transacted':
      return (
        change.kind === 'transaction' &&
        change.succeeded === result.succeeded &&
        change.steps.length === result.results.length
      );
    case 'quotaSet':
      return change.kind === 'setQuota';
    case 'closed':
      return change.kind === 'closeSession' && change.end === 'closed';
  }
}
