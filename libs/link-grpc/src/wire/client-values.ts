// What the public API carries in several places: metadata, results, outcomes. Its 64-bit fields are
// integers of protobuf, for the sake of other languages; here they are safe integers.
import type { paddock } from '@paddock/contracts';
import { counterOf, createdOf, epochOf, isSessionId, NO_SESSION } from '@paddock/model';
import type {
  BatchedResult,
  Created,
  Failed,
  NumberedResult,
  OperationResult,
  Outcome,
  ReadResult,
  Stat,
  Transacted,
  TransactionResult,
  WriteResult,
} from '@paddock/model';
import { readIdentityList, readWholeAcl } from './acl.ts';
import {
  bytesOf,
  count64Of,
  pathsOf,
  presentOf,
  stagePathOf,
  word,
  zxidOf,
  type Field,
} from './fields.ts';
import { readSessionList, readWatchList } from './session-list.ts';
import { readUses } from './quota.ts';
import { writeLimit } from './reached-limit.ts';
import { readFailed } from './stage-values.ts';
import { WireError } from './wire-error.ts';
import { errorCodes, znodeKindOf, znodeKinds } from './words.ts';

type WireStat = paddock.client.v1.Stat.$Properties;
type ResultShape = paddock.client.v1.Result.$Shape;

/** A znode's data is bounded by the frame that it came in. */
const DATA_BYTES_MAX = Number.MAX_SAFE_INTEGER;

export function writeClientStat(stat: Stat): WireStat {
  return {
    czxidEpoch: epochOf(stat.czxid),
    czxidCounter: counterOf(stat.czxid),
    mzxidEpoch: epochOf(stat.mzxid),
    mzxidCounter: counterOf(stat.mzxid),
    pzxidEpoch: epochOf(stat.pzxid),
    pzxidCounter: counterOf(stat.pzxid),
    ctimeMs: stat.ctime,
    mtimeMs: stat.mtime,
    version: stat.version,
    cversion: stat.cversion,
    ephemeralOwner: stat.ephemeralOwner,
    dataLength: stat.dataLength,
    numChildren: stat.numChildren,
    kind: znodeKinds.write(stat.kind),
    ttlMs: stat.ttlMs,
    aversion: stat.aversion,
  };
}

export function readClientStat(field: Field<WireStat>): Stat {
  const wire = presentOf(field, 'stat');
  const owner = count64Of(wire.ephemeralOwner, 'ephemeral owner');
  return {
    czxid: zxidOf(wire.czxidEpoch, wire.czxidCounter, 'czxid'),
    mzxid: zxidOf(wire.mzxidEpoch, wire.mzxidCounter, 'mzxid'),
    pzxid: zxidOf(wire.pzxidEpoch, wire.pzxidCounter, 'pzxid'),
    ctime: count64Of(wire.ctimeMs, 'ctime'),
    mtime: count64Of(wire.mtimeMs, 'mtime'),
    version: word(wire.version),
    cversion: word(wire.cversion),
    ephemeralOwner: isSessionId(owner) ? owner : NO_SESSION,
    dataLength: word(wire.dataLength),
    numChildren: word(wire.numChildren),
    kind: znodeKindOf(wire.kind),
    ttlMs: count64Of(wire.ttlMs, 'ttl'),
    aversion: word(wire.aversion),
  };
}

export function readResult(field: Field<ResultShape>): NumberedResult {
  const wire = presentOf(field, 'result');
  return {
    zxid: zxidOf(wire.zxidEpoch, wire.zxidCounter, 'result zxid'),
    result: readOperationResult(wire),
  };
}

function readOperationResult(wire: ResultShape): OperationResult {
  switch (wire.kind) {
    case 'getData': {
      const data = bytesOf(wire.getData.data, DATA_BYTES_MAX, 'data');
      return { kind: 'data', data, stat: readClientStat(wire.getData.stat) };
    }
    case 'exists':
      return { kind: 'stat', stat: readClientStat(wire.exists.stat) };
    case 'getChildren':
      return readChildren(wire.getChildren);
    case 'countDescendants':
      return readDescendants(wire.countDescendants);
    case 'getEphemerals':
      return { kind: 'ephemerals', paths: pathsOf(wire.getEphemerals.paths) };
    case 'listSessions':
      return readSessionList(wire.listSessions);
    case 'getWatches':
      return readWatchList(wire.getWatches);
    case 'getQuotas':
      return { kind: 'quotas', quotas: readUses(wire.getQuotas.quotas) };
    case 'readMany':
      return readMany(wire.readMany);
    case 'sync':
      return { kind: 'synced' };
    case 'getAcl':
      return {
        kind: 'acl',
        acl: readWholeAcl(wire.getAcl.acl),
        stat: readClientStat(wire.getAcl.stat),
      };
    case 'can':
      return { kind: 'permitted', permitted: wire.can.permitted ?? false };
    case 'whoAmI':
      return { kind: 'identities', identities: readIdentityList(wire.whoAmI.identities) };
    default:
      return readWriteResult(wire);
  }
}

/** Whether there are more is said of a page, and of nothing else. */
function readChildren(wire: paddock.client.v1.ZnodeChildren.$Shape): OperationResult {
  const children = wire.children ?? [];
  const stat = readClientStat(wire.stat);
  const { more } = wire;
  if (more === null || more === undefined) return { kind: 'children', children, stat };
  return { kind: 'childrenPage', children, more, stat };
}

function readDescendants(wire: paddock.client.v1.ZnodeDescendants.$Shape): OperationResult {
  return {
    kind: 'descendants',
    descendants: word(wire.descendants),
    subtreeBytes: count64Of(wire.subtreeBytes, 'subtree bytes'),
    stat: readClientStat(wire.stat),
  };
}

function readWriteResult(wire: ResultShape): WriteResult {
  switch (wire.kind) {
    case 'create':
      return createdOf(
        stagePathOf(wire.create.path, 'created path'),
        readClientStat(wire.create.stat),
        wire.create.counter,
      );
    case 'setData':
      return { kind: 'dataSet', stat: readClientStat(wire.setData.stat) };
    case 'delete':
      return { kind: 'deleted' };
    case 'setAcl':
      return { kind: 'aclSet', stat: readClientStat(wire.setAcl.stat) };
    case 'closeSession':
      return { kind: 'closed' };
    case 'setQuota':
      return { kind: 'quotaSet' };
    case 'failed':
      return readFailed(wire.failed);
    case 'transaction':
      return readTransacted(wire.transaction);
    default:
      throw new WireError('result', 'has no kind that belongs here');
  }
}

export function readTransacted(wire: paddock.client.v1.Transacted.$Shape): Transacted {
  const results = (wire.results ?? []).map(readTransactionResult);
  return { kind: 'transacted', succeeded: wire.succeeded ?? false, results };
}

function readTransactionResult(wire: ResultShape): TransactionResult {
  if (wire.kind === 'check') return { kind: 'checked' };
  return transactionResultOf(readOperationResult(wire));
}

export function writeTransacted({
  succeeded,
  results,
}: Transacted): paddock.client.v1.Transacted.$Properties {
  return { succeeded, results: results.map(writeTransactionResult) };
}

export function writeCreated({
  path,
  stat,
  counter,
}: Created): paddock.client.v1.Created.$Properties {
  const created = { path, stat: writeClientStat(stat) };
  return counter === undefined ? created : { ...created, counter };
}

function writeFailure(failed: Failed): paddock.client.v1.Failed.$Properties {
  const { code, reason, step, limit, retryAfterMs = 0 } = failed;
  return {
    code: errorCodes.write(code),
    reason,
    step: step ?? null,
    limit: limit === undefined ? null : writeLimit(limit),
    retryAfterMs,
  };
}

function writeTransactionResult(result: TransactionResult): paddock.client.v1.Result.$Properties {
  switch (result.kind) {
    case 'created':
      return { create: writeCreated(result) };
    case 'dataSet':
      return { setData: { stat: writeClientStat(result.stat) } };
    case 'deleted':
      return { delete: {} };
    case 'checked':
      return { check: {} };
    case 'aclSet':
      return { setAcl: { stat: writeClientStat(result.stat) } };
    case 'data':
      return { getData: { data: result.data, stat: writeClientStat(result.stat) } };
    case 'stat':
      return { exists: { stat: writeClientStat(result.stat) } };
    case 'children':
      return {
        getChildren: { children: [...result.children], stat: writeClientStat(result.stat) },
      };
    case 'failed':
      return { failed: writeFailure(result) };
  }
}

type Many = Extract<ReadResult, { readonly kind: 'many' }>;

export function writeMany({ results }: Many): paddock.client.v1.ManyRead.$Properties {
  return { results: results.map(writeBatchedResult) };
}

function writeBatchedResult(result: BatchedResult): paddock.client.v1.Result.$Properties {
  if (result.kind !== 'descendants') return writeTransactionResult(result);
  const { descendants, subtreeBytes, stat } = result;
  return { countDescendants: { descendants, subtreeBytes, stat: writeClientStat(stat) } };
}

export function readMany(wire: { readonly results?: Field<readonly ResultShape[]> }): Many {
  return { kind: 'many', results: (wire.results ?? []).map(readBatchedResult) };
}

function readBatchedResult(wire: ResultShape): BatchedResult {
  const result = readOperationResult(wire);
  switch (result.kind) {
    case 'data':
    case 'stat':
    case 'children':
    case 'descendants':
    case 'failed':
      return result;
    default:
      throw new WireError('result of a batch', `is of a ${result.kind} operation`);
  }
}

/** What a step can come to. Throws WireError for anything else. */
export function transactionResultOf(result: OperationResult): TransactionResult {
  switch (result.kind) {
    case 'closed':
    case 'synced':
    case 'transacted':
    case 'childrenPage':
    case 'descendants':
    case 'many':
    case 'subtree':
    case 'ephemerals':
    case 'sessions':
    case 'watches':
    case 'quotaSet':
    case 'quotas':
    case 'acl':
    case 'permitted':
    case 'identities':
      throw new WireError('result of a step', `is of a ${result.kind} operation`);
    default:
      return result;
  }
}

export function readClientOutcomes(
  field: Field<readonly paddock.client.v1.Outcome.$Shape[]>,
): Outcome[] {
  const outcomes: Outcome[] = [];
  for (const wire of field ?? []) {
    const result = presentOf(wire.result, 'outcome result');
    outcomes.push({
      sequence: count64Of(wire.sequence, 'outcome sequence'),
      zxid: zxidOf(result.zxidEpoch, result.zxidCounter, 'outcome zxid'),
      requestHash: word(wire.requestHash),
      result: readWriteResult(result),
    });
  }
  return outcomes;
}
