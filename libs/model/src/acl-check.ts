import {
  ALL_PERMISSIONS,
  ACL_ENTRIES_MAX,
  ACL_ID_MAX,
  EXPIRED_SCHEME,
  OPEN_ACL,
  PARENT_SCHEME,
  PERMISSIONS,
  TOKEN_GROUP_SCHEME,
} from './acl.ts';
import type { Acl, AclEntry, Identities, Permission } from './acl.ts';
import { faultOfAddressRange, isAddressWithin } from './ip-address.ts';
import type { Failed } from './operation.ts';

/** Whether one of the identities has the permission. */
export function permits(acl: Acl, permission: Permission, identities: Identities): boolean {
  return permitsAll(acl, PERMISSIONS[permission], identities);
}

/** Whether they have every one of these permissions, a sum of PERMISSIONS, together. */
export function permitsAll(acl: Acl, permissions: number, identities: Identities): boolean {
  if (acl === OPEN_ACL) return true;
  if (identities?.some((it) => it.scheme === 'super') === true) return true;
  let missing = permissions;
  for (const entry of acl) {
    if ((entry.permissions & missing) !== 0 && isAbout(entry, identities)) {
      missing &= ~entry.permissions;
    }
  }
  return missing === 0;
}

/** The refusal of a request without the permission; `authFailed` where it may be there again with a new proof. */
export function missingPermission(
  path: string,
  permission: Permission,
  identities?: Identities,
): Failed {
  const lacking = `the permission ${permission} on ${path}`;
  const expired = identities?.find(({ scheme }) => scheme === EXPIRED_SCHEME);
  if (expired === undefined) return { kind: 'failed', code: 'noAuth', reason: lacking };
  const reason = `${lacking}; the proof of ${expired.id} has expired: show a new one`;
  return { kind: 'failed', code: 'authFailed', reason };
}

function isAbout(entry: AclEntry, identities: Identities): boolean {
  if (entry.scheme === 'world') return entry.id === 'anyone';
  if (identities === undefined) return false;
  for (const { scheme, id } of identities) {
    if (scheme !== entry.scheme) continue;
    if (id === entry.id || (scheme === 'ip' && isAddressWithin(id, entry.id))) return true;
  }
  return false;
}

/** Schemes of identities that say nothing of who somebody is, or not of him alone. */
const UNPROVED = new Set(['ip', 'world', 'super', EXPIRED_SCHEME, TOKEN_GROUP_SCHEME]);

/**
 * What an ACL says once it is a znode's: an entry of the scheme auth becomes one for each identity that its writer has
 * proved. Null where there is none.
 */
export function aclOfWriter(acl: Acl, identities: Identities): Acl | null {
  if (!acl.some((it) => it.scheme === 'auth')) return acl;
  const proved = (identities ?? []).filter((it) => !UNPROVED.has(it.scheme));
  if (proved.length === 0) return null;
  return acl.flatMap((entry) => {
    if (entry.scheme !== 'auth') return [entry];
    return proved.map(({ scheme, id }) => ({ permissions: entry.permissions, scheme, id }));
  });
}

/**
 * What the ACL of a creation says below a znode with the ACL `parent`: an entry of the scheme parent becomes that one's
 * entries, each as far as the entry's permissions go. Null where nothing is left, or more than an ACL holds.
 */
export function aclBelow(acl: Acl, parent: Acl): Acl | null {
  if (!acl.some((it) => it.scheme === PARENT_SCHEME)) return acl;
  const entries = acl.flatMap((entry) => {
    if (entry.scheme !== PARENT_SCHEME) return [entry];
    return parent.flatMap((it) => {
      const permissions = it.permissions & entry.permissions;
      return permissions === 0 ? [] : [{ ...it, permissions }];
    });
  });
  return entries.length === 0 || entries.length > ACL_ENTRIES_MAX ? null : entries;
}

/** As somebody sees it who may read, and may not administer: who has a password, and not the hash of it. */
export function withoutHashes(acl: Acl): Acl {
  if (!acl.some((it) => it.scheme === 'digest')) return acl;
  return acl.map((it) => {
    if (it.scheme !== 'digest') return it;
    return { ...it, id: `${it.id.split(':', 1)[0] ?? ''}:x` };
  });
}

/** The schemes that an ACL may name; `others` are those of providers of a front-end's own. */
const SCHEMES: ReadonlySet<string> = new Set([
  ...['world', 'auth', PARENT_SCHEME, 'digest', 'ip', 'x509'],
]);

/** What is wrong with an ACL that a client sent; null: nothing. */
export function faultOfAcl(acl: Acl, others: ReadonlySet<string>): string | null {
  if (acl.length === 0) return 'an ACL without entries allows nobody anything';
  if (acl.length > ACL_ENTRIES_MAX) return `an ACL has at most ${ACL_ENTRIES_MAX} entries`;
  for (const entry of acl) {
    const fault = faultOfEntry(entry, others);
    if (fault !== null) return fault;
  }
  return null;
}

export function faultOfPermissions(permissions: number): string | null {
  if (Number.isInteger(permissions) && permissions >= 0 && permissions <= ALL_PERMISSIONS) {
    return null;
  }
  return `permissions are a sum of 1, 2, 4, 8 and 16, not ${permissions}`;
}

function faultOfEntry({ permissions, scheme, id }: AclEntry, others: ReadonlySet<string>) {
  const fault = faultOfPermissions(permissions);
  if (fault !== null) return fault;
  if (!SCHEMES.has(scheme) && !others.has(scheme)) return `there is no scheme "${scheme}"`;
  if (id.length > ACL_ID_MAX) return `an id has at most ${ACL_ID_MAX} units`;
  switch (scheme) {
    case 'world':
      return id === 'anyone' ? null : `of the scheme world there is only anyone, not "${id}"`;
    case 'auth':
    case PARENT_SCHEME:
      return null;
    case 'ip':
      return faultOfAddressRange(id);
    case 'digest':
      return /^[^:]+:[^:]+$/.test(id) ? null : `an id of the scheme digest is "user:hash"`;
    default:
      return id === '' ? `an id of the scheme ${scheme} is not empty` : null;
  }
}
