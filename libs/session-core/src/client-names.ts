import type { Identities } from '@paddock/model';

/**
 * Under which name the requests of a client are counted: by its certificate, or else its address. Whoever wants to can
 * have another identity of other schemes for each request.
 */
export function clientOf(identities: Identities, otherwise: string): string {
  const named =
    identities?.find(({ scheme }) => scheme === 'x509') ??
    identities?.find(({ scheme }) => scheme === 'ip');
  return named === undefined ? otherwise : `${named.scheme}:${named.id}`;
}

/** Empty where nobody knows it. */
export function addressOf(identities: Identities): string {
  return identities?.find(({ scheme }) => scheme === 'ip')?.id ?? '';
}
