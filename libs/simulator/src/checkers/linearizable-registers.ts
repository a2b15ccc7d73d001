import { formatZxid, ZXID_ZERO } from '@paddock/model';
import type { ClientOperation, Limits, Zxid } from '@paddock/model';
import type { CommittedLog } from '../record/committed-log.ts';
import { editsOf } from '../record/edits.ts';
import { isWrite } from '../record/history.ts';
import type { History, OperationRecord, UnaryRecord } from '../record/history.ts';
import { describe } from '../record/describe.ts';
import { ReferenceTree } from '../record/reference-tree.ts';
import { restoreOn } from '../record/restored-states.ts';
import { COUNTERS, NODES, REGISTERS } from '../users/workload.ts';
import { mayBeAskedAgain } from './asked-again.ts';
import type { CheckedRun } from './checked-run.ts';
import { LinearizabilitySearch } from './linearizability-search.ts';
import { nameOf } from './names.ts';
import type { RegisterChange, RegisterOperation } from './register-model.ts';

const PATHS = [...REGISTERS, ...COUNTERS, ...NODES];

/**
 * P1, as an application would find out, without a look inside: for each znode there is one order of its operations that
 * explains all answers. A write, and a read that is linearizable or stands behind a sync, takes effect between question
 * and answer; any other read shows what was true at some time before its answer, in the order of its session. So does a
 * restoration, after which the znode is what it was in the backup: what that is, the log tells.
 */
export function linearizableRegisters({ history, log, limits }: CheckedRun): string[] {
  const violations: string[] = [];
  const restorations = restorationsOf(log, history, limits);
  const changes = changesByPath(log);
  for (const path of PATHS) {
    const operations = [
      ...operationsOn(path, history),
      ...restorations.map((it) => restorationOf(it, path)),
    ];
    const verdict = new LinearizabilitySearch(operations).run(changes.get(path));
    if (verdict.kind === 'stuck') {
      violations.push(`no order of what was done to ${path} explains ${verdict.at.name}`);
    } else if (verdict.kind === 'undecided') {
      violations.push(`whether ${path} is linearizable was not found out`);
    }
  }
  return violations;
}

interface Restoration {
  readonly zxid: Zxid;
  readonly call: number;
  readonly answered: number;
  readonly tree: ReferenceTree;
}

function restorationsOf(log: CommittedLog, history: History, limits: Limits): Restoration[] {
  return log.entries.flatMap(({ zxid, backup }) => {
    if (backup === null) return [];
    const tree = new ReferenceTree(limits);
    restoreOn(tree, log, limits, backup, zxid);
    const { asked, answered } = history.restorations.get(backup) ?? { asked: null, answered: null };
    return { zxid, tree, call: asked?.order ?? 0, answered: answered?.order ?? Infinity };
  });
}

function restorationOf(
  { zxid, call, answered, tree }: Restoration,
  path: string,
): RegisterOperation {
  const operation = { kind: 'restore', found: tree.found(path) } as const;
  const name = `the restoration at ${formatZxid(zxid)}`;
  return { zxid, call, answered, operation, result: null, predecessor: null, name };
}

function changesByPath(log: CommittedLog): ReadonlyMap<string, RegisterChange[]> {
  const changes = new Map<string, RegisterChange[]>();
  const add = (path: string, change: RegisterChange): void => {
    const list = changes.get(path);
    if (list === undefined) changes.set(path, [change]);
    else list.push(change);
  };
  for (const { zxid, transaction, backup } of log.entries) {
    if (backup !== null) {
      for (const path of PATHS) add(path, { zxid, kind: 'restore', data: null });
    }
    if (transaction === null) continue;
    for (const edit of editsOf(transaction.change)) {
      if (edit.kind === 'createZnode') add(edit.path, { zxid, kind: 'create', data: edit.data });
      else if (edit.kind === 'setZnodeData') {
        add(edit.path, { zxid, kind: 'setData', data: edit.data });
      } else if (edit.kind === 'deleteZnode') {
        add(edit.path, { zxid, kind: 'delete', data: null });
      }
    }
  }
  return changes;
}

/** Failures that say what the state was; of any other write nobody knows whether it took effect. */
const TELLING = ['badVersion', 'noNode', 'nodeExists', 'notEmpty'];
/** Failures that say that nothing was done. */
const WITHOUT_EFFECT = [
  ...['sessionExpired', 'badArguments', 'tooLarge', 'quotaExceeded', 'throttled'],
  ...['noAuth', 'invalidAcl', 'notReadOnly'],
  ...['noChildrenForEphemerals', 'unimplemented'],
];

/** They may name any path, and tell nothing of what is there. */
const OF_MANY: readonly string[] = [
  ...['getEphemerals', 'getQuotas', 'listSessions', 'getWatches', 'readMany', 'getSubtree'],
];

function operationsOn(path: string, history: History): RegisterOperation[] {
  const rotten = new Set(history.rotten.map((it) => it.zxid));
  const operations: RegisterOperation[] = [];
  for (const session of history.sessions) {
    let syncedAt = 0;
    let predecessor: RegisterOperation | null = null;
    for (const record of session.operations) {
      const { operation, settlement, submitted } = record;
      const { result } = settlement ?? {};
      if (result?.kind === 'synced') syncedAt = submitted.order;
      if (!isOn(path, operation)) continue;
      if (result?.kind === 'data' && rotten.has(result.stat.mzxid)) continue;
      const made = operationOf(record, syncedAt, predecessor, nameOf(record));
      if (made === null) continue;
      operations.push(made);
      // A read whose answer was lost is asked again, behind later ones.
      const isOrdered = isWrite(operation) || !mayBeAskedAgain(record, history);
      if (made.result !== null && isOrdered) predecessor = made;
    }
  }
  for (const record of history.unary) {
    const { operation, settlement } = record;
    if (!isOn(path, operation)) continue;
    const result = settlement?.result;
    if (result?.kind === 'data' && rotten.has(result.stat.mzxid)) continue;
    const made = operationOf(record, 0, null, `a call to ${describe(operation)}`);
    if (made !== null) operations.push(made);
  }
  return operations;
}

function isOn(path: string, operation: ClientOperation): boolean {
  return 'path' in operation && operation.path === path && !OF_MANY.includes(operation.kind);
}

/** Null: it says nothing of the znode. */
function operationOf(
  { operation, settlement, submitted }: OperationRecord | UnaryRecord,
  syncedAt: number,
  predecessor: RegisterOperation | null,
  name: string,
): RegisterOperation | null {
  const result = settlement?.result ?? null;
  const failure = result?.kind === 'failed' ? result.code : null;
  const base = { operation, predecessor, name, zxid: settlement?.zxid ?? ZXID_ZERO };
  if (!isWrite(operation)) {
    if (result === null || (failure !== null && failure !== 'noNode')) return null;
    const isLinearizable =
      'consistency' in operation && operation.consistency.kind === 'linearizable';
    const call = isLinearizable ? submitted.order : syncedAt;
    return { ...base, call, answered: settlement?.at.order ?? Infinity, result };
  }
  if (failure !== null && WITHOUT_EFFECT.includes(failure)) return null;
  const isKnown = settlement !== null && (failure === null || TELLING.includes(failure));
  const answered = isKnown ? settlement.at.order : Infinity;
  return { ...base, call: submitted.order, answered, result: isKnown ? result : null };
}
