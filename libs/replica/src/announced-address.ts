import { isLoopback } from '@paddock/model';
import { isAnyHost, OperatorError, parseAddress } from '@paddock/node-runtime';
import type { ReplicaConfiguration } from '@paddock/node-runtime';

/** Stages that other replicas dial where this one tells them to: the leader's processor, and its database. */
export type AnnouncedEndpoint = 'requestProcessor' | 'replicatedDatabase';

/** Throws an OperatorError where the others could not dial it. In an ensemble of one nobody does. */
export function assertReachable(
  { ensemble, addresses }: Pick<ReplicaConfiguration, 'ensemble' | 'addresses'>,
  endpoint: AnnouncedEndpoint,
): void {
  if (ensemble.length === 0) return;
  const host = parseAddress(addresses[endpoint])?.host ?? '';
  const key = `"addresses.${endpoint}"`;
  if (isAnyHost(host)) {
    throw new OperatorError(
      `${key}: the other replicas cannot dial ${host}: name the host that they reach it by`,
    );
  }
  const remote = ensemble.find((it) => !isLoopback(parseAddress(it.address)?.host ?? ''));
  if (remote !== undefined && isLoopback(host)) {
    throw new OperatorError(
      `${key}: ${addresses[endpoint]} is loopback, where replica ${remote.replica} at ${remote.address} and the ` +
        'other replicas cannot dial it: name the host that they reach it by',
    );
  }
}
