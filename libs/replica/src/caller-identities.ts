import type { CallOrigin, IdentifyCaller } from '@paddock/link-grpc';
import { encodeText, TOKEN_SCHEME } from '@paddock/model';
import type { Credential, ProvedIdentity } from '@paddock/model';
import { SHA1_BASE64 } from '@paddock/node-runtime';
import {
  authFailed,
  DigestProvider,
  IdentityProviders,
  refusalOfProof,
  workOut,
} from '@paddock/session-core';
import type { IdentityProvider, Proof } from '@paddock/session-core';
import { ModuleProvider } from './module-provider.ts';

/** Of the scheme digest; `superDigest` is "super:hash", or undefined where nobody is super. */
export function digestProvider(superDigest: string | undefined): IdentityProvider {
  return new DigestProvider(SHA1_BASE64, superDigest ?? null);
}

const UNREADABLE = { refused: authFailed('the header authorization proves nothing') };

/**
 * Who a client is by its address, by its certificate, and by the header "authorization": Basic, which is a user and a
 * password in base64, proves an identity of the scheme digest, Bearer, which is a token, one of the scheme jwt, and the
 * name of a scheme that an operator's module proves, with a credential in base64, one of that.
 */
export function callerIdentities(list: readonly IdentityProvider[]): IdentifyCaller {
  const providers = new IdentityProviders(list);
  return ({ address, authorization, certificate }: CallOrigin, told) => {
    const known: ProvedIdentity[] = address === '' ? [] : [{ scheme: 'ip', id: address }];
    if (certificate !== undefined) known.push(certificate);
    if (authorization === undefined) {
      told({ identities: known });
      return;
    }
    const credential = credentialOf(authorization, list);
    if (credential === null) {
      told(UNREADABLE);
      return;
    }
    const { scheme } = credential;
    const proved = (proof: Proof): void => {
      if (proof.kind !== 'proved') {
        told({ refused: refusalOfProof(proof) });
        return;
      }
      const identities = providers.add(known, scheme, proof.identities);
      told('kind' in identities ? { refused: identities } : { identities });
    };
    const proof = providers.proofOf(credential);
    if (proof !== null) proved(proof);
    else workOut(list, credential, proved);
  };
}

function credentialOf(authorization: string, list: readonly IdentityProvider[]): Credential | null {
  const [kind = '', value = ''] = authorization.split(' ', 2);
  switch (kind.toLowerCase()) {
    case 'basic':
      return { scheme: 'digest', credential: Buffer.from(value, 'base64') };
    case 'bearer':
      return { scheme: TOKEN_SCHEME, credential: encodeText(value) };
    default: {
      const scheme = kind.toLowerCase();
      const isKnown = list.some((it) => it instanceof ModuleProvider && it.scheme === scheme);
      return isKnown ? { scheme, credential: Buffer.from(value, 'base64') } : null;
    }
  }
}
