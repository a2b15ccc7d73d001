import { PaddockError } from '@paddock/client';
import type { Client, StandardSchema, Zxid } from '@paddock/client';
import { TreeCache } from '../cache/tree-cache.ts';
import type { CachedZnode } from '../cache/cached-znode.ts';
import { Latest } from '../latest.ts';
import { DownInstances } from './down-instances.ts';
import type { DownPolicy } from './down-instances.ts';
import { decodeInstance } from './service-instance.ts';
import type { ServiceInstance } from './service-instance.ts';
import { strategyOf } from './strategy.ts';
import type { Strategy, StrategyName } from './strategy.ts';

export interface ResolveOptions {
  /** `roundRobin` unless told otherwise. */
  readonly strategy?: StrategyName;
  /** When an instance is left out for a while; 2 errors within 30 s, unless told otherwise. */
  readonly down?: DownPolicy;
  /** In place of Math.random. */
  readonly random?: () => number;
}

const DOWN: DownPolicy = { threshold: 2, ms: 30_000 };

interface Decoded<P> {
  readonly mzxid: Zxid;
  /** Null where it is of no use. */
  readonly instance: ServiceInstance<P> | null;
}

/**
 * The instances of one service, kept up to date by a cache, and a choice among them. One that has died without a word
 * is among them until its session expires; what fails is left out for a while, by the policy, for this pool alone. When
 * the session is over it keeps what it had last.
 */
export class ServicePool<P> implements AsyncDisposable {
  readonly name: string;
  /** Resolves when the instances are known; there may be none. */
  readonly ready: Promise<void>;
  readonly #schema: StandardSchema<unknown, P>;
  readonly #view: TreeCache;
  readonly #strategy: Strategy;
  readonly #down: DownInstances;
  readonly #outstanding = new Map<string, number>();
  readonly #followers = new Set<Latest<readonly ServiceInstance<P>[]>>();
  #decoded = new Map<string, Decoded<P>>();
  #looking: Promise<void> = Promise.resolve();

  constructor(
    client: Client,
    path: string,
    schema: StandardSchema<unknown, P>,
    options: ResolveOptions = {},
  ) {
    const { strategy = 'roundRobin', down = DOWN, random = Math.random } = options;
    this.name = path.slice(path.lastIndexOf('/') + 1);
    this.#schema = schema;
    this.#strategy = strategyOf(strategy, random);
    this.#down = new DownInstances(client.timers, down);
    this.#view = new TreeCache(client, path);
    this.#view.on('advance', () => void this.#look());
    this.ready = this.#view.ready.then(() => this.#look());
    this.ready.catch(() => undefined);
  }

  get state(): TreeCache['state'] {
    return this.#view.state;
  }

  /** All that can be used, those that are down too. */
  get instances(): readonly ServiceInstance<P>[] {
    return [...this.#decoded.values()].flatMap(({ instance }) =>
      instance?.enabled === true ? [instance] : [],
    );
  }

  /** Null where there is none that is not down. */
  pick(): ServiceInstance<P> | null {
    const instances = this.instances.filter(({ id }) => !this.#down.isDown(id));
    const choices = instances.map(({ id }) => ({
      id,
      outstanding: this.#outstanding.get(id) ?? 0,
    }));
    const chosen = this.#strategy(choices)?.id;
    return instances.find(({ id }) => id === chosen) ?? null;
  }

  /**
   * Calls one of them; an error counts against it, and is thrown. Fails as `noNode` where there is none that is not
   * down.
   */
  async call<T>(work: (instance: ServiceInstance<P>) => Promise<T>): Promise<T> {
    const instance = this.pick();
    if (instance === null) {
      const path = this.#view.path;
      throw new PaddockError('noNode', path, `${path}: there is no instance that is not down`);
    }
    const { id } = instance;
    this.#count(id, 1);
    try {
      return await work(instance);
    } catch (error) {
      this.failed(instance);
      throw error;
    } finally {
      this.#count(id, -1);
    }
  }

  /** Counts an error of an instance that was picked. */
  failed({ id }: Pick<ServiceInstance<P>, 'id'>): void {
    this.#down.failed(id);
  }

  /** The instances, each time that they have changed. */
  watch(): Latest<readonly ServiceInstance<P>[]> {
    const latest = new Latest<readonly ServiceInstance<P>[]>((it) => this.#followers.delete(it));
    if (this.#view.state !== 'loading') latest.put(this.instances);
    if (this.#view.state === 'ended') latest.end(this.#view.error);
    else this.#followers.add(latest);
    return latest;
  }

  /** Resolves when it shows at least those that were registered before the call. */
  async synced(): Promise<void> {
    await this.#view.synced();
    await this.#look();
  }

  close(): void {
    this.#view.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.close();
    return Promise.resolve();
  }

  #count(id: string, more: number): void {
    const outstanding = (this.#outstanding.get(id) ?? 0) + more;
    if (outstanding === 0) this.#outstanding.delete(id);
    else this.#outstanding.set(id, outstanding);
  }

  /** One at a time: a schema may take its time. */
  #look(): Promise<void> {
    this.#looking = this.#looking.then(() => this.#lookAtAll());
    return this.#looking;
  }

  async #lookAtAll(): Promise<void> {
    const { state, error } = this.#view;
    if (state !== 'ended' && state !== 'loading') {
      const decoded = await Promise.all(
        this.#view
          .childrenOf()
          .map(async (znode) => [znode.path, await this.#decode(znode)] as const),
      );
      const isSame =
        decoded.length === this.#decoded.size &&
        decoded.every(([path, it]) => this.#decoded.get(path) === it);
      this.#decoded = new Map(decoded);
      if (!isSame) for (const follower of this.#followers) follower.put(this.instances);
    } else if (state === 'ended') for (const follower of this.#followers) follower.end(error);
  }

  async #decode({ path, data, stat: { mzxid } }: CachedZnode): Promise<Decoded<P>> {
    const before = this.#decoded.get(path);
    if (before?.mzxid === mzxid) return before;
    const parsed = await decodeInstance(this.#schema, data);
    return { mzxid, instance: parsed.ok ? parsed.value : null };
  }
}
