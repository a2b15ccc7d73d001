import type { Credential } from '@paddock/client';

/** Of the form scheme:credential, as `--auth` and PADDOCK_AUTH have it; undefined where it is not. */
export function parseCredential(text: string): Credential | undefined {
  const colon = text.indexOf(':');
  if (colon < 1) return undefined;
  return { scheme: text.slice(0, colon), credential: Buffer.from(text.slice(colon + 1)) };
}
