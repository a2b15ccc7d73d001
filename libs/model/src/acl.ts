/** What an entry of an ACL allows, as ZooKeeper's bits. */
export const PERMISSIONS = {
  read: 1,
  write: 2,
  create: 4,
  delete: 8,
  admin: 16,
} as const;
export type Permission = keyof typeof PERMISSIONS;
export const PERMISSION_NAMES = Object.keys(PERMISSIONS) as readonly Permission[];
export const ALL_PERMISSIONS = 31;

/** Who somebody is, as a scheme proves it: digest "user:hash", ip an address, x509 a subject, super nothing more. */
export interface Identity {
  readonly scheme: string;
  readonly id: string;
}

/** As its connection has it, by the monotonic clock of that process; without `untilMs` until the connection ends. */
export interface ProvedIdentity extends Identity {
  readonly untilMs?: number;
}

/** Who a connection is, as it has proved. */
export type ProvedIdentities = readonly ProvedIdentity[] | undefined;

/** Who a request comes from. Undefined: nobody that is known, who may do what everybody may. */
export type Identities = readonly Identity[] | undefined;

export interface AclEntry extends Identity {
  /** A sum of PERMISSIONS. */
  readonly permissions: number;
}

/** What each entry allows is allowed; there is nothing that forbids. Undefined stands for OPEN_ACL. */
export type Acl = readonly AclEntry[];

/** Everything to everybody; it is this object wherever an ACL says no more than that, so that a check is a glance. */
export const OPEN_ACL: Acl = [{ permissions: ALL_PERMISSIONS, scheme: 'world', id: 'anyone' }];

/** A znode's ACL, and how often it was set. */
export interface Access {
  readonly acl: Acl;
  readonly version: number;
}

export const OPEN_ACCESS: Access = { acl: OPEN_ACL, version: 0 };

/** Entries of one ACL, and units of an id: an ACL is part of every creation, and kept in memory. */
export const ACL_ENTRIES_MAX = 256;
export const ACL_ID_MAX = 1024;

/** Whoever has an identity of this scheme may do everything. */
export const SUPER: Identity = { scheme: 'super', id: '' };

/**
 * Stands in the place of an identity whose proof holds no more: its id is "scheme:id". It allows nothing; a request
 * that lacks a permission is told that it should prove itself anew.
 */
export const EXPIRED_SCHEME = 'expired';

/** In the ACL of a creation: stands for the entries of the parent's ACL. */
export const PARENT_SCHEME = 'parent';

/** Bearer tokens prove who somebody is, and in which groups. */
export const TOKEN_SCHEME = 'jwt';
export const TOKEN_GROUP_SCHEME = 'jwt-group';

/** The same entries, as the object OPEN_ACL where they say no more than that. */
export function internedAcl(acl: Acl): Acl {
  if (acl === OPEN_ACL) return acl;
  const [only] = acl;
  const isOpen =
    acl.length === 1 &&
    only?.scheme === 'world' &&
    only.id === 'anyone' &&
    only.permissions === ALL_PERMISSIONS;
  return isOpen ? OPEN_ACL : acl;
}

/** Equal ACLs have equal keys, and different ones different keys. */
export function aclKey(acl: Acl): string {
  if (acl === OPEN_ACL) return '';
  return JSON.stringify(acl.map((it) => [it.permissions, it.scheme, it.id]));
}

/** Bytes that it takes in memory or on a link, about. */
export function aclBytes(acl: Acl | undefined): number {
  if (acl === undefined || acl === OPEN_ACL) return 0;
  return acl.reduce((sum, it) => sum + 16 + it.scheme.length + it.id.length, 0);
}

export function permissionNames(permissions: number): Permission[] {
  return PERMISSION_NAMES.filter((it) => (permissions & PERMISSIONS[it]) !== 0);
}
