import { lookup, resolveSrv } from 'node:dns/promises';
import { isIP } from 'node:net';
import type { Random } from '@paddock/ports';
import { PaddockError } from './paddock-error.ts';

/** A server that a service of DNS names (RFC 2782). */
export interface ServiceRecord {
  readonly name: string;
  readonly port: number;
  /** Lower ones are tried first. */
  readonly priority: number;
  /** Of several with one priority, the likelier one comes first. */
  readonly weight: number;
}

/** What names mean at this moment. Both fail, or return nothing, where there is no such name. */
export interface NameResolver {
  /** The IP addresses of a host, in the order in which they are to be tried. */
  addresses(host: string): Promise<readonly string[]>;
  /** The records of a service, as "_paddock._tcp.example.com". */
  services(name: string): Promise<readonly ServiceRecord[]>;
}

const NODE_RESOLVER: NameResolver = {
  async addresses(host) {
    const found = await lookup(host, { all: true, order: 'ipv4first' });
    return found.map(({ address }) => address);
  },
  services: (name) => resolveSrv(name),
};

/** Begins the name of a server that is any of those of a service. */
const SERVICE = 'srv:';

export function isService(server: string): boolean {
  return server.startsWith(SERVICE);
}

/** Host and port of "host:port". */
export function splitServer(server: string): { readonly host: string; readonly port: string } {
  const colon = server.lastIndexOf(':');
  return {
    host: server.slice(0, colon).replace(/^\[|\]$/g, ''),
    port: server.slice(colon + 1),
  };
}

/**
 * Where servers are: their names are resolved each time that one is asked for, so that one that has moved is found
 * again, and of a name with several addresses each time the next is taken.
 */
export class ServerAddresses {
  readonly #resolver: NameResolver;
  readonly #random: Pick<Random, 'below'>;
  readonly #tried = new Map<string, number>();
  readonly #hosts = new Map<string, string>();

  constructor(resolver: NameResolver = NODE_RESOLVER, random: Pick<Random, 'below'>) {
    this.#resolver = resolver;
    this.#random = random;
  }

  /** An address "ip:port" of what a list of servers names: at once where that is one. */
  next(server: string): string | Promise<string> {
    return !isService(server) && isIP(splitServer(server).host) !== 0 ? server : this.#next(server);
  }

  /** Each service by its servers, in the order of its records. */
  async expanded(servers: readonly string[]): Promise<readonly string[]> {
    if (!servers.some(isService)) return servers;
    const lists = servers.map(async (it) => (isService(it) ? this.#serversOf(it) : [it]));
    return (await Promise.all(lists)).flat();
  }

  /** The host whose address that is: what a certificate names. */
  hostOf(address: string): string | undefined {
    return this.#hosts.get(address);
  }

  async #next(server: string): Promise<string> {
    const servers = await this.expanded([server]);
    const lists = await Promise.all(servers.map((it) => this.#addressesOf(it)));
    const addresses = lists.flat();
    const tried = this.#tried.get(server) ?? 0;
    this.#tried.set(server, tried + 1);
    const address = addresses[tried % addresses.length];
    if (address === undefined) throw unresolved(server, 'no address');
    return address;
  }

  async #addressesOf(server: string): Promise<readonly string[]> {
    const { host, port } = splitServer(server);
    if (isIP(host) !== 0) return [server];
    const found = await this.#resolver.addresses(host).catch((error: unknown) => {
      throw unresolved(host, reasonOf(error));
    });
    const addresses = found.map((it) => (isIP(it) === 6 ? `[${it}]:${port}` : `${it}:${port}`));
    for (const it of addresses) this.#hosts.set(it, host);
    return addresses;
  }

  async #serversOf(server: string): Promise<readonly string[]> {
    const named = server.slice(SERVICE.length);
    const service = named.startsWith('_') ? named : `_paddock._tcp.${named}`;
    const records = await this.#resolver.services(service).catch((error: unknown) => {
      throw unresolved(service, reasonOf(error));
    });
    if (records.length === 0) throw unresolved(service, 'no record');
    return records
      .map((record) => ({ record, place: this.#placeOf(record) }))
      .sort((a, b) => a.record.priority - b.record.priority || a.place - b.place)
      .map(({ record: { name, port } }) => `${name}:${port}`);
  }

  /** Drawn so that the chance to be first is in proportion to the weight. */
  #placeOf({ weight }: ServiceRecord): number {
    return -Math.log((this.#random.below(2 ** 30) + 1) / 2 ** 30) / Math.max(weight, 1e-3);
  }
}

function unresolved(name: string, reason: string): PaddockError {
  return new PaddockError('connectionLoss', '', `${name} is not resolved: ${reason}`);
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
