import { faultOfPermissions, QUOTA_LIMITS } from '@paddock/model';
import type {
  Acl,
  ClientOperation,
  ClientRead,
  Quota,
  SessionId,
  TransactionOperation,
  Zxid,
} from '@paddock/model';

const VERSION_MAX = 2 ** 31 - 1;
const LIMIT_MAX = 2 ** 32 - 1;
const STALENESS_MS_MAX = 2 ** 31 - 1;

/**
 * What is wrong with an argument that the wire would carry as another value, or that would cost the connection;
 * undefined where nothing is. All else is the service's to refuse.
 */
export function faultOf(operation: ClientOperation): string | undefined {
  switch (operation.kind) {
    case 'setData':
    case 'delete':
    case 'setAcl':
      return faultOfVersion(operation.version);
    case 'getData':
    case 'exists':
    case 'getChildren':
    case 'countDescendants':
    case 'getQuotas':
    case 'getAcl':
    case 'can':
    case 'readMany':
    case 'getSubtree':
      return faultOfRead(operation);
    case 'getChildrenPage':
    case 'getWatches':
      return faultOfRead(operation) ?? faultOfLimit(operation.limit);
    case 'getEphemerals':
      return faultOfRead(operation) ?? faultOfOwner(operation.owner);
    case 'listSessions':
      return (
        faultOfRead(operation) ??
        faultOfOwner(operation.afterSession) ??
        faultOfLimit(operation.limit)
      );
    case 'setQuota':
      return faultOfQuota(operation.quota);
    case 'transaction':
      return faultOfTransaction(operation);
    case 'create':
      return Number.isSafeInteger(operation.ttlMs) && operation.ttlMs >= 0
        ? undefined
        : `a time to live is in whole milliseconds, not ${operation.ttlMs}`;
    case 'addAuth':
    case 'whoAmI':
    case 'sync':
    case 'closeSession':
    case 'unknown':
      return undefined;
  }
}

/** On the wire an ACL without entries is none, which would leave open what is to be closed. */
export function faultOfAcls(operation: ClientOperation): string | undefined {
  for (const acl of aclsOf(operation)) {
    if (acl === undefined) continue;
    if (acl.length === 0) return 'an ACL without entries allows nobody anything';
    for (const { permissions } of acl) {
      const fault = faultOfPermissions(permissions);
      if (fault !== null) return fault;
    }
  }
  return undefined;
}

function aclsOf(operation: ClientOperation): readonly (Acl | undefined)[] {
  switch (operation.kind) {
    case 'create':
    case 'setAcl':
      return [operation.acl];
    case 'transaction':
      return [...operation.then, ...operation.otherwise].map((it) =>
        'acl' in it ? it.acl : undefined,
      );
    default:
      return [];
  }
}

function faultOfRead({ atLeast, consistency }: ClientRead): string | undefined {
  if (!isZxid(atLeast)) return `${atLeast} is no zxid`;
  if (consistency?.kind !== 'boundedStaleness') return undefined;
  const { ms } = consistency;
  if (Number.isInteger(ms) && ms >= 0 && ms <= STALENESS_MS_MAX) return undefined;
  return `a staleness is in whole milliseconds from 0 to ${STALENESS_MS_MAX}, not ${ms}`;
}

function faultOfQuota(quota: Quota): string | undefined {
  const wrong = QUOTA_LIMITS.find((it) => !(Number.isSafeInteger(quota[it]) && quota[it] >= 0));
  if (wrong === undefined) return undefined;
  return `${wrong} is a whole number from 0 (no limit) on, not ${quota[wrong]}`;
}

function faultOfLimit(limit: number): string | undefined {
  if (Number.isInteger(limit) && limit >= 0 && limit <= LIMIT_MAX) return undefined;
  return `a limit is a whole number from 0 to ${LIMIT_MAX}, not ${limit}`;
}

function faultOfOwner(owner: SessionId): string | undefined {
  return Number.isSafeInteger(owner) && owner >= 0 ? undefined : `${owner} is no session`;
}

function faultOfVersion(version: number): string | undefined {
  return isVersion(version)
    ? undefined
    : `a version is an integer from 0 to ${VERSION_MAX}, or -1 for any, not ${version}`;
}

function faultOfTransaction(operation: TransactionOperation<string>): string | undefined {
  const { guard, compare, then, otherwise } = operation;
  if (guard !== null && !isZxid(guard.czxid)) return `${guard.czxid} is no zxid`;
  for (const it of compare) {
    if ('value' in it && !(Number.isSafeInteger(it.value) && it.value >= 0)) {
      return `the ${it.kind} of ${it.path} is compared with ${it.value}, which is no number from 0 on`;
    }
  }
  for (const step of [...then, ...otherwise]) {
    const fault = 'version' in step ? faultOfVersion(step.version) : undefined;
    if (fault !== undefined) return fault;
  }
  return undefined;
}

function isVersion(version: number): boolean {
  return Number.isInteger(version) && version >= -1 && version <= VERSION_MAX;
}

function isZxid(zxid: Zxid): boolean {
  return Number.isSafeInteger(zxid) && zxid >= 0;
}
