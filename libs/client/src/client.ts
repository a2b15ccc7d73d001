import { setImmediate } from 'node:timers';
import type {
  ClientOptions,
  ClientState,
  ClientWatchEvent,
  Delivery,
  Submission,
} from '@paddock/client-core';
import {
  ANY_VERSION,
  NO_QUOTA,
  NO_SESSION,
  NO_TTL,
  PAGE_NAMES_MAX,
  ZXID_ZERO,
} from '@paddock/model';
import type {
  ClientOperation,
  OperationResult,
  Quota,
  QuotaUse,
  SessionId,
  Stat,
  TransactionStep,
  ZnodePath,
  Zxid,
} from '@paddock/model';
import type { ClientLimits, StateChange, StateListener } from './client-state.ts';
import { PaddockError, requestError } from './paddock-error.ts';
import { childrenOf, listingOf, readOf, sessionListOf, termsOf, watchListOf } from './reading.ts';
import type {
  ChildrenList,
  ConsistencyOptions,
  EphemeralsOptions,
  ListOptions,
  PagingOptions,
  ReadOptions,
  Reflecting,
  SessionList,
  SessionsOptions,
  Watch,
  WatchList,
} from './reading.ts';
import { SessionDriver } from './session-driver.ts';
import type { SessionDriverDependencies } from './session-driver.ts';
import { bytesOf, createModeOf, outcomeOf, transactionOf } from './transaction.ts';
import type {
  CreateOptions,
  StepResult,
  TransactionOptions,
  TransactionOutcome,
  VersionOptions,
  ZnodeData,
} from './transaction.ts';
import { Watcher } from './watcher.ts';
import type { WatcherOptions } from './watcher.ts';
import { WatchStream } from './watch-stream.ts';

interface Pending {
  readonly operation: ClientOperation;
  readonly watch: Watch | null;
  readonly settle: (zxid: Zxid, result: OperationResult) => void;
}

/**
 * One session with the service. Requests may be pipelined: they take effect, and their promises settle, in the order of
 * the calls. All calls of one turn of the event loop travel together. Failures are PaddockErrors.
 */
export class Client {
  readonly #driver: SessionDriver<Pending>;
  readonly #limits: ClientLimits;
  readonly #listeners = new Set<StateListener>();
  #submissions: Submission<Pending>[] = [];
  #closing: Promise<void> | null = null;

  /** Use `connect`, which waits until the session is open. */
  constructor(
    options: ClientOptions,
    limits: ClientLimits,
    dependencies: SessionDriverDependencies,
  ) {
    this.#limits = limits;
    this.#driver = new SessionDriver(options, dependencies, (delivery) => this.#deliver(delivery));
    this.#driver.step({ kind: 'tick' });
  }

  get state(): ClientState {
    return this.#driver.core.state;
  }

  /** The session's public name; null before it is open. */
  get session(): SessionId | null {
    return this.#driver.core.session;
  }

  /** Milliseconds, as granted. */
  get sessionTimeoutMs(): number {
    return this.#driver.core.timeoutMs;
  }

  /** Why the last connection ended or did not come about; empty when none has. */
  get lastFailure(): string {
    return this.#driver.core.lastFailure;
  }

  /** Tells of each change of the state, in order with results and watch events. Returns what stops it. */
  on(_event: 'state', listener: StateListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  create(
    path: string,
    data: ZnodeData = '',
    options: CreateOptions = {},
  ): Promise<{ path: ZnodePath; stat: Stat } & Reflecting> {
    const { ttlMs = NO_TTL } = options;
    const mode = createModeOf(options);
    const operation: ClientOperation = { kind: 'create', path, data: bytesOf(data), mode, ttlMs };
    return this.#request(operation, null, (zxid, result) =>
      result.kind === 'created' ? { path: result.path, stat: result.stat, zxid } : null,
    );
  }

  get(
    path: string,
    options: ReadOptions = {},
  ): Promise<{ data: Uint8Array; stat: Stat } & Reflecting> {
    return this.#request(readOf('getData', path, options), options.watch, (zxid, result) =>
      result.kind === 'data' ? { data: result.data, stat: result.stat, zxid } : null,
    );
  }

  set(
    path: string,
    data: ZnodeData,
    options: VersionOptions = {},
  ): Promise<{ stat: Stat } & Reflecting> {
    const version = options.version ?? ANY_VERSION;
    const operation: ClientOperation = { kind: 'setData', path, data: bytesOf(data), version };
    return this.#request(operation, null, (zxid, result) =>
      result.kind === 'dataSet' ? { stat: result.stat, zxid } : null,
    );
  }

  delete(path: string, options: VersionOptions = {}): Promise<Reflecting> {
    const version = options.version ?? ANY_VERSION;
    return this.#request({ kind: 'delete', path, version }, null, (zxid, result) =>
      result.kind === 'deleted' ? { zxid } : null,
    );
  }

  /**
   * Does the steps of `then` where every condition holds, else those of `otherwise`; all of them or, by an error that
   * says which, none.
   */
  transaction(options: TransactionOptions): Promise<TransactionOutcome> {
    const operation = transactionOf(options);
    return this.#request(operation, null, (zxid, result) => outcomeOf(operation, zxid, result));
  }

  /** Several changes together or, by an error that says which was refused, none: ZooKeeper's multi. */
  async multi(steps: readonly TransactionStep<string>[]): Promise<readonly StepResult[]> {
    const { results } = await this.transaction({ then: steps });
    return results;
  }

  /** The stat is null where there is no such znode; a watch is set all the same. */
  exists(path: string, options: ReadOptions = {}): Promise<{ stat: Stat | null } & Reflecting> {
    return this.#request(readOf('exists', path, options), options.watch, (zxid, result) => {
      if (result.kind === 'stat') return { stat: result.stat, zxid };
      return result.kind === 'failed' && result.code === 'noNode' ? { stat: null, zxid } : null;
    });
  }

  /**
   * Names of the children, ascending by their UTF-16 units: all of them, or with `after` or `limit` a page, which says
   * whether there are more behind it. The watch is for the whole list, also where a page sets it.
   */
  list(path: string, options: ListOptions = {}): Promise<ChildrenList> {
    return this.#request(listingOf(path, options), options.watch, childrenOf);
  }

  /**
   * Names of all children, ascending, fetched by pages of at most `limit`. A child that is there all the while comes
   * once; one that is created or deleted meanwhile may come or not.
   */
  async *children(path: string, options: PagingOptions = {}): AsyncGenerator<string, undefined> {
    const { limit = PAGE_NAMES_MAX, ...terms } = options;
    let after = options.after ?? '';
    for (;;) {
      const page = await this.list(path, { ...terms, after, limit });
      yield* page.children;
      after = page.children.at(-1) ?? after;
      if (!page.more) return;
    }
  }

  /** How many znodes are below this one, on all levels, and the bytes of data in it and in all of them. */
  count(
    path: string,
    options: ConsistencyOptions = {},
  ): Promise<{ descendants: number; subtreeBytes: number; stat: Stat } & Reflecting> {
    const operation = { kind: 'countDescendants', path, ...termsOf(options) } as const;
    return this.#request(operation, null, (zxid, result) => {
      if (result.kind !== 'descendants') return null;
      const { descendants, subtreeBytes, stat } = result;
      return { descendants, subtreeBytes, stat, zxid };
    });
  }

  /**
   * Paths of the ephemeral znodes of this session, or of the one named, ascending: those that begin with `prefix`,
   * which need not end where a name does.
   */
  ephemerals(
    prefix = '/',
    options: EphemeralsOptions = {},
  ): Promise<{ paths: readonly ZnodePath[] } & Reflecting> {
    const owner = options.session ?? NO_SESSION;
    const operation = { kind: 'getEphemerals', path: prefix, owner, ...termsOf(options) } as const;
    return this.#request(operation, null, (zxid, result) =>
      result.kind === 'ephemerals' ? { paths: result.paths, zxid } : null,
    );
  }

  /**
   * Sets what a znode and all below it may come to, in the place of what was set before. What would exceed a hard limit
   * is refused as `quotaExceeded`; that a soft one is exceeded is logged. The quota ends with its znode.
   */
  setQuota(path: string, limits: Partial<Quota>): Promise<Reflecting> {
    const operation = { kind: 'setQuota', path, quota: { ...NO_QUOTA, ...limits } } as const;
    return this.#request(operation, null, (zxid, result) =>
      result.kind === 'quotaSet' ? { zxid } : null,
    );
  }

  removeQuota(path: string): Promise<Reflecting> {
    return this.setQuota(path, NO_QUOTA);
  }

  /** The quotas of the znode and of all below it, ascending by path, with what they have come to. */
  quotas(
    path = '/',
    options: ConsistencyOptions = {},
  ): Promise<{ quotas: readonly QuotaUse[] } & Reflecting> {
    const operation = { kind: 'getQuotas', path, ...termsOf(options) } as const;
    return this.#request(operation, null, (zxid, result) =>
      result.kind === 'quotas' ? { quotas: result.quotas, zxid } : null,
    );
  }

  /** The quota of this znode alone; null where it has none. */
  async getQuota(
    path: string,
    options: ConsistencyOptions = {},
  ): Promise<{ quota: QuotaUse | null } & Reflecting> {
    const { quotas, zxid } = await this.quotas(path, options);
    return { quota: quotas.find((it) => it.path === path) ?? null, zxid };
  }

  /** Watches a znode, which need not be there, and the list of its children; or with `recursive` all below it. */
  async watch(path: string, options: WatcherOptions = {}): Promise<Watcher> {
    const mode = options.recursive === true ? 'persistentRecursive' : 'persistent';
    const operation = { kind: 'exists', path, watch: true, mode, atLeast: ZXID_ZERO } as const;
    const early: ClientWatchEvent[] = [];
    // The first events may come in the turn in which it is set.
    let tell = (event: ClientWatchEvent): void => void early.push(event);
    let tag: Pending | undefined;
    const start = await this.#request(
      operation,
      (event) => tell(event),
      (zxid, result) => {
        if (result.kind === 'stat') return { stat: result.stat, zxid };
        return result.kind === 'failed' && result.code === 'noNode' ? { stat: null, zxid } : null;
      },
      (made) => (tag = made),
    );
    const watcher = new Watcher(start, () => {
      if (tag !== undefined) this.#driver.step({ kind: 'unwatch', tag });
      tag = undefined;
    });
    for (const event of early) watcher.push(event);
    tell = (event) => watcher.push(event);
    return watcher;
  }

  /** Some of the sessions of the ensemble, with what they own, ascending by id; pages begin behind `after`. */
  sessions(options: SessionsOptions = {}): Promise<SessionList> {
    return this.#request(sessionListOf(options), null, (zxid, result) =>
      result.kind === 'sessions' ? { sessions: result.sessions, more: result.more, zxid } : null,
    );
  }

  /**
   * The watches that the service holds for this session, where calls before this one have set them: paths that begin
   * with `prefix`, ascending, each with the kinds of its watches. Those of data and of existence are one kind, `data`.
   */
  watches(prefix = '/', options: PagingOptions = {}): Promise<WatchList> {
    return this.#request(watchListOf(prefix, options), null, (zxid, result) =>
      result.kind === 'watches' ? { watches: result.watches, more: result.more, zxid } : null,
    );
  }

  /** Reads behind it see every write that anyone had acknowledged before it. */
  sync(): Promise<Reflecting> {
    return this.#request({ kind: 'sync' }, null, (zxid, result) =>
      result.kind === 'synced' ? { zxid } : null,
    );
  }

  /** Ends the session, and with it its ephemeral znodes; a service that cannot be told finds out by expiry. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  /** Ends the client here and now; what is not answered fails as `connectionLoss`. */
  abandon(reason: string): void {
    this.#flush();
    this.#driver.step({ kind: 'abandon', reason });
  }

  async #close(): Promise<void> {
    if (this.state === 'expired' || this.state === 'closed') return;
    if (this.session === null) {
      this.abandon('the client was closed before its session was open');
      return;
    }
    const { closeTimeoutMs } = this.#limits;
    const timer = setTimeout(
      () => this.abandon(`the service did not answer the closing within ${closeTimeoutMs} ms`),
      closeTimeoutMs,
    );
    try {
      await this.#request({ kind: 'closeSession' }, null, () => true);
    } finally {
      clearTimeout(timer);
    }
  }

  #request<T>(
    operation: ClientOperation,
    watch: Watch | null | undefined,
    convert: (zxid: Zxid, result: OperationResult) => T | null,
    made: (tag: Pending) => void = () => undefined,
  ): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      const use = this.#driver.core.pending + this.#submissions.length;
      const { maxPending } = this.#limits;
      if (use >= maxPending) {
        const reason = `${maxPending} requests wait for their answers; await some`;
        const limit = { kind: 'outstanding', path: '', limit: maxPending, use, more: 1 } as const;
        reject(requestError(operation, { kind: 'failed', code: 'throttled', reason, limit }));
        return;
      }
      const settle = (zxid: Zxid, result: OperationResult): void => {
        const value = convert(zxid, result);
        if (value !== null) resolve(value);
        else if (result.kind === 'failed') reject(requestError(operation, result));
        else {
          reject(new PaddockError('systemError', '', `a ${operation.kind} has no ${result.kind}`));
        }
      };
      const tag: Pending = { operation, watch: watch ?? null, settle };
      made(tag);
      // One submission a turn, however many calls it makes.
      if (this.#submissions.length === 0) setImmediate(() => this.#flush());
      this.#submissions.push({ tag, operation });
    });
  }

  #flush(): void {
    if (this.#submissions.length === 0) return;
    const submissions = this.#submissions;
    this.#submissions = [];
    this.#driver.step({ kind: 'submit', submissions });
  }

  /** Listeners are called as microtasks, as promises are, so that the application sees all in the core's order. */
  #deliver(delivery: Delivery<Pending>): void {
    switch (delivery.kind) {
      case 'settled':
        delivery.tag.settle(delivery.zxid, delivery.result);
        break;
      case 'watchFired': {
        const { watch } = delivery.tag;
        const { event } = delivery;
        if (watch instanceof WatchStream) watch.push(event);
        else if (watch !== null) queueMicrotask(() => watch(event));
        break;
      }
      case 'stateChanged': {
        const change: StateChange = { state: delivery.state, reason: delivery.reason };
        for (const listener of this.#listeners) queueMicrotask(() => listener(change));
        break;
      }
    }
  }
}
