// ACLs and identities: protos/paddock/client/v1/acl.proto. What a client says of an ACL is checked by the front-end,
// which answers what is bad in its place in the order.
import { paddock } from '@paddock/contracts';
import { internedAcl, OPEN_ACL } from '@paddock/model';
import type { Access, Acl, Credential, Identities, Identity } from '@paddock/model';
import { bytesOf, word, type Field } from './fields.ts';

const wire = paddock.client.v1;

type WireEntry = paddock.client.v1.AclEntry.$Properties;
type WireIdentity = paddock.client.v1.Identity.$Properties;

const CREDENTIAL_BYTES_MAX = 64 * 1024;

export function writeAcl(acl: Acl | undefined): WireEntry[] {
  return (acl ?? []).map(({ permissions, scheme, id }) => ({ permissions, scheme, id }));
}

/** Undefined where it has no entries. */
export function readAcl(entries: Field<readonly WireEntry[]>): Acl | undefined {
  return entries === null || entries === undefined || entries.length === 0
    ? undefined
    : readWholeAcl(entries);
}

export function readWholeAcl(entries: Field<readonly WireEntry[]>): Acl {
  const acl = (entries ?? []).map((it) => ({
    permissions: word(it.permissions),
    scheme: it.scheme ?? '',
    id: it.id ?? '',
  }));
  return internedAcl(acl);
}

function writeAccess({ acl, version }: Access): paddock.client.v1.Access.$Properties {
  return { entries: acl === OPEN_ACL ? [] : writeAcl(acl), version };
}

export function encodeAccess(access: Access): Uint8Array {
  return wire.Access.encode(writeAccess(access)).finish();
}

export function readAccess(access: paddock.client.v1.Access.$Properties): Access {
  const acl = readAcl(access.entries) ?? OPEN_ACL;
  return { acl, version: word(access.version) };
}

/** What a record says of its ACL; absent where it is open, and was never set. */
export function accessField(access: Access | undefined): {
  access?: paddock.client.v1.Access.$Properties;
} {
  return access === undefined ? {} : { access: writeAccess(access) };
}

export function readAccessField(
  field: Field<paddock.client.v1.Access.$Properties>,
): Access | undefined {
  return field === null || field === undefined ? undefined : readAccess(field);
}

export function decodeAccess(bytes: Uint8Array): Access {
  return readAccess(wire.Access.decode(bytes));
}

export function writeIdentities(identities: readonly Identity[]): WireIdentity[] {
  return identities.map(({ scheme, id }) => ({ scheme, id }));
}

export function readIdentityList(identities: Field<readonly WireIdentity[]>): Identity[] {
  return (identities ?? []).map((it) => ({ scheme: it.scheme ?? '', id: it.id ?? '' }));
}

/** What a message between stages says of who it comes from; absent where nobody is known. */
export function identitiesField(identities: Identities): {
  identities?: paddock.client.v1.Identities.$Properties;
} {
  if (identities === undefined) return {};
  return { identities: { identities: writeIdentities(identities) } };
}

export function readIdentities(field: Field<paddock.client.v1.Identities.$Properties>): Identities {
  return field === null || field === undefined ? undefined : readIdentityList(field.identities);
}

const encoded = new WeakMap<readonly Identity[], Uint8Array>();

/** A connection has the same identities with everything that it sends: they are encoded once. */
export function encodeIdentities(identities: readonly Identity[]): Uint8Array {
  let bytes = encoded.get(identities);
  if (bytes === undefined) {
    bytes = wire.Identities.encode({ identities: writeIdentities(identities) }).finish();
    encoded.set(identities, bytes);
  }
  return bytes;
}

let lastBytes = new Uint8Array(0);
let lastIdentities: Identities = [];

/** What follows each other comes from the same connection more often than not. */
export function decodeIdentities(bytes: Uint8Array | undefined): Identities {
  if (bytes === undefined) return undefined;
  if (!isSame(bytes, lastBytes)) {
    lastIdentities = readIdentityList(wire.Identities.decode(bytes).identities);
    lastBytes = bytes.slice();
  }
  return lastIdentities;
}

function isSame(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

export function writeCredentials(
  credentials: readonly Credential[] | undefined,
): paddock.client.v1.Credential.$Properties[] {
  return (credentials ?? []).map(({ scheme, credential }) => ({ scheme, credential }));
}

export function readCredential(wire: paddock.client.v1.Credential.$Properties): Credential {
  const credential = bytesOf(wire.credential, CREDENTIAL_BYTES_MAX, 'credential');
  return { scheme: wire.scheme ?? '', credential };
}

/** Undefined where there are none. */
export function readCredentials(
  field: Field<readonly paddock.client.v1.Credential.$Properties[]>,
): readonly Credential[] | undefined {
  return field === null || field === undefined || field.length === 0
    ? undefined
    : field.map(readCredential);
}
