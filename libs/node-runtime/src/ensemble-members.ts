import type { ReplicaRole } from '@paddock/model';
import { z } from 'zod';
import { isAnyHost, parseAddress } from './address.ts';

/** Highest number of a replica. */
export const HIGHEST_REPLICA = 999;

/** A replica of the ensemble, as its configuration files list it. */
export interface EnsembleMember {
  readonly replica: number;
  /** Where the other replicas dial its broadcaster; fused, everything of it. */
  readonly address: string;
  readonly role: ReplicaRole;
}

export const ensembleSchema = z.array(
  z.strictObject({
    replica: z.int().min(1).max(HIGHEST_REPLICA),
    address: z.string(),
    role: z.enum(['voter', 'observer']).default('voter'),
  }),
);

const EXAMPLE = '{ "replica": 2, "address": "10.0.0.2:2391" }';

/** What is wrong with the list in replica `self`'s file, in words for who wrote it; undefined: nothing. */
export function ensembleFault(
  members: readonly EnsembleMember[],
  self: number,
): string | undefined {
  const addresses = new Map<string, number>();
  const replicas = new Set<number>();
  for (const { replica, address } of members) {
    if (replicas.has(replica)) return `replica ${replica} is listed twice`;
    replicas.add(replica);
    const fault = addressFault(replica, address);
    if (fault !== undefined) return fault;
    const other = addresses.get(address);
    if (other !== undefined) {
      return `replicas ${other} and ${replica} have the same address, ${address}`;
    }
    addresses.set(address, replica);
  }
  if (!replicas.has(self)) {
    const listed = replicas.size === 0 ? 'none' : [...replicas].join(', ');
    return (
      `replica ${self} is not among those listed (${listed}); list every replica of the ensemble, ` +
      `this one too, the same in each file, or leave "ensemble" out for an ensemble of one`
    );
  }
  if (!members.some(({ role }) => role === 'voter')) {
    return 'there are only observers: an ensemble needs a voter, better three';
  }
  return undefined;
}

function addressFault(replica: number, address: string): string | undefined {
  const parsed = parseAddress(address);
  if (parsed === undefined) {
    return `the address of replica ${replica} is not "host:port"; an entry looks like ${EXAMPLE}`;
  }
  if (parsed.port === 0) {
    return `the address of replica ${replica} has port 0: the others could not find it, so choose one`;
  }
  if (isAnyHost(parsed.host)) {
    return `replica ${replica} cannot be dialled at ${parsed.host}: name the host that the others reach it by`;
  }
  return undefined;
}
