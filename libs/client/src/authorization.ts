import type { Credential } from '@paddock/model';

/** The header by which a call without a session shows the first of the credentials; it has room for one. */
export function authorizationOf(credentials: readonly Credential[] = []): string | undefined {
  const [first] = credentials;
  return first === undefined
    ? undefined
    : `Basic ${Buffer.from(first.credential).toString('base64')}`;
}
