import { PaddockError, validated } from '@paddock/client';
import type { Client, StandardSchema } from '@paddock/client';
import { childPath } from '../child-path.ts';
import { Group } from '../group/group.ts';
import type { Held } from '../held.ts';
import type { PatienceOptions } from '../patience.ts';
import { encodeInstance } from './service-instance.ts';
import type { ServiceInstance } from './service-instance.ts';
import { ServicePool } from './service-pool.ts';
import type { ResolveOptions } from './service-pool.ts';

export interface DiscoveryOptions<P> {
  /** Of payloads: an instance with another one is left out. Anything passes unless told otherwise. */
  readonly schema?: StandardSchema<unknown, P>;
  /** The class that Java programs take payloads for. */
  readonly payloadClass?: string;
  /** In place of Date.now. */
  readonly now?: () => number;
}

/** What is registered: with an address and a port of either kind, or whatever the payload says. */
export interface Registration<P> extends Partial<
  Pick<ServiceInstance<P>, 'id' | 'address' | 'port' | 'sslPort' | 'payload' | 'enabled'>
> {
  readonly name: string;
}

/**
 * Who offers which service, and where: an ephemeral znode an instance, below the base and the name of the service,
 * named by its id. Layout and contents are those of Curator's x-discovery, so that both find each other's instances.
 */
export class Discovery<P> {
  readonly base: string;
  readonly #client: Client;
  readonly #schema: StandardSchema<unknown, P>;
  readonly #options: DiscoveryOptions<P>;

  constructor(
    client: Client,
    base: string,
    schema: StandardSchema<unknown, P>,
    options: DiscoveryOptions<P>,
  ) {
    this.base = base;
    this.#client = client;
    this.#schema = schema;
    this.#options = options;
  }

  /**
   * Offers a service until it is released, or the session ends. Where there is an instance of this id it waits until
   * that is gone; without an id it is given one. Fails as `badArguments` where the schema refuses the payload.
   */
  async register(service: Registration<P>, options: PatienceOptions = {}): Promise<Held> {
    const { name, id = crypto.randomUUID(), payload = null } = service;
    const path = childPath(this.base, name);
    const parsed = payload === null ? null : await validated(this.#schema, payload);
    if (parsed?.ok === false) {
      throw new PaddockError('badArguments', path, `register ${path}: ${parsed.reason}`);
    }
    const { address = null, port = null, sslPort = null, enabled = true } = service;
    const { now = Date.now, payloadClass } = this.#options;
    const instance = {
      ...{ name, id, address, port, sslPort, payload, enabled },
      ...{ registrationTimeUTC: now(), serviceType: 'DYNAMIC' },
    };
    const data = encodeInstance(instance, payloadClass);
    return new Group(this.#client, path).join(data, { ...options, id });
  }

  /** The instances of a service, and a choice among them. */
  resolve(name: string, options: ResolveOptions = {}): ServicePool<P> {
    return new ServicePool(this.#client, childPath(this.base, name), this.#schema, options);
  }

  /** Of services that are, or were, offered. */
  async names(): Promise<readonly string[]> {
    try {
      const names: string[] = [];
      for await (const name of this.#client.children(this.base)) names.push(name);
      return names;
    } catch (error) {
      if (error instanceof PaddockError && error.code === 'noNode') return [];
      throw error;
    }
  }
}

const ANYTHING: StandardSchema<unknown, unknown> = {
  '~standard': { version: 1, vendor: 'paddock', validate: (value) => ({ value }) },
};

/** Finds services, and offers them. */
export function discovery<P>(
  client: Client,
  base: string,
  options: DiscoveryOptions<P> & { readonly schema: StandardSchema<unknown, P> },
): Discovery<P>;
export function discovery(
  client: Client,
  base: string,
  options?: DiscoveryOptions<unknown>,
): Discovery<unknown>;
export function discovery(
  client: Client,
  base: string,
  options: DiscoveryOptions<unknown> = {},
): Discovery<unknown> {
  return new Discovery(client, base, options.schema ?? ANYTHING, options);
}
