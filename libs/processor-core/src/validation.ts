import {
  ANY_VERSION,
  ephemeralCost,
  isEphemeral,
  isNoQuota,
  kindOfMode,
  NO_SESSION,
  quotaCost,
  ROOT,
} from '@paddock/model';
import type {
  Change,
  ErrorCode,
  Limits,
  WriteOperation,
  ZnodeEdit,
  ZnodePath,
} from '@paddock/model';
import type { OverlayZnode } from './overlay-znode.ts';
import type { SetQuota } from './request-queue.ts';
import type { SessionState } from './session-table.ts';

type Create = Extract<WriteOperation, { readonly kind: 'create' }>;
type SetData = Omit<Extract<WriteOperation, { readonly kind: 'setData' }>, 'kind'>;
type Delete = Omit<Extract<WriteOperation, { readonly kind: 'delete' }>, 'kind'>;

type Refusal = Extract<Change, { readonly kind: 'failed' }>;
type Edit<Kind extends ZnodeEdit['kind']> = Extract<ZnodeEdit, { readonly kind: Kind }> | Refusal;

export function failed(code: ErrorCode, reason: string): Refusal {
  return { kind: 'failed', code, reason };
}

/** What a create below this parent comes to whatever its name is; null: the name decides. */
export function refusalByParent(
  operation: Create,
  parent: OverlayZnode,
  limits: Limits,
): Refusal | null {
  if (operation.data.length > limits.znodeDataBytes) return dataTooLarge(operation.data, limits);
  if (!parent.exists) return failed('noNode', `the parent ${parent.path} does not exist`);
  return null;
}

/** ZooKeeper's order of checks: parent, name, parent's kind; then Paddock's own bound (H6). */
export function validateCreate(
  operation: Create,
  znode: OverlayZnode,
  parent: OverlayZnode,
  owner: SessionState,
  ephemeralBytes: number,
): Edit<'createZnode'> {
  if (znode.exists) return failed('nodeExists', `${znode.path} exists`);
  if (parent.ephemeralOwner !== NO_SESSION) {
    return failed('noChildrenForEphemerals', `the parent ${parent.path} is ephemeral`);
  }
  const ephemeral = isEphemeral(operation.mode);
  if (ephemeral && owner.ephemeralBytes + ephemeralCost(znode.path.length) > ephemeralBytes) {
    return failed(
      'quotaExceeded',
      `the ephemerals of the session would take more than ${ephemeralBytes} bytes`,
    );
  }
  return {
    kind: 'createZnode',
    path: znode.path,
    data: operation.data,
    znodeKind: kindOfMode(operation.mode),
    ephemeralOwner: ephemeral ? owner.session : NO_SESSION,
    ttlMs: operation.ttlMs,
    parentCversion: parent.cversion + 1,
    parentCreates: parent.creates + 1,
  };
}

export function validateSetData(
  operation: SetData,
  znode: OverlayZnode,
  limits: Limits,
): Edit<'setZnodeData'> {
  if (operation.data.length > limits.znodeDataBytes) return dataTooLarge(operation.data, limits);
  if (!znode.exists) return failed('noNode', `${znode.path} does not exist`);
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

/** Null: nothing but what is below it stands in the way. */
export function refusalOfDelete(operation: Delete, znode: OverlayZnode): Refusal | null {
  if (operation.path === ROOT) return failed('badArguments', 'the root cannot be deleted');
  if (!znode.exists) return failed('noNode', `${znode.path} does not exist`);
  if (operation.version !== ANY_VERSION && operation.version !== znode.version) {
    return badVersion(znode, operation.version);
  }
  return null;
}

export function validateDelete(
  operation: Delete,
  znode: OverlayZnode,
  parent: OverlayZnode,
): Edit<'deleteZnode'> {
  const refusal = refusalOfDelete(operation, znode);
  if (refusal !== null) return refusal;
  if (znode.numChildren > 0) {
    return failed('notEmpty', `${znode.path} has ${znode.numChildren} children`);
  }
  return { kind: 'deleteZnode', path: znode.path, parentCversion: parent.cversion + 1 };
}

/** `quotas`: the bytes that all of them take. */
export function refusalOfQuota(
  { path, quota }: SetQuota,
  znode: OverlayZnode,
  quotas: { readonly bytes: number; find(at: ZnodePath): unknown },
  limits: Limits,
): Refusal | null {
  if (!znode.exists) return failed('noNode', `${path} does not exist`);
  if (isNoQuota(quota) || quotas.find(path) !== undefined) return null;
  const bytes = quotas.bytes + quotaCost(path);
  if (bytes <= limits.quotaBytes) return null;
  const most = `at most ${limits.quotaBytes} are allowed`;
  return failed('quotaExceeded', `all quotas would take ${bytes} bytes, and ${most}`);
}

export function badVersion(znode: OverlayZnode, asked: number): Refusal {
  return failed('badVersion', `${znode.path} is at version ${znode.version}, not ${asked}`);
}

function dataTooLarge(data: Uint8Array, limits: Limits): Refusal {
  return failed(
    'tooLarge',
    `the data has ${data.length} bytes, and a znode holds at most ${limits.znodeDataBytes}`,
  );
}
