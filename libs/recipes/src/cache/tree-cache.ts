import { PaddockError } from '@paddock/client';
import type { Client, Watcher, Zxid } from '@paddock/client';
import { untilAnswered } from '../until-answered.ts';
import { isSameState } from './cached-znode.ts';
import type { CachedZnode } from './cached-znode.ts';
import { Gathering } from './gathering.ts';
import type { Advance } from './gathering.ts';
import { readBatch } from './read-batch.ts';
import { ViewChanges } from './view-changes.ts';

export interface CacheOptions {
  /** The znode itself, and nothing below it. */
  readonly isAlone?: boolean;
  /** Znodes at the most; with more the cache ends, as `tooLarge`. */
  readonly maxZnodes?: number;
  /** Bytes of data and paths at the most; with more the cache ends, as `tooLarge`. */
  readonly maxBytes?: number;
}

/**
 * loading: it has yet to show a state. live: it follows the service. behind: the connection is lost, so that any number
 * of changes may have been made since. ended: by `close`, the end of the session, or an error; it shows what it last
 * had.
 */
export type CacheState = 'loading' | 'live' | 'behind' | 'ended';

type WatchEvent = Parameters<Watcher['push']>[0];

const ZNODES_MAX = 100_000;
const BYTES_MAX = 256 * 1024 * 1024;
const READS_MIN = 16;
const READS_MAX = 400;

/**
 * A znode and all below it, kept in memory: at every moment the whole tree as it was at `zxid`, never a mixture, and
 * never an earlier state behind a later one. What the session may not read is left out.
 *
 * It stands on one recursive watch of the session, set before the first read, so that nothing comes between; the watch
 * goes on by itself at another server. Where the service cannot tell any more what was changed meanwhile, all is read
 * again, while the state before stays. It ends with the session: whoever connects again caches again.
 *
 * It shows the past: by a moment, or, in the state `behind`, by more. `synced` waits until it shows what was there at
 * the call.
 */
export class TreeCache implements AsyncDisposable {
  readonly path: string;
  /** Resolves when it shows its first state; fails where it never will. */
  readonly ready: Promise<void>;
  readonly #client: Client;
  readonly #options: Required<CacheOptions>;
  readonly #followers = new Set<ViewChanges>();
  readonly #listeners = new Set<() => void>();
  #znodes = new Map<string, CachedZnode>();
  #bytes = 0;
  #zxid: Zxid | null = null;
  #gathering: Gathering;
  #isGathering = false;
  #width = READS_MIN;
  #watcher: Watcher | null = null;
  #isOver = false;
  #error: Error | null = null;

  constructor(client: Client, path: string, options: CacheOptions = {}) {
    const { isAlone = false, maxZnodes = ZNODES_MAX, maxBytes = BYTES_MAX } = options;
    this.#client = client.with({});
    this.path = path;
    this.#options = { isAlone, maxZnodes, maxBytes };
    this.#gathering = this.#anew();
    this.ready = this.#until(() => this.#zxid !== null);
    this.ready.catch(() => undefined);
    void this.#begin();
  }

  get state(): CacheState {
    if (this.#isOver) return 'ended';
    if (this.#zxid === null) return 'loading';
    return this.#client.state === 'connected' ? 'live' : 'behind';
  }

  /** Of the state that it shows. Fails before `ready`. */
  get zxid(): Zxid {
    if (this.#zxid === null) throw this.#error ?? new TypeError(`${this.path} is not read yet`);
    return this.#zxid;
  }

  /** Why it has ended; null where it has not, or was closed. */
  get error(): Error | null {
    return this.#error;
  }

  /** Znodes that it shows. */
  get size(): number {
    return this.#znodes.size;
  }

  /** By the whole path. */
  get(path: string): CachedZnode | undefined {
    return this.#znodes.get(path);
  }

  /** Every znode, in no order that means anything. */
  entries(): IterableIterator<[string, CachedZnode]> {
    return this.#znodes.entries();
  }

  /** Those directly below the path, the cache's own unless told otherwise. */
  childrenOf(path = this.path): readonly CachedZnode[] {
    const above = path === '/' ? path : `${path}/`;
    return [...this.#znodes.values()].filter(
      (it) => it.path.startsWith(above) && it.path !== path && !it.path.includes('/', above.length),
    );
  }

  /** All that is there, and from then on what changes. */
  changes(): ViewChanges {
    const changes = new ViewChanges(this, this.#znodes.keys(), (it) => this.#followers.delete(it));
    if (this.#isOver) changes.end(this.#error);
    else this.#followers.add(changes);
    return changes;
  }

  /** Is called when it shows another state, or has ended. Returns what stops it. */
  on(_event: 'advance', listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /**
   * Resolves when it shows at least what anybody was told was done before the call. Fails with the cache, or where the
   * service does not answer.
   */
  async synced(): Promise<void> {
    const { zxid } = await untilAnswered(this.#client, undefined, () => this.#client.sync());
    // What was changed until then was told before the answer.
    if (!this.#isOver && this.#gathering.isComplete && this.#zxid !== null) {
      if (zxid > this.#zxid) this.#zxid = zxid;
    }
    await this.#until(() => this.#zxid !== null && this.#zxid >= zxid);
  }

  /** Removes the watch. What it shows stays. */
  close(): void {
    this.#finish(null);
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.close();
    return Promise.resolve();
  }

  async #begin(): Promise<void> {
    const client = this.#client;
    const { isAlone } = this.#options;
    try {
      const listener = (event: WatchEvent): void => this.#told(event);
      const watcher = await untilAnswered(client, undefined, () =>
        client.watch(this.path, { recursive: !isAlone, listener }),
      );
      if (this.#isOver) watcher.close();
      else this.#watcher = watcher;
    } catch (error) {
      this.#finish(asError(error));
      return;
    }
    this.#gather();
  }

  #anew(): Gathering {
    return new Gathering(this.path, this.#options.isAlone ? 'alone' : 'below');
  }

  #told({ kind, path, zxid }: WatchEvent): void {
    if (this.#isOver) return;
    if (kind === 'sessionEnded') {
      this.#finish(this.#failure('sessionExpired', 'the session is over'));
    } else if (kind === 'compacted') {
      this.#gathering = this.#anew();
    } else {
      const isOfParent = kind === 'nodeCreated' || kind === 'nodeDeleted';
      this.#gathering.told(path, zxid, isOfParent);
    }
    this.#gather();
  }

  #gather(): void {
    if (this.#isGathering || this.#watcher === null) return;
    this.#isGathering = true;
    this.#gatherAll().catch((error: unknown) => this.#finish(asError(error)));
  }

  async #gatherAll(): Promise<void> {
    const client = this.#client;
    while (!this.#isOver && !this.#gathering.isComplete) {
      const gathering = this.#gathering;
      const wanted = gathering.wanted(this.#width);
      const readings = await untilAnswered(client, undefined, () => readBatch(client, wanted));
      // Nothing of it counts where all is to be read again.
      if (gathering !== this.#gathering || readings === null) continue;
      const { zxid, shown } = readings;
      this.#width = shown.size < wanted.length ? shown.size : Math.min(this.#width * 2, READS_MAX);
      for (const advance of gathering.shown(zxid, shown)) this.#advance(advance);
    }
    // In the same turn: what is told from now on begins anew.
    this.#isGathering = false;
  }

  #advance({ zxid, isWhole, znodes }: Advance): void {
    if (this.#isOver || (this.#zxid !== null && zxid < this.#zxid)) return;
    if (isWhole) {
      for (const path of this.#znodes.keys()) if (!znodes.has(path)) this.#put(path, undefined);
    }
    for (const [path, znode] of znodes) this.#put(path, znode ?? undefined);
    this.#zxid = zxid;
    const { maxZnodes, maxBytes } = this.#options;
    if (this.#znodes.size > maxZnodes || this.#bytes > maxBytes) {
      this.#finish(this.#tooLarge());
    } else this.#tell();
  }

  #put(path: string, znode: CachedZnode | undefined): void {
    const before = this.#znodes.get(path);
    if (isSameState(before, znode)) return;
    this.#bytes += bytesOf(znode) - bytesOf(before);
    if (znode === undefined) this.#znodes.delete(path);
    else this.#znodes.set(path, znode);
    for (const follower of this.#followers) follower.differs(path, before);
  }

  #tooLarge(): PaddockError {
    const { maxZnodes, maxBytes } = this.#options;
    const use = `it has come to ${this.#znodes.size} znodes and ${this.#bytes} bytes`;
    const most = `"maxZnodes" is ${maxZnodes}, and "maxBytes" ${maxBytes}`;
    return this.#failure('tooLarge', `${use}; ${most}`);
  }

  #failure(code: PaddockError['code'], reason: string): PaddockError {
    return new PaddockError(code, this.path, `cache ${this.path}: ${reason} (${code})`);
  }

  #finish(error: Error | null): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#error = error;
    this.#watcher?.close();
    for (const follower of this.#followers) follower.end(error);
    this.#tell();
  }

  #tell(): void {
    for (const listener of this.#listeners) listener();
  }

  async #until(isSo: () => boolean): Promise<void> {
    while (!isSo()) {
      if (this.#isOver) {
        throw this.#error ?? this.#failure('connectionLoss', 'it was closed');
      }
      await new Promise<void>((resolve) => {
        const stop = this.on('advance', () => {
          stop();
          resolve();
        });
      });
    }
  }
}

/** Keeps a znode and all below it in memory. */
export function cache(client: Client, path: string, options: CacheOptions = {}): TreeCache {
  return new TreeCache(client, path, options);
}

function bytesOf(znode: CachedZnode | undefined): number {
  return znode === undefined ? 0 : znode.path.length + znode.data.length;
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
