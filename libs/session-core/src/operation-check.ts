import {
  aclBytes,
  BATCH_PATHS_MAX,
  BATCH_READS_MAX,
  faultOfAcl,
  faultOfPermissions,
  isSequential,
  NO_SESSION,
  PAGE_NAMES_MAX,
  PAGE_SESSIONS_MAX,
  parseZnodePath,
  transactionBytes,
} from '@paddock/model';
import type {
  BatchedRead,
  ClientOperation,
  ClientRead,
  ClientWrite,
  ClientZnodeRead,
  ErrorCode,
  Failed,
  Limits,
  ReachedLimit,
  ReadOperation,
  SessionId,
  WriteOperation,
  ZnodePath,
} from '@paddock/model';
import { faultOfAfter, faultOfQuota, faultOfTtl, faultOfVersion } from './argument-faults.ts';
import { checkTransaction } from './transaction-check.ts';

export function failed(code: ErrorCode, reason: string): Failed {
  return { kind: 'failed', code, reason };
}

function refused(code: ErrorCode, reason: string, limit?: ReachedLimit): WriteOperation {
  return limit === undefined
    ? { kind: 'refused', code, reason }
    : { kind: 'refused', code, reason, limit };
}

/** What a write becomes; a bad one becomes a refusal that travels on under its sequence (H2). */
export function checkWrite(
  operation: ClientWrite,
  limits: Limits,
  schemes: ReadonlySet<string>,
): WriteOperation {
  switch (operation.kind) {
    case 'create': {
      const { data, mode, ttlMs, acl } = operation;
      const parsed = parseZnodePath(operation.path, isSequential(mode));
      if (!parsed.ok) return refused('badArguments', parsed.reason);
      const fault = faultOfTtl(mode, ttlMs);
      if (fault !== null) return refused('badArguments', fault);
      const faultOfEntries = acl === undefined ? null : faultOfAcl(acl, schemes);
      if (faultOfEntries !== null) return refused('invalidAcl', faultOfEntries);
      const excess = excessOf(operation.path, data, limits);
      return excess ?? { kind: 'create', path: parsed.path, data, mode, ttlMs, acl };
    }
    case 'setData': {
      const { data, version } = operation;
      const parsed = parseZnodePath(operation.path);
      if (!parsed.ok) return refused('badArguments', parsed.reason);
      const fault = faultOfVersion(version);
      if (fault !== null) return refused('badArguments', fault);
      const excess = excessOf(operation.path, data, limits);
      return excess ?? { kind: 'setData', path: parsed.path, data, version };
    }
    case 'delete': {
      const { version } = operation;
      const parsed = parseZnodePath(operation.path);
      if (!parsed.ok) return refused('badArguments', parsed.reason);
      const fault = faultOfVersion(version);
      if (fault !== null) return refused('badArguments', fault);
      return { kind: 'delete', path: parsed.path, version };
    }
    case 'setQuota': {
      const { quota } = operation;
      const parsed = parseZnodePath(operation.path);
      if (!parsed.ok) return refused('badArguments', parsed.reason);
      const fault = faultOfQuota(quota);
      if (fault !== null) return refused('badArguments', fault);
      return { kind: 'setQuota', path: parsed.path, quota };
    }
    case 'setAcl': {
      const { acl, version } = operation;
      const parsed = parseZnodePath(operation.path);
      if (!parsed.ok) return refused('badArguments', parsed.reason);
      const fault = faultOfVersion(version);
      if (fault !== null) return refused('badArguments', fault);
      const faultOfEntries = faultOfAcl(acl, schemes);
      if (faultOfEntries !== null) return refused('invalidAcl', faultOfEntries);
      return { kind: 'setAcl', path: parsed.path, acl, version };
    }
    case 'transaction': {
      const bytes = operationBytes(operation);
      if (bytes > limits.requestBytes) return tooManyBytes(bytes, limits);
      return checkTransaction(operation, limits, schemes);
    }
    case 'closeSession':
      return { kind: 'closeSession' };
  }
}

/** The read of a session, or of none, to ask the database for; or the answer of one that is bad. */
export function checkRead(operation: ClientRead, session: SessionId): ReadOperation | Failed {
  const parsed = parseZnodePath(operation.path);
  if (!parsed.ok) return failed('badArguments', parsed.reason);
  const { path } = parsed;
  switch (operation.kind) {
    case 'getData':
    case 'exists':
    case 'getChildren':
      return checkZnodeRead(operation, path);
    case 'getChildrenPage': {
      const fault = faultOfAfter(operation.after);
      if (fault !== null) return failed('badArguments', fault);
      const { watch, after } = operation;
      const limit = Math.min(operation.limit, PAGE_NAMES_MAX) || PAGE_NAMES_MAX;
      return { kind: 'getChildrenPage', path, watch, after, limit };
    }
    case 'countDescendants':
    case 'getQuotas':
    case 'getAcl':
      return { kind: operation.kind, path, watch: false };
    case 'getSubtree': {
      if (session !== NO_SESSION) return failed('badArguments', 'a subtree is told to calls alone');
      const { snapshot, bytes } = operation;
      return { kind: 'getSubtree', path, watch: false, snapshot, bytes };
    }
    case 'readMany':
      return checkReads(operation.reads, path);
    case 'can': {
      const { permissions } = operation;
      const fault = faultOfPermissions(permissions);
      if (fault !== null) return failed('badArguments', fault);
      return { kind: 'can', path, watch: false, permissions };
    }
    case 'getEphemerals': {
      const owner = operation.owner === NO_SESSION ? session : operation.owner;
      if (owner !== NO_SESSION) return { kind: 'getEphemerals', path, watch: false, owner };
      return failed('badArguments', 'a call without a session has no ephemerals: name a session');
    }
    case 'listSessions': {
      const { afterSession } = operation;
      const limit = Math.min(operation.limit, PAGE_SESSIONS_MAX) || PAGE_SESSIONS_MAX;
      return { kind: 'listSessions', path, watch: false, afterSession, limit };
    }
    case 'getWatches': {
      if (session === NO_SESSION) {
        return failed('badArguments', 'a call without a session has no watches to list');
      }
      const { after } = operation;
      // Behind "/a/" is what is below "/a".
      const behind = after === '' ? null : parseZnodePath(after, true);
      if (behind?.ok === false) return failed('badArguments', `after: ${behind.reason}`);
      const limit = Math.min(operation.limit, PAGE_NAMES_MAX) || PAGE_NAMES_MAX;
      return { kind: 'getWatches', path, watch: false, after, limit };
    }
  }
}

function checkReads(
  reads: readonly BatchedRead<string>[],
  path: ZnodePath,
): ReadOperation | Failed {
  if (reads.length === 0) return failed('badArguments', 'a batch has no reads');
  if (reads.length > BATCH_READS_MAX) {
    const reason = `a batch has ${reads.length} reads; at most ${BATCH_READS_MAX} go`;
    return failed('tooLarge', reason);
  }
  const units = reads.reduce((sum, it) => sum + it.path.length, 0);
  if (units > BATCH_PATHS_MAX) {
    const reason = `the paths of a batch have ${units} units; at most ${BATCH_PATHS_MAX} go`;
    return failed('tooLarge', reason);
  }
  const checked: BatchedRead[] = [];
  for (const [index, it] of reads.entries()) {
    const parsed = parseZnodePath(it.path);
    if (!parsed.ok) return failed('badArguments', `read ${index}: ${parsed.reason}`);
    checked.push({ kind: it.kind, path: parsed.path });
  }
  return { kind: 'readMany', path, watch: false, reads: checked };
}

function checkZnodeRead(
  { kind, watch, mode }: ClientZnodeRead,
  path: ZnodePath,
): ReadOperation | Failed {
  if (mode === undefined) return { kind, path, watch };
  if (kind !== 'exists' || !watch) {
    return failed('badArguments', 'a watch that stays is set by an exists that watches');
  }
  return { kind, path, watch, mode };
}

/** Whether its floor is what the leader confirms to be committed after its arrival (H13). */
export function isLinearizable({ consistency }: ClientRead): boolean {
  return consistency?.kind === 'linearizable';
}

/** How long ago, in ms, the replica may have been confirmed to be fresh; Infinity: as local reads demand. */
export function stalenessOf({ consistency }: ClientRead): number {
  return consistency?.kind === 'boundedStaleness' ? Math.max(consistency.ms, 0) : Infinity;
}

/** Bytes that an operation holds, near enough for a bound. */
export function operationBytes(operation: ClientOperation): number {
  switch (operation.kind) {
    case 'create':
      return FIXED_BYTES + operation.path.length + operation.data.length + aclBytes(operation.acl);
    case 'setData':
      return FIXED_BYTES + operation.path.length + operation.data.length;
    case 'setAcl':
      return FIXED_BYTES + operation.path.length + aclBytes(operation.acl);
    case 'addAuth':
      return FIXED_BYTES + operation.credential.length;
    case 'delete':
    case 'getData':
    case 'exists':
    case 'getChildren':
    case 'countDescendants':
    case 'getQuotas':
    case 'setQuota':
    case 'getSubtree':
    case 'getEphemerals':
    case 'listSessions':
    case 'getAcl':
    case 'can':
      return FIXED_BYTES + operation.path.length;
    case 'getChildrenPage':
    case 'getWatches':
      return FIXED_BYTES + operation.path.length + operation.after.length;
    case 'readMany':
      return operation.reads.reduce((sum, it) => sum + FIXED_BYTES + it.path.length, FIXED_BYTES);
    case 'transaction':
      return FIXED_BYTES + transactionBytes(operation);
    case 'closeSession':
    case 'sync':
    case 'whoAmI':
    case 'unknown':
      return FIXED_BYTES;
  }
}

const FIXED_BYTES = 64;

function excessOf(path: string, data: Uint8Array, limits: Limits): WriteOperation | undefined {
  if (data.length > limits.znodeDataBytes) {
    const most = `a znode holds at most ${limits.znodeDataBytes}`;
    return refused('tooLarge', `the data has ${data.length} bytes; ${most}`, {
      ...{ kind: 'znodeDataBytes', path: '', limit: limits.znodeDataBytes },
      ...{ use: 0, more: data.length },
    });
  }
  // UTF-8 has at most three bytes for a UTF-16 unit.
  const bytes = FIXED_BYTES + 3 * path.length + data.length;
  return bytes > limits.requestBytes ? tooManyBytes(bytes, limits) : undefined;
}

function tooManyBytes(bytes: number, limits: Limits): WriteOperation {
  const limit = limits.requestBytes;
  return refused('tooLarge', `the request has ${bytes} bytes; at most ${limit} go`, {
    ...{ kind: 'requestBytes', path: '', limit, use: 0, more: bytes },
  });
}
