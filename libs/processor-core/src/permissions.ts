import {
  aclBelow,
  aclOfWriter,
  internedAcl,
  missingPermission,
  PARENT_SCHEME,
  permits,
} from '@paddock/model';
import type { Acl, Failed, Identities, Permission } from '@paddock/model';
import type { OverlayZnode } from './overlay-znode.ts';

/** Null: the znode's ACL, as it will be when the write applies, gives its writer the permission. */
export function refusalByAcl(
  znode: OverlayZnode,
  permission: Permission,
  identities: Identities,
): Failed | null {
  if (permits(znode.access.acl, permission, identities)) return null;
  return missingPermission(znode.path, permission, identities);
}

/** The ACL that a new znode gets: the entries of its parent's in place of the scheme parent, else as `aclToSet`. */
export function aclToCreate(
  acl: Acl,
  { access }: OverlayZnode,
  identities: Identities,
): Acl | Failed {
  const below = aclBelow(acl, access.acl);
  if (below !== null) return written(below, identities);
  return invalidAcl('what the scheme parent stands for here is nothing, or more than an ACL holds');
}

/** The ACL that a znode gets, with its writer in place of the scheme auth; or the refusal of a writer who is nobody. */
export function aclToSet(acl: Acl, identities: Identities): Acl | Failed {
  if (!acl.some(({ scheme }) => scheme === PARENT_SCHEME)) return written(acl, identities);
  return invalidAcl('the scheme parent is for the ACLs of creations');
}

function written(acl: Acl, identities: Identities): Acl | Failed {
  const entries = aclOfWriter(acl, identities);
  if (entries !== null) return internedAcl(entries);
  return invalidAcl('the scheme auth stands for a writer who has proved an identity');
}

function invalidAcl(reason: string): Failed {
  return { kind: 'failed', code: 'invalidAcl', reason };
}

export function isRefusal(acl: Acl | Failed | undefined): acl is Failed {
  return acl !== undefined && 'kind' in acl;
}
