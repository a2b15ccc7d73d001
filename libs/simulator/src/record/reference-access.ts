// Access control as ZooKeeper has it, without a thought for speed.
import { faultOfAcl, PERMISSIONS, TOKEN_SCHEME } from '@paddock/model';
import type { Acl, AclEntry, Identities, Permission } from '@paddock/model';

/** With what proves identities here. */
export function isValid(acl: Acl): boolean {
  return faultOfAcl(acl, new Set([TOKEN_SCHEME])) === null;
}

export function may(
  { acl }: { readonly acl: Acl },
  permission: Permission,
  identities: Identities = [],
): boolean {
  if (identities.some(({ scheme }) => scheme === 'super')) return true;
  const isMeant = (entry: AclEntry): boolean =>
    entry.scheme === 'world' ||
    identities.some(({ scheme, id }) => scheme === entry.scheme && id === entry.id);
  return acl.some((it) => (it.permissions & PERMISSIONS[permission]) > 0 && isMeant(it));
}

/** What a creation below `parent` writes; undefined where it says nothing of an ACL, null where it is refused. */
export function createdWith(
  acl: Acl | undefined,
  parent: Acl,
  identities: Identities,
): Acl | undefined | null {
  if (acl === undefined) return undefined;
  const entries = acl.flatMap((it) => (it.scheme === 'parent' ? inherited(it, parent) : [it]));
  return entries.length === 0 ? null : writtenAs(entries, identities);
}

/** The entries of the parent, as far as the permissions of this one go. */
function inherited({ permissions }: AclEntry, parent: Acl): Acl {
  return parent
    .map((it) => ({ ...it, permissions: it.permissions & permissions }))
    .filter((it) => it.permissions > 0);
}

/** An entry of the scheme auth is one for each identity of the writer; null where there is none. */
export function writtenAs(acl: Acl, identities: Identities = []): Acl | null {
  if (acl.some(({ scheme }) => scheme === 'parent')) return null;
  const proved = identities.filter(({ scheme }) => scheme !== 'super');
  if (acl.some(({ scheme }) => scheme === 'auth') && proved.length === 0) return null;
  return acl.flatMap((it) =>
    it.scheme === 'auth' ? proved.map((by) => ({ permissions: it.permissions, ...by })) : [it],
  );
}

/** Without the hashes of passwords. */
export function masked(acl: Acl): Acl {
  return acl.map((it) => {
    return it.scheme === 'digest' ? { ...it, id: it.id.replace(/:.*/, ':x') } : it;
  });
}
