import { isLoopback } from '@paddock/model';
import { parseAddress } from './address.ts';
import { ENDPOINTS } from './default-addresses.ts';
import type { Endpoint } from './default-addresses.ts';
import type { EnsembleMember } from './ensemble-members.ts';
import type { ReplicaTls } from './tls-files.ts';

interface Listening {
  readonly addresses: Readonly<Record<Endpoint, string>>;
  readonly ensemble: readonly EnsembleMember[];
  readonly tls: ReplicaTls;
}

type Kind = 'clients' | 'links' | 'admin';

const PROBLEM: Readonly<Record<Kind, string>> = {
  clients:
    'what clients send would go over the network unencrypted: give the front-end a certificate ' +
    '("tls": {"clients": {"cert": FILE, "key": FILE}})',
  links:
    'links between stages would be neither encrypted nor authenticated: give the stages certificates ' +
    '("tls": {"links": {"cert": FILE, "key": FILE, "ca": FILE}})',
  admin: 'health and status are plain HTTP: leave them to a proxy that encrypts',
};

/** What would lie open to a network; undefined: nothing. Loopback is no network. */
export function insecureAddress({ addresses, ensemble, tls }: Listening): string | undefined {
  for (const endpoint of ENDPOINTS) {
    const fault = faultOf(addresses[endpoint], kindOf(endpoint), tls, 'listen on 127.0.0.1');
    if (fault !== undefined) return `"addresses.${endpoint}": ${fault}`;
  }
  for (const { replica, address } of ensemble) {
    const fault = faultOf(address, 'links', tls, 'keep to 127.0.0.1');
    if (fault !== undefined) return `"ensemble", replica ${replica}: ${fault}`;
  }
  return undefined;
}

function kindOf(endpoint: Endpoint): Kind {
  switch (endpoint) {
    case 'client':
      return 'clients';
    case 'requestProcessor':
    case 'zabBroadcaster':
    case 'replicatedDatabase':
      return 'links';
    default:
      return 'admin';
  }
}

function faultOf(
  address: string,
  kind: Kind,
  tls: ReplicaTls,
  instead: string,
): string | undefined {
  if (isLoopback(parseAddress(address)?.host ?? '')) return undefined;
  if (kind !== 'admin' && tls[kind] !== undefined) return undefined;
  return (
    `${address} is not loopback, and ${PROBLEM[kind]}, or ${instead}; ` +
    'on a network that you trust set "insecure": true, or start with --insecure'
  );
}
