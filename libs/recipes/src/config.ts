import { PaddockError, parsedJson, step, validated } from '@paddock/client';
import type { Client, Parsed, StandardSchema, Zxid } from '@paddock/client';
import { TreeCache } from './cache/tree-cache.ts';
import { Latest } from './latest.ts';

/** What was written, and cannot be used. */
export interface RejectedConfig {
  /** Of the write; where there is no such znode, of the state that shows that. */
  readonly zxid: Zxid;
  readonly reason: string;
}

export interface ConfigOptions<T> {
  /** Served until there is a value. */
  readonly initial?: T;
  /** Is told of each value that cannot be used, and that the znode is missing; also in `rejected`. */
  readonly rejected?: (update: RejectedConfig) => void;
}

/**
 * A configuration that many processes share and follow: JSON in one znode, which a schema lets through. The last good
 * value is kept: what the schema refuses, or that the znode was deleted, is reported, and never served.
 *
 * On one session it never goes back to an earlier value. Values that are replaced before they are seen are left out. It
 * follows the znode as a cache does, and ends with the session, with the last good value in place.
 */
export class ConfigCell<T> implements AsyncDisposable {
  readonly path: string;
  /** Resolves when there is a good value, the initial one included; fails where there will be none. */
  readonly ready: Promise<void>;
  /** Why what is written now is not served; null where it is. */
  rejected: RejectedConfig | null = null;
  readonly #client: Client;
  readonly #schema: StandardSchema<unknown, T>;
  readonly #report: (update: RejectedConfig) => void;
  readonly #cache: TreeCache;
  readonly #followers = new Set<Latest<T>>();
  #value: { readonly value: T; readonly zxid: Zxid | null } | null;
  /** The write that was looked at last. */
  #seen: Zxid | 'missing' | null = null;
  #looking: Promise<void> = Promise.resolve();
  #settled: () => void = () => undefined;
  #failed: (error: Error) => void = () => undefined;

  constructor(
    client: Client,
    path: string,
    schema: StandardSchema<unknown, T>,
    options: ConfigOptions<T> = {},
  ) {
    this.path = path;
    this.#client = client;
    this.#schema = schema;
    this.#report = options.rejected ?? ((): void => undefined);
    const { initial } = options;
    this.#value = initial === undefined ? null : { value: initial, zxid: null };
    this.ready = new Promise((resolve, reject) => {
      this.#settled = resolve;
      this.#failed = reject;
    });
    this.ready.catch(() => undefined);
    if (this.#value !== null) this.#settled();
    this.#cache = new TreeCache(client, path, { isAlone: true });
    this.#cache.on('advance', () => void this.#look());
  }

  /** The last good value. Fails where there is none yet. */
  get current(): T {
    if (this.#value !== null) return this.#value.value;
    const why = this.rejected?.reason ?? 'it is not read yet';
    throw new PaddockError('noNode', this.path, `config ${this.path}: ${why}`);
  }

  /** Of the write of the current value; null of the initial one. */
  get zxid(): Zxid | null {
    return this.#value?.zxid ?? null;
  }

  get state(): TreeCache['state'] {
    return this.#cache.state;
  }

  /** The current value, where there is one, and then each that replaces it. */
  updates(): Latest<T> {
    const latest = new Latest<T>((it) => this.#followers.delete(it));
    if (this.#value !== null) latest.put(this.#value.value);
    if (this.#cache.state === 'ended') latest.end(this.#cache.error);
    else this.#followers.add(latest);
    return latest;
  }

  [Symbol.asyncIterator](): Latest<T> {
    return this.updates();
  }

  /** Writes a value, once it has passed the schema: fails as `badArguments` where it does not, and changes nothing. */
  async set(value: T): Promise<{ readonly zxid: Zxid }> {
    const parsed = await validated(this.#schema, value);
    if (!parsed.ok) {
      throw new PaddockError('badArguments', this.path, `config ${this.path}: ${parsed.reason}`);
    }
    const { zxid } = await this.#client.transaction({
      then: [step.set(this.path, JSON.stringify(value), { upsert: true })],
    });
    return { zxid };
  }

  /** Resolves when all that was written before the call has been looked at. */
  async synced(): Promise<void> {
    await this.#cache.synced();
    await this.#look();
  }

  close(): void {
    this.#cache.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.close();
    return Promise.resolve();
  }

  /** One at a time, in their order: a schema may take its time. */
  #look(): Promise<void> {
    this.#looking = this.#looking.then(() => this.#lookAtNewest());
    return this.#looking;
  }

  async #lookAtNewest(): Promise<void> {
    const { state, error } = this.#cache;
    if (state === 'ended') {
      this.#failed(error ?? new PaddockError('connectionLoss', this.path, 'it was closed'));
      for (const follower of this.#followers) follower.end(error);
    }
    if (state === 'ended' || state === 'loading') return;
    const znode = this.#cache.get(this.path);
    const seen = znode?.stat.mzxid ?? 'missing';
    const isReported = seen === this.#seen;
    this.#seen = seen;
    if (znode === undefined) {
      this.rejected = { zxid: this.#cache.zxid, reason: 'there is no such znode' };
      if (!isReported) this.#report(this.rejected);
    }
    if (znode === undefined || isReported) return;
    const { mzxid: zxid } = znode.stat;
    const parsed = await parsedBy(this.#schema, znode.data);
    if (parsed.ok) this.#accept(parsed.value, zxid);
    else this.#reject({ zxid, reason: parsed.reason });
  }

  #accept(value: T, zxid: Zxid): void {
    this.#value = { value, zxid };
    this.rejected = null;
    this.#settled();
    for (const follower of this.#followers) follower.put(value);
  }

  #reject(update: RejectedConfig): void {
    this.rejected = update;
    this.#report(update);
  }
}

/** Follows a configuration. */
export function config<T>(
  client: Client,
  path: string,
  schema: StandardSchema<unknown, T>,
  options: ConfigOptions<T> = {},
): ConfigCell<T> {
  return new ConfigCell(client, path, schema, options);
}

/** A schema that throws refuses. */
async function parsedBy<T>(
  schema: StandardSchema<unknown, T>,
  data: Uint8Array,
): Promise<Parsed<T>> {
  try {
    return await parsedJson(schema, data);
  } catch (error) {
    return { ok: false, reason: error instanceof Error ? error.message : String(error) };
  }
}
