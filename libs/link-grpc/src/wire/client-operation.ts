// One operation of a client. Its path is text that the front-end checks, so that a bad one is an
// answer in its place in the order, and not the end of the stream.
import type { paddock } from '@paddock/contracts';
import { counterOf, epochOf, ROOT } from '@paddock/model';
import type {
  ClientOperation,
  ClientRead,
  ClientZnodeRead,
  ReadConsistency,
  Zxid,
} from '@paddock/model';
import { readAcl, readCredential, readWholeAcl } from './acl.ts';
import {
  bytesOf,
  clientSessionOf,
  count64Of,
  versionOrAnyOf,
  zxidOf,
  type Field,
} from './fields.ts';
import { readQuota } from './quota.ts';
import { readBatchedReads } from './read-many.ts';
import { readClientTransaction } from './transaction.ts';
import { createModes, watchModeOf } from './words.ts';

type WireRead = paddock.client.v1.Read.$Properties;

/** Larger data is an answer too: the frame bounds it here. */
const DATA_BYTES_MAX = Number.MAX_SAFE_INTEGER;

export function readOperation(wire: paddock.client.v1.Operation.$Shape): ClientOperation {
  switch (wire.kind) {
    case 'getData':
      return readRead('getData', wire.getData);
    case 'exists':
      return readRead('exists', wire.exists);
    case 'getChildren':
      return readRead('getChildren', wire.getChildren);
    case 'getChildrenPage':
      return readChildrenPage(wire.getChildrenPage);
    case 'countDescendants':
      return readCount(wire.countDescendants);
    case 'getEphemerals':
      return readEphemerals(wire.getEphemerals, wire.getEphemerals.path ?? '');
    case 'listSessions':
      return readSessions(wire.listSessions);
    case 'getWatches': {
      const { after, limit } = wire.getWatches;
      const terms = readTerms(wire.getWatches);
      return { kind: 'getWatches', ...terms, after: after ?? '', limit: limit ?? 0 };
    }
    case 'readMany':
      return readReadMany(wire.readMany);
    case 'getQuotas':
      return readQuotas(wire.getQuotas);
    case 'setQuota':
      return readSetQuota(wire.setQuota);
    case 'create':
      return readCreate(wire.create);
    case 'setData':
      return readSetData(wire.setData);
    case 'delete':
      return readDelete(wire.delete);
    case 'setAcl':
      return readSetAcl(wire.setAcl);
    case 'getAcl':
      return readGetAcl(wire.getAcl);
    case 'can':
      return readCan(wire.can);
    case 'addAuth':
      return { kind: 'addAuth', ...readCredential(wire.addAuth) };
    case 'whoAmI':
      return { kind: 'whoAmI' };
    case 'sync':
      return { kind: 'sync' };
    case 'transaction':
      return readClientTransaction(wire.transaction);
    case 'closeSession':
      return { kind: 'closeSession' };
    case undefined:
      return { kind: 'unknown' };
  }
}

export function readRead(
  kind: ClientZnodeRead['kind'],
  wire: Omit<WireRead, 'watch' | 'watchMode'> & {
    readonly watch?: Field<boolean>;
    readonly watchMode?: Field<number>;
    readonly acceptReadOnly?: Field<boolean>;
  },
): ClientZnodeRead {
  const path = wire.path ?? '';
  const watch = wire.watch ?? false;
  const atLeast = zxidOf(wire.atLeastEpoch, wire.atLeastCounter, 'at least');
  const read = clientReadOf(kind, path, watch, atLeast, wire.stalenessMs, wire.linearizable);
  return withMode(
    wire.acceptReadOnly === true ? { ...read, acceptsReadOnly: true } : read,
    wire.watchMode,
  );
}

/** Without the field where the watch is one-shot, as most are. */
export function withMode(read: ClientZnodeRead, watchMode: Field<number>): ClientZnodeRead {
  const mode = watchModeOf(watchMode);
  return mode === undefined ? read : { ...read, mode };
}

const LINEARIZABLE: ReadConsistency = { kind: 'linearizable' };

/** Names no consistency where none is asked for. */
export function clientReadOf(
  kind: ClientZnodeRead['kind'],
  path: string,
  watch: boolean,
  atLeast: Zxid,
  stalenessMs: Field<number>,
  linearizable: Field<boolean>,
): ClientZnodeRead {
  if (linearizable === true) return { kind, path, watch, atLeast, consistency: LINEARIZABLE };
  if (stalenessMs === null || stalenessMs === undefined) return { kind, path, watch, atLeast };
  const consistency: ReadConsistency = { kind: 'boundedStaleness', ms: stalenessMs };
  return { kind, path, watch, atLeast, consistency };
}

/** What every read says. */
export type ReadTerms = Pick<ClientRead, 'path' | 'atLeast' | 'consistency' | 'acceptsReadOnly'>;

/** Of a read that is not among the frequent ones; names no consistency where none is asked for. */
export function readTermsOf(
  path: string,
  atLeast: Zxid,
  stalenessMs: Field<number>,
  linearizable: Field<boolean>,
): ReadTerms {
  if (linearizable === true) return { path, atLeast, consistency: LINEARIZABLE };
  if (stalenessMs === null || stalenessMs === undefined) return { path, atLeast };
  return { path, atLeast, consistency: { kind: 'boundedStaleness', ms: stalenessMs } };
}

/** What the generated messages of reads have in common. */
export function writeReadTerms({
  atLeast,
  consistency,
}: Pick<ReadTerms, 'atLeast' | 'consistency'>) {
  return {
    atLeastEpoch: epochOf(atLeast),
    atLeastCounter: counterOf(atLeast),
    ...(consistency?.kind === 'boundedStaleness' ? { stalenessMs: consistency.ms } : {}),
    linearizable: consistency?.kind === 'linearizable',
  };
}

function readTerms(
  wire: Omit<WireRead, 'watch'> & { readonly acceptReadOnly?: Field<boolean> },
): ReadTerms {
  const atLeast = zxidOf(wire.atLeastEpoch, wire.atLeastCounter, 'at least');
  const terms = readTermsOf(wire.path ?? '', atLeast, wire.stalenessMs, wire.linearizable);
  return wire.acceptReadOnly === true ? { ...terms, acceptsReadOnly: true } : terms;
}

function readChildrenPage(
  wire: paddock.client.v1.GetChildrenPage.$Properties & {
    readonly acceptReadOnly?: Field<boolean>;
  },
): ClientRead {
  const { watch, after, limit } = wire;
  return {
    kind: 'getChildrenPage',
    ...readTerms(wire),
    watch: watch ?? false,
    after: after ?? '',
    limit: limit ?? 0,
  };
}

/** The call lists all children where it asks for nothing less. */
export function readList(wire: paddock.client.v1.ListRequest.$Properties): ClientRead {
  const isWhole = (wire.after ?? '') === '' && (wire.limit ?? 0) === 0;
  return isWhole ? readRead('getChildren', wire) : readChildrenPage(wire);
}

export function readCount(wire: paddock.client.v1.CountRequest.$Properties): ClientRead {
  return { kind: 'countDescendants', ...readTerms(wire) };
}

/** Of the call and of the operation alike. */
export function readReadMany(
  wire: paddock.client.v1.ReadMany.$Shape & { readonly acceptReadOnly?: Field<boolean> },
): ClientRead {
  const { reads, ...terms } = wire;
  return {
    kind: 'readMany',
    ...readTerms({ ...terms, path: ROOT }),
    reads: readBatchedReads(reads),
  };
}

export function readQuotas(wire: paddock.client.v1.QuotasRequest.$Properties): ClientRead {
  return { kind: 'getQuotas', ...readTerms(wire) };
}

export function readSetQuota(
  wire: paddock.client.v1.SetQuotaRequest.$Properties,
): Extract<ClientOperation, { kind: 'setQuota' }> {
  return { kind: 'setQuota', path: wire.path ?? '', quota: readQuota(wire.quota) };
}

/** Of the call, or of the operation: they name the beginning of the paths differently. */
export function readEphemerals(
  wire: Omit<paddock.client.v1.EphemeralsRequest.$Properties, 'prefix'>,
  path: string,
): ClientRead {
  const owner = clientSessionOf(wire.session, 'session of ephemerals');
  return { kind: 'getEphemerals', ...readTerms({ ...wire, path }), owner };
}

/** Of the call and of the operation alike. */
export function readSessions(wire: paddock.client.v1.SessionsRequest.$Properties): ClientRead {
  const { after, limit, ...terms } = wire;
  return {
    kind: 'listSessions',
    ...readTerms({ ...terms, path: ROOT }),
    afterSession: clientSessionOf(after, 'session of a list'),
    limit: limit ?? 0,
  };
}

export function readCreate(
  wire: paddock.client.v1.CreateRequest.$Properties,
): Extract<ClientOperation, { kind: 'create' }> {
  return {
    kind: 'create',
    path: wire.path ?? '',
    data: bytesOf(wire.data, DATA_BYTES_MAX, 'create data'),
    mode: (wire.mode ?? 0) === 0 ? 'persistent' : createModes.read(wire.mode),
    ttlMs: count64Of(wire.ttlMs, 'ttl'),
    acl: readAcl(wire.acl),
  };
}

export function readSetData(
  wire: paddock.client.v1.SetRequest.$Properties,
): Extract<ClientOperation, { kind: 'setData' }> {
  return {
    kind: 'setData',
    path: wire.path ?? '',
    data: bytesOf(wire.data, DATA_BYTES_MAX, 'set data'),
    version: versionOrAnyOf(wire.version),
  };
}

export function readDelete(
  wire: paddock.client.v1.DeleteRequest.$Properties,
): Extract<ClientOperation, { kind: 'delete' }> {
  return { kind: 'delete', path: wire.path ?? '', version: versionOrAnyOf(wire.version) };
}

export function readSetAcl(wire: paddock.client.v1.SetAclRequest.$Properties): ClientOperation {
  return {
    kind: 'setAcl',
    path: wire.path ?? '',
    acl: readWholeAcl(wire.acl),
    version: versionOrAnyOf(wire.version),
  };
}

export function readGetAcl(wire: paddock.client.v1.GetAclRequest.$Properties): ClientRead {
  return { kind: 'getAcl', ...readTerms(wire) };
}

export function readCan(wire: paddock.client.v1.CanRequest.$Properties): ClientRead {
  return { kind: 'can', ...readTerms(wire), permissions: wire.permissions ?? 0 };
}
