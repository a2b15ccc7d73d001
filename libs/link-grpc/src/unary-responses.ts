// What a call is answered with; undefined where the result is none of its kind.
import type { paddock } from '@paddock/contracts';
import { counterOf, epochOf } from '@paddock/model';
import type { NumberedResult, Zxid } from '@paddock/model';
import { writeAcl, writeIdentities } from './wire/acl.ts';
import { writeClientStat, writeCreated, writeMany, writeTransacted } from './wire/client-values.ts';
import { writeUses } from './wire/quota.ts';
import { writeSessionInfo } from './wire/session-list.ts';

/** The zxid of what was done, or of the state that was read. */
function doneAt(zxid: Zxid) {
  return { zxidEpoch: epochOf(zxid), zxidCounter: counterOf(zxid) };
}

/** Of a read that a replica without a leader may answer. */
function shownAt(zxid: Zxid, readOnly: true | undefined) {
  return { ...doneAt(zxid), readOnly: readOnly ?? false };
}

export function createResponse({
  result,
}: NumberedResult): paddock.client.v1.CreateResponse.$Properties | undefined {
  return result.kind === 'created' ? writeCreated(result) : undefined;
}

export function getResponse({
  result,
  zxid,
  readOnly,
}: NumberedResult): paddock.client.v1.GetResponse.$Properties | undefined {
  if (result.kind !== 'data') return undefined;
  return {
    data: result.data,
    stat: writeClientStat(result.stat),
    ...shownAt(zxid, readOnly),
  };
}

export function setResponse({
  result,
}: NumberedResult): paddock.client.v1.SetResponse.$Properties | undefined {
  return result.kind === 'dataSet' ? { stat: writeClientStat(result.stat) } : undefined;
}

export function deleteResponse({
  result,
  zxid,
}: NumberedResult): paddock.client.v1.DeleteResponse.$Properties | undefined {
  if (result.kind !== 'deleted') return undefined;
  return doneAt(zxid);
}

/** That there is none is an answer here, and no error. */
export function existsResponse({
  result,
  zxid,
  readOnly,
}: NumberedResult): paddock.client.v1.ExistsResponse.$Properties | undefined {
  const shown = shownAt(zxid, readOnly);
  if (result.kind === 'stat') {
    return {
      exists: true,
      stat: writeClientStat(result.stat),
      ...shown,
    };
  }
  if (result.kind !== 'failed' || result.code !== 'noNode') return undefined;
  return { exists: false, ...shown };
}

export function listResponse({
  result,
  zxid,
  readOnly,
}: NumberedResult): paddock.client.v1.ListResponse.$Properties | undefined {
  if (result.kind !== 'children' && result.kind !== 'childrenPage') return undefined;
  return {
    more: result.kind === 'childrenPage' && result.more,
    children: result.children.slice(),
    stat: writeClientStat(result.stat),
    ...shownAt(zxid, readOnly),
  };
}

export function countResponse({
  result,
  zxid,
  readOnly,
}: NumberedResult): paddock.client.v1.CountResponse.$Properties | undefined {
  if (result.kind !== 'descendants') return undefined;
  return {
    descendants: result.descendants,
    subtreeBytes: result.subtreeBytes,
    stat: writeClientStat(result.stat),
    ...shownAt(zxid, readOnly),
  };
}

export function readManyResponse({
  result,
  zxid,
  readOnly,
}: NumberedResult): paddock.client.v1.ReadManyResponse.$Properties | undefined {
  if (result.kind !== 'many') return undefined;
  return {
    ...writeMany(result),
    ...shownAt(zxid, readOnly),
  };
}

export function ephemeralsResponse({
  result,
  zxid,
  readOnly,
}: NumberedResult): paddock.client.v1.EphemeralsResponse.$Properties | undefined {
  if (result.kind !== 'ephemerals') return undefined;
  const paths = result.paths.slice();
  return {
    paths,
    ...shownAt(zxid, readOnly),
  };
}

export function sessionsResponse({
  result,
  zxid,
  readOnly,
}: NumberedResult): paddock.client.v1.SessionsResponse.$Properties | undefined {
  if (result.kind !== 'sessions') return undefined;
  const { more } = result;
  const sessions = result.sessions.map(writeSessionInfo);
  return {
    sessions,
    more,
    ...shownAt(zxid, readOnly),
  };
}

export function setQuotaResponse({
  result,
  zxid,
}: NumberedResult): paddock.client.v1.SetQuotaResponse.$Properties | undefined {
  if (result.kind !== 'quotaSet') return undefined;
  return doneAt(zxid);
}

export function quotasResponse({
  result,
  zxid,
}: NumberedResult): paddock.client.v1.QuotasResponse.$Properties | undefined {
  if (result.kind !== 'quotas') return undefined;
  const quotas = writeUses(result.quotas);
  return { quotas, ...doneAt(zxid) };
}

export function transactResponse({
  result,
  zxid,
}: NumberedResult): paddock.client.v1.TransactResponse.$Properties | undefined {
  if (result.kind !== 'transacted') return undefined;
  return { ...writeTransacted(result), ...doneAt(zxid) };
}

export function setAclResponse({
  result,
  zxid,
}: NumberedResult): paddock.client.v1.SetAclResponse.$Properties | undefined {
  if (result.kind !== 'aclSet') return undefined;
  const stat = writeClientStat(result.stat);
  return { stat, ...doneAt(zxid) };
}

export function getAclResponse({
  result,
  zxid,
}: NumberedResult): paddock.client.v1.GetAclResponse.$Properties | undefined {
  if (result.kind !== 'acl') return undefined;
  return {
    acl: writeAcl(result.acl),
    stat: writeClientStat(result.stat),
    ...doneAt(zxid),
  };
}

export function canResponse({
  result,
  zxid,
}: NumberedResult): paddock.client.v1.CanResponse.$Properties | undefined {
  if (result.kind !== 'permitted') return undefined;
  const { permitted } = result;
  return { permitted, ...doneAt(zxid) };
}

export function whoAmIResponse({
  result,
}: NumberedResult): paddock.client.v1.WhoAmIResponse.$Properties | undefined {
  if (result.kind !== 'identities') return undefined;
  return { identities: writeIdentities(result.identities) };
}

export function syncResponse({
  result,
  zxid,
}: NumberedResult): paddock.client.v1.SyncResponse.$Properties | undefined {
  if (result.kind !== 'synced') return undefined;
  return doneAt(zxid);
}
