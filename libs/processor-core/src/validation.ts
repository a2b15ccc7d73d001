import {
  ANY_VERSION,
  ephemeralCost,
  isEphemeral,
  isNoQuota,
  kindOfMode,
  NO_SESSION,
  OPEN_ACL,
  quotaCost,
  ROOT,
  shortened,
} from '@paddock/model';
import type {
  ErrorCode,
  Failed,
  Identities,
  Limits,
  ReachedLimit,
  WriteOperation,
  ZnodeEdit,
  ZnodePath,
} from '@paddock/model';
import type { OverlayZnode } from './overlay-znode.ts';
import { aclToCreate, aclToSet, isRefusal, refusalByAcl } from './permissions.ts';
import type { QueuedQuota } from './request-queue.ts';
import type { SessionState } from './session-table.ts';
import type { TermState } from './term-state.ts';

/** Of a path in a reason. */
export const NAMED_MAX = 128;

type Create = Extract<WriteOperation, { readonly kind: 'create' }>;
type SetData = Omit<Extract<WriteOperation, { readonly kind: 'setData' }>, 'kind'>;
type SetAcl = Omit<Extract<WriteOperation, { readonly kind: 'setAcl' }>, 'kind'>;
type Delete = Omit<Extract<WriteOperation, { readonly kind: 'delete' }>, 'kind'>;

type Edit<Kind extends ZnodeEdit['kind']> = Extract<ZnodeEdit, { readonly kind: Kind }> | Failed;

export function failed(code: ErrorCode, reason: string, limit?: ReachedLimit): Failed {
  return limit === undefined
    ? { kind: 'failed', code, reason }
    : { kind: 'failed', code, reason, limit };
}

/** What a create below this parent comes to whatever its name is; null: the name decides. */
export function refusalByParent(
  operation: Create,
  parent: OverlayZnode,
  identities: Identities,
  limits: Limits,
): Failed | null {
  if (operation.data.length > limits.znodeDataBytes) return dataTooLarge(operation.data, limits);
  if (!parent.exists) return failed('noNode', `the parent ${parent.path} does not exist`);
  return refusalByAcl(parent, 'create', identities);
}

/** ZooKeeper's order of checks: parent, name, parent's kind; then Paddock's own bound (H6). */
export function validateCreate(
  operation: Create,
  znode: OverlayZnode,
  parent: OverlayZnode,
  owner: SessionState,
  identities: Identities,
  ephemeralBytes: number,
): Edit<'createZnode'> {
  if (znode.exists) return failed('nodeExists', `${znode.path} exists`);
  if (parent.ephemeralOwner !== NO_SESSION) {
    return failed('noChildrenForEphemerals', `the parent ${parent.path} is ephemeral`);
  }
  const ephemeral = isEphemeral(operation.mode);
  const more = ephemeral ? ephemeralCost(znode.path.length) : 0;
  if (ephemeral && owner.ephemeralBytes + more > ephemeralBytes) {
    const use = owner.ephemeralBytes;
    return failed(
      'quotaExceeded',
      `the ephemerals of the session would take more than ${ephemeralBytes} bytes`,
      { kind: 'ephemeralBytesPerSession', path: '', limit: ephemeralBytes, use, more },
    );
  }
  const acl =
    operation.acl === undefined ? undefined : aclToCreate(operation.acl, parent, identities);
  if (isRefusal(acl)) return acl;
  return {
    kind: 'createZnode',
    path: znode.path,
    data: operation.data,
    znodeKind: kindOfMode(operation.mode),
    ephemeralOwner: ephemeral ? owner.session : NO_SESSION,
    ttlMs: operation.ttlMs,
    parentCversion: parent.cversion + 1,
    parentCreates: parent.creates + 1,
    acl: acl === OPEN_ACL ? undefined : acl,
  };
}

export function validateSetData(
  operation: SetData,
  znode: OverlayZnode,
  identities: Identities,
  limits: Limits,
): Edit<'setZnodeData'> {
  if (operation.data.length > limits.znodeDataBytes) return dataTooLarge(operation.data, limits);
  if (!znode.exists) return failed('noNode', `${znode.path} does not exist`);
  const refusal = refusalByAcl(znode, 'write', identities);
  if (refusal !== null) return refusal;
  if (operation.version !== ANY_VERSION && operation.version !== znode.version) {
    return badVersion(znode, operation.version);
  }
  return {
    kind: 'setZnodeData',
    path: znode.path,
    data: operation.data,
    version: znode.version + 1,
  };
}

export function validateSetAcl(
  operation: SetAcl,
  znode: OverlayZnode,
  identities: Identities,
): Edit<'setZnodeAcl'> {
  if (!znode.exists) return failed('noNode', `${znode.path} does not exist`);
  const refusal = refusalByAcl(znode, 'admin', identities);
  if (refusal !== null) return refusal;
  const acl = aclToSet(operation.acl, identities);
  if (isRefusal(acl)) return acl;
  const { version } = znode.access;
  if (operation.version !== ANY_VERSION && operation.version !== version) {
    const reason = `the ACL of ${znode.path} is at version ${version}, not ${operation.version}`;
    return failed('badVersion', reason);
  }
  return { kind: 'setZnodeAcl', path: znode.path, acl, version: version + 1 };
}

/** Null: nothing but what is below it stands in the way. */
export function refusalOfDelete(
  operation: Delete,
  znode: OverlayZnode,
  parent: OverlayZnode,
  identities: Identities,
): Failed | null {
  if (operation.path === ROOT) return failed('badArguments', 'the root cannot be deleted');
  if (!znode.exists) return failed('noNode', `${znode.path} does not exist`);
  const refusal = refusalByAcl(parent, 'delete', identities);
  if (refusal !== null) return refusal;
  if (operation.version !== ANY_VERSION && operation.version !== znode.version) {
    return badVersion(znode, operation.version);
  }
  return null;
}

export function validateDelete(
  operation: Delete,
  znode: OverlayZnode,
  parent: OverlayZnode,
  identities: Identities,
): Edit<'deleteZnode'> {
  const refusal = refusalOfDelete(operation, znode, parent, identities);
  if (refusal !== null) return refusal;
  if (znode.numChildren > 0) {
    return failed('notEmpty', `${znode.path} has ${znode.numChildren} children`);
  }
  return { kind: 'deleteZnode', path: znode.path, parentCversion: parent.cversion + 1 };
}

/** `quotas`: the bytes that all of them take. */
export function refusalOfQuota(
  { operation, identities, znode, above }: QueuedQuota,
  quotas: { readonly bytes: number; find(at: ZnodePath): unknown },
  limits: Limits,
): Failed | null {
  const { path, quota } = operation;
  if (!znode.exists) return failed('noNode', `${path} does not exist`);
  const refusal = refusalByAcl(above, 'admin', identities);
  if (refusal !== null) return refusal;
  if (isNoQuota(quota) || quotas.find(path) !== undefined) return null;
  const more = quotaCost(path);
  const use = quotas.bytes;
  const limit = limits.quotaBytes;
  if (use + more <= limit) return null;
  return failed(
    'quotaExceeded',
    `all quotas would take ${use + more} bytes, and at most ${limit} are allowed`,
    { kind: 'quotas', path: '', limit, use, more },
  );
}

/** What the edit would make more of than there may be; the znodes are as they were before. */
export function refusalByLimits(
  edit: ZnodeEdit,
  znode: OverlayZnode,
  parent: OverlayZnode | null,
  { limits, quotas }: Pick<TermState, 'limits' | 'quotas'>,
): Failed | null {
  const limit = limits.childrenPerZnode;
  if (edit.kind === 'createZnode' && parent !== null && parent.numChildren >= limit) {
    const use = parent.numChildren;
    return failed(
      'quotaExceeded',
      `${shortened(parent.path, NAMED_MAX)} has ${use} children, and a znode has at most ${limit}`,
      { kind: 'childrenPerZnode', path: parent.path, limit, use, more: 1 },
    );
  }
  return quotas.refusalOf(edit, znode);
}

export function badVersion(znode: OverlayZnode, asked: number): Failed {
  return failed('badVersion', `${znode.path} is at version ${znode.version}, not ${asked}`);
}

function dataTooLarge(data: Uint8Array, limits: Limits): Failed {
  const limit = limits.znodeDataBytes;
  return failed(
    'tooLarge',
    `the data has ${data.length} bytes, and a znode holds at most ${limit}`,
    { kind: 'znodeDataBytes', path: '', limit, use: 0, more: data.length },
  );
}
