// Who a client is by its connection and by the metadata of its call.
import type { Metadata } from '@grpc/grpc-js';
import type { Failed, Identity, ProvedIdentities } from '@paddock/model';
import { x509IdentityOf } from './tls/peer-identity.ts';

/** What a call says of who makes it. */
export interface CallOrigin {
  /** The address of the other side; empty where the connection is gone already. */
  readonly address: string;
  /** The header "authorization"; undefined where there is none. */
  readonly authorization: string | undefined;
  /** Of the scheme x509; undefined where no certificate was shown that is trusted. */
  readonly certificate: Identity | undefined;
}

/** `refused` where a credential proves nothing. */
export type Caller = { readonly identities: ProvedIdentities } | { readonly refused: Failed };

/** Says once who somebody is: within the call where it is known at once, and later where that takes work. */
export type IdentifyCaller = (origin: CallOrigin, told: (caller: Caller) => void) => void;

/** Nobody is known. */
export const IDENTIFY_NOBODY: IdentifyCaller = (_origin, told) => told({ identities: undefined });

type Call = Parameters<typeof x509IdentityOf>[0] & {
  getPeer(): string;
  readonly metadata: Metadata;
};

export function originOf(call: Call): CallOrigin {
  const [value] = call.metadata.get('authorization');
  return {
    address: addressOf(call.getPeer()),
    authorization: typeof value === 'string' ? value : undefined,
    certificate: x509IdentityOf(call),
  };
}

/** grpc-js writes "address:port", also where the address has colons. */
function addressOf(peer: string): string {
  const port = peer.lastIndexOf(':');
  const address = port < 0 ? peer : peer.slice(0, port);
  return address.startsWith('[') ? address.slice(1, -1) : address;
}
