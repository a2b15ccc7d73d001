import { NO_SESSION, trustedZxid, ZXID_ZERO } from '@paddock/model';
import type {
  ClientReadMany,
  Identities,
  OperationResult,
  ReadResult,
  SessionId,
  Zxid,
} from '@paddock/model';
import { describe } from '../record/describe.ts';
import { shownBy } from '../record/history.ts';
import type { OperationRecord, UnaryRecord } from '../record/history.ts';
import { ReferenceTree } from '../record/reference-tree.ts';
import type { TreeRead } from '../record/reference-tree.ts';
import { identitiesOf, Requests } from '../record/requests.ts';
import { restoreOn } from '../record/restored-states.ts';
import type { CheckedRun } from './checked-run.ts';
import { textOf } from './names.ts';

/**
 * A read shows the whole state at the zxid that it names, and no other (P1, P7): data, versions, times, children. So a
 * change that was acknowledged and is not there any more, or not as it was, shows (P6).
 */
export function readsShowOneState({ history, log, limits }: CheckedRun): string[] {
  const violations: string[] = [];
  const requests = new Requests(history);
  const tree = new ReferenceTree(limits);
  const reads = [...readsOf([...history.operations()]), ...readsOf(history.unary)];
  reads.sort((a, b) => a.zxid - b.zxid);
  let next = 0;
  const rotten = new Set(history.rotten.map((it) => it.zxid));
  const checkUpTo = (zxid: Zxid): void => {
    for (let read = reads[next]; read !== undefined && read.zxid < zxid; read = reads[++next]) {
      const expected = textOf(tree.read(read.operation, read.session, read.identities));
      if (expected === read.text || read.mzxids.some((it) => rotten.has(it))) continue;
      const shown = `${describe(read.operation)} shows ${read.text} @${describe(read.zxid)}`;
      violations.push(`${shown}, and the state there is ${expected}`);
    }
  };
  for (const { zxid, transaction, backup } of log.entries) {
    checkUpTo(zxid);
    if (backup !== null) restoreOn(tree, log, limits, backup, zxid);
    if (transaction === null) continue;
    const request = requests.of(transaction);
    if (request === null) tree.apply(transaction.change, transaction);
    else tree.execute(request.operation, transaction, identitiesOf(request));
  }
  checkUpTo(trustedZxid(Infinity));
  if (reads.some(({ zxid }) => zxid > log.last)) violations.push('a read is ahead of the log');
  return violations;
}

interface AnsweredRead {
  readonly operation: TreeRead;
  /** NO_SESSION of a call. */
  readonly session: SessionId;
  readonly identities: Identities;
  readonly zxid: Zxid;
  readonly text: string;
  /** Of the data that it shows: a database whose memory rots shows that until it finds out (P10). */
  readonly mzxids: readonly Zxid[];
}

function* readsOf(records: readonly (OperationRecord | UnaryRecord)[]): Iterable<AnsweredRead> {
  for (const record of records) {
    const { operation, settlement } = record;
    const zxid = shownBy(settlement);
    if (settlement === null || zxid === ZXID_ZERO || !('atLeast' in operation)) continue;
    const { result } = settlement;
    if (operation.kind === 'listSessions' || operation.kind === 'getWatches') continue;
    const session = 'session' in record ? (record.session.id ?? NO_SESSION) : NO_SESSION;
    const by = { session, identities: identitiesOf(record) };
    if (operation.kind === 'readMany' && result.kind === 'many') {
      yield* readsOfBatch(operation, result, by, zxid);
      continue;
    }
    // Of several pages each alone shows nothing.
    if (result.kind === 'subtree' && result.more) continue;
    yield { operation, ...by, zxid, text: textOf(result), mzxids: mzxidsOf(result) };
  }
}

function mzxidsOf(result: OperationResult): readonly Zxid[] {
  if (result.kind === 'data') return [result.stat.mzxid];
  return result.kind === 'subtree' ? result.znodes.map(({ stat }) => stat.mzxid) : [];
}

/** Each as a read of its own; what went beyond the bytes of an answer shows nothing. */
function* readsOfBatch(
  operation: ClientReadMany,
  { results }: Extract<ReadResult, { readonly kind: 'many' }>,
  by: Pick<AnsweredRead, 'session' | 'identities'>,
  zxid: Zxid,
): Iterable<AnsweredRead> {
  for (const [index, read] of operation.reads.entries()) {
    const result = results[index];
    if (result?.kind === 'failed' && result.code === 'tooLarge') continue;
    const mzxids = result === undefined ? [] : mzxidsOf(result);
    const text = result === undefined ? 'nothing' : textOf({ kind: 'many', results: [result] });
    yield { operation: { ...operation, reads: [read] }, ...by, zxid, text, mzxids };
  }
}
