import { aclOfWriter, internedAcl, missingPermission, permits } from '@paddock/model';
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

/** The ACL that a znode gets, with its writer in place of the scheme auth; or the refusal of a writer who is nobody. */
export function aclToSet(acl: Acl, identities: Identities): Acl | Failed {
  const written = aclOfWriter(acl, identities);
  if (written !== null) return internedAcl(written);
  const reason = 'the scheme auth stands for a writer who has proved an identity';
  return { kind: 'failed', code: 'invalidAcl', reason };
}

export function isRefusal(acl: Acl | Failed | undefined): acl is Failed {
  return acl !== undefined && 'kind' in acl;
}
