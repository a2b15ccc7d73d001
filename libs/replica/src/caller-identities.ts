import type { CallOrigin, IdentifyCaller } from '@paddock/link-grpc';
import type { Identity } from '@paddock/model';
import { SHA1_BASE64 } from '@paddock/node-runtime';
import { DigestProvider } from '@paddock/session-core';
import type { IdentityProvider } from '@paddock/session-core';

/** What proves identities by credentials; `superDigest` is "super:hash", or undefined where nobody is super. */
export function identityProviders(superDigest: string | undefined): readonly IdentityProvider[] {
  return [new DigestProvider(SHA1_BASE64, superDigest ?? null)];
}

const REFUSED = { refused: 'the header authorization proves nothing' } as const;

/**
 * Who a client is by its address, by its certificate, and by the header "authorization": Basic, which is a user and a
 * password in base64, proves an identity of the scheme digest.
 */
export function callerIdentities(providers: readonly IdentityProvider[]): IdentifyCaller {
  const digest = providers.find((it) => it.scheme === 'digest');
  return ({ address, authorization, certificate }: CallOrigin) => {
    const known: Identity[] = address === '' ? [] : [{ scheme: 'ip', id: address }];
    if (certificate !== undefined) known.push(certificate);
    if (authorization === undefined) return { identities: known };
    const credential = basicCredential(authorization);
    const proved = credential === null ? null : (digest?.identify(credential) ?? null);
    return proved === null ? REFUSED : { identities: [...known, ...proved] };
  };
}

function basicCredential(authorization: string): Uint8Array | null {
  const [scheme = '', value = ''] = authorization.split(' ', 2);
  return scheme.toLowerCase() === 'basic' ? Buffer.from(value, 'base64') : null;
}
