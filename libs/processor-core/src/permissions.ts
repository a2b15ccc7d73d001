import { aclOfWriter, internedAcl, missingPermission, permits } from '@paddock/model';
import type { Acl, Change, Identities, Permission } from '@paddock/model';
import type { OverlayZnode } from './overlay-znode.ts';

type Refusal = Extract<Change, { readonly kind: 'failed' }>;

/** Null: the znode's ACL, as it will be when the write applies, gives its writer the permission. */
export function refusalByAcl(
  znode: OverlayZnode,
  permission: Permission,
  identities: Identities,
): Refusal | null {
  if (permits(znode.access.acl, permission, identities)) return null;
  return missingPermission(znode.path, permission);
}

/** The ACL that a znode gets, with its writer in place of the scheme auth; or the refusal of a writer who is nobody. */
export function aclToSet(acl: Acl, identities: Identities): Acl | Refusal {
  const written = aclOfWriter(acl, identities);
  if (written !== null) return internedAcl(written);
  const reason = 'the scheme auth stands for a writer who has proved an identity';
  return { kind: 'failed', code: 'invalidAcl', reason };
}

export function isRefusal(acl: Acl | Refusal | undefined): acl is Refusal {
  return acl !== undefined && 'kind' in acl;
}
