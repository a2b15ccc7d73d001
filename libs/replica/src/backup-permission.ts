import { isLoopback } from '@paddock/model';
import type { Identities } from '@paddock/model';

/**
 * A backup has every znode, whatever its ACL: it is for the user super. Where nobody is super it is for callers on the
 * machine itself, who are where the data is. Returns why it is not for these; null: it is.
 */
export function backupRefusal(identities: Identities, hasSuper: boolean): string | null {
  if (identities?.some(({ scheme }) => scheme === 'super') === true) return null;
  if (hasSuper) return 'a backup has every znode: only the user super may take one';
  const isHere = identities?.some(
    ({ scheme, id }) => scheme === 'ip' && isLoopback(id.replace('::ffff:', '')),
  );
  if (isHere === true) return null;
  return 'a backup has every znode: without a superDigest only callers on this machine may take one';
}
