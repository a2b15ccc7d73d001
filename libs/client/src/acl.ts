import { ALL_PERMISSIONS, PERMISSION_NAMES, PERMISSIONS } from '@paddock/model';
import type { Acl, AclEntry, Permission } from '@paddock/model';

const LETTERS: Readonly<Record<string, Permission>> = {
  c: 'create',
  d: 'delete',
  r: 'read',
  w: 'write',
  a: 'admin',
};

/** Everything to whoever writes it. */
export const CREATOR_ALL_ACL: Acl = [{ permissions: ALL_PERMISSIONS, scheme: 'auth', id: '' }];
/** Reading to everybody, and nothing else. */
export const READ_ACL_UNSAFE: Acl = [
  { permissions: PERMISSIONS.read, scheme: 'world', id: 'anyone' },
];

export function permissionsOf(permissions: Permission | readonly Permission[]): number {
  const names = typeof permissions === 'string' ? [permissions] : permissions;
  return names.reduce((sum, it) => sum | PERMISSIONS[it], 0);
}

/**
 * Reads an ACL as ZooKeeper's tools write it: entries "scheme:id:permissions" separated by commas, the permissions by
 * letters of "cdrwa", as in "world:anyone:r,auth::cdrwa". Undefined where it is none.
 */
export function parseAcl(text: string): Acl | undefined {
  const acl: AclEntry[] = [];
  for (const part of text.split(',')) {
    const entry = parseEntry(part.trim());
    if (entry === undefined) return undefined;
    acl.push(entry);
  }
  return acl;
}

function parseEntry(text: string): AclEntry | undefined {
  const first = text.indexOf(':');
  const last = text.lastIndexOf(':');
  if (first < 1 || last === first) return undefined;
  let permissions = 0;
  for (const letter of text.slice(last + 1)) {
    const name = LETTERS[letter];
    if (name === undefined) return undefined;
    permissions |= PERMISSIONS[name];
  }
  return { permissions, scheme: text.slice(0, first), id: text.slice(first + 1, last) };
}

export function formatAcl(acl: Acl): string[] {
  return acl.map(({ permissions, scheme, id }) => {
    const letters = Object.entries(LETTERS).filter(
      ([, name]) => (permissions & PERMISSIONS[name]) !== 0,
    );
    return `${scheme}:${id}:${letters.map(([letter]) => letter).join('')}`;
  });
}

export { PERMISSION_NAMES };
