import type { ClientWatchEvent } from '@paddock/client-core';
import {
  ANY_VERSION,
  NO_QUOTA,
  NO_SESSION,
  NO_TTL,
  PAGE_NAMES_MAX,
  ZXID_ZERO,
} from '@paddock/model';
import type {
  Acl,
  BatchedRead,
  ClientOperation,
  Identity,
  Permission,
  Quota,
  QuotaUse,
  Stat,
  TransactionStep,
  ZnodePath,
} from '@paddock/model';
import { permissionsOf } from './acl.ts';
import type { CallOptions } from './call-options.ts';
import { batchOf, batchReadOf } from './batch.ts';
import type { BatchRead } from './batch.ts';
import { childrenOf, listingOf, readOf, sessionListOf, termsOf, watchListOf } from './reading.ts';
import type {
  ChildrenList,
  EphemeralsOptions,
  ListOptions,
  PagingOptions,
  QueryOptions,
  ReadOptions,
  Reflecting,
  SessionList,
  SessionsOptions,
  WatchList,
} from './reading.ts';
import type { Pending, SessionRequests } from './session-requests.ts';
import { SessionView } from './session-view.ts';
import { bytesOf, createdZnodeOf, createModeOf, outcomeOf, transactionOf } from './transaction.ts';
import type {
  CreatedZnode,
  CreateOptions,
  StepResult,
  TransactionOptions,
  TransactionOutcome,
  VersionOptions,
  ZnodeData,
} from './transaction.ts';
import type { StandardSchema } from './standard-schema.ts';
import { TreeView } from './tree-view.ts';
import { TypedNode } from './typed-node.ts';
import type { ValueCodec } from './typed-node.ts';
import { updateZnode } from './update.ts';
import type { ChangeData } from './update.ts';
import { Watcher } from './watcher.ts';
import type { WatcherOptions } from './watcher.ts';

/**
 * One session with the service. Requests may be pipelined: they take effect, and their promises settle, in the order of
 * the calls. All calls of one turn of the event loop travel together. Failures are PaddockErrors.
 */
export class Client extends SessionView {
  /** Use `connect`, which waits until the session is open. */
  constructor(
    requests: SessionRequests,
    view: TreeView = TreeView.whole,
    defaults: CallOptions = {},
    isOwner = true,
  ) {
    super(requests, view, defaults, isOwner);
  }

  /**
   * A client of the same session for what is below a path, which is "/" to it: in what it is called with, in results,
   * watch events and errors. There need be no such znode. Views of views go further down. The order of the calls is
   * that of the session, whichever view they are made by. `close` of a view does nothing.
   */
  chroot(path: string): Client {
    return new Client(this.requests, this.view.below(path), this.defaults, false);
  }

  /**
   * A client of the same session whose calls are given up as these say, where a call says nothing else: in the
   * place of what `connect` was told, so that with nothing they wait as long as the session lives. As of a view, its
   * `close` does nothing.
   */
  with(options: CallOptions): Client {
    return new Client(this.requests, this.view, options, false);
  }

  create(
    path: string,
    data: ZnodeData = '',
    options: CreateOptions & CallOptions = {},
  ): Promise<CreatedZnode> {
    const { ttlMs = NO_TTL, acl } = options;
    const mode = createModeOf(options);
    const common = { kind: 'create', path, data: bytesOf(data), mode, ttlMs } as const;
    return this.request({ ...common, acl }, options, createdZnodeOf);
  }

  get(
    path: string,
    options: ReadOptions = {},
  ): Promise<{ data: Uint8Array; stat: Stat } & Reflecting> {
    return this.request(readOf('getData', path, options), options, (zxid, result) =>
      result.kind === 'data' ? { data: result.data, stat: result.stat, zxid } : null,
    );
  }

  set(
    path: string,
    data: ZnodeData,
    options: VersionOptions & CallOptions = {},
  ): Promise<{ stat: Stat } & Reflecting> {
    const version = options.version ?? ANY_VERSION;
    const operation: ClientOperation = { kind: 'setData', path, data: bytesOf(data), version };
    return this.request(operation, options, (zxid, result) =>
      result.kind === 'dataSet' ? { stat: result.stat, zxid } : null,
    );
  }

  /**
   * Changes a znode by what is there: `change` is called with that, or null, again each time that somebody else was
   * faster. What it makes is written, once; where it makes undefined nothing is, and the result is null. The options
   * are those of each request.
   */
  update(
    path: string,
    change: ChangeData,
    options: CallOptions = {},
  ): Promise<({ stat: Stat } & Reflecting) | null> {
    return updateZnode(this, path, change, options);
  }

  /** A znode whose data are a value of a schema, as JSON unless a codec says otherwise. */
  node<Input, Output>(
    path: string,
    schema: StandardSchema<Input, Output>,
    codec?: ValueCodec,
  ): TypedNode<Input, Output> {
    return new TypedNode(this, path, schema, codec);
  }

  delete(path: string, options: VersionOptions & CallOptions = {}): Promise<Reflecting> {
    const version = options.version ?? ANY_VERSION;
    return this.request({ kind: 'delete', path, version }, options, (zxid, result) =>
      result.kind === 'deleted' ? { zxid } : null,
    );
  }

  /**
   * Does the steps of `then` where every condition holds, else those of `otherwise`; all of them or, by an error that
   * says which, none.
   */
  transaction(options: TransactionOptions & CallOptions): Promise<TransactionOutcome> {
    const operation = transactionOf(options);
    return this.request(operation, options, (zxid, result) => outcomeOf(operation, zxid, result));
  }

  /** Several changes together or, by an error that says which was refused, none: ZooKeeper's multi. */
  async multi(
    steps: readonly TransactionStep<string>[],
    options: CallOptions = {},
  ): Promise<readonly StepResult[]> {
    const { results } = await this.transaction({ ...options, then: steps });
    return results;
  }

  /** The stat is null where there is no such znode; a watch is set all the same. */
  exists(path: string, options: ReadOptions = {}): Promise<{ stat: Stat | null } & Reflecting> {
    return this.request(readOf('exists', path, options), options, (zxid, result) => {
      if (result.kind === 'stat') return { stat: result.stat, zxid };
      return result.kind === 'failed' && result.code === 'noNode' ? { stat: null, zxid } : null;
    });
  }

  /**
   * Names of the children, ascending by their UTF-16 units: all of them, or with `after` or `limit` a page, which says
   * whether there are more behind it. The watch is for the whole list, also where a page sets it.
   */
  list(path: string, options: ListOptions = {}): Promise<ChildrenList> {
    return this.request(listingOf(path, options), options, childrenOf);
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
    options: QueryOptions = {},
  ): Promise<{ descendants: number; subtreeBytes: number; stat: Stat } & Reflecting> {
    const operation = { kind: 'countDescendants', path, ...termsOf(options) } as const;
    return this.request(operation, options, (zxid, result) => {
      if (result.kind !== 'descendants') return null;
      const { descendants, subtreeBytes, stat } = result;
      return { descendants, subtreeBytes, stat, zxid };
    });
  }

  /** Several reads at once, which all show the state at one zxid. Each fails by itself. */
  readMany(reads: readonly BatchedRead<string>[], options: QueryOptions = {}): Promise<BatchRead> {
    const operation = batchOf(reads, options);
    return this.request(operation, options, (zxid, result) => batchReadOf(operation, zxid, result));
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
    return this.request(operation, options, (zxid, result) =>
      result.kind === 'ephemerals' ? { paths: result.paths, zxid } : null,
    );
  }

  /**
   * Sets what a znode and all below it may come to, in the place of what was set before. What would exceed a hard limit
   * is refused as `quotaExceeded`; that a soft one is exceeded is logged. The quota ends with its znode.
   */
  setQuota(path: string, limits: Partial<Quota>, options: CallOptions = {}): Promise<Reflecting> {
    const operation = { kind: 'setQuota', path, quota: { ...NO_QUOTA, ...limits } } as const;
    return this.request(operation, options, (zxid, result) =>
      result.kind === 'quotaSet' ? { zxid } : null,
    );
  }

  removeQuota(path: string, options: CallOptions = {}): Promise<Reflecting> {
    return this.setQuota(path, NO_QUOTA, options);
  }

  /** The quotas of the znode and of all below it, ascending by path, with what they have come to. */
  quotas(
    path = '/',
    options: QueryOptions = {},
  ): Promise<{ quotas: readonly QuotaUse[] } & Reflecting> {
    const operation = { kind: 'getQuotas', path, ...termsOf(options) } as const;
    return this.request(operation, options, (zxid, result) =>
      result.kind === 'quotas' ? { quotas: result.quotas, zxid } : null,
    );
  }

  /** The quota of this znode alone; null where it has none. */
  async getQuota(
    path: string,
    options: QueryOptions = {},
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
    const start = await this.request(
      operation,
      { ...options, watch: (event) => tell(event) },
      (zxid, result) => {
        if (result.kind === 'stat') return { stat: result.stat, zxid };
        return result.kind === 'failed' && result.code === 'noNode' ? { stat: null, zxid } : null;
      },
      (made) => (tag = made),
    );
    const watcher = new Watcher(start, () => {
      if (tag !== undefined) this.requests.unwatch(tag);
      tag = undefined;
    });
    const hear = options.listener ?? ((event: ClientWatchEvent): void => watcher.push(event));
    for (const event of early) hear(event);
    tell = hear;
    return watcher;
  }

  /** Some of the sessions of the ensemble, with what they own, ascending by id; pages begin behind `after`. */
  sessions(options: SessionsOptions = {}): Promise<SessionList> {
    return this.request(sessionListOf(options), options, (zxid, result) =>
      result.kind === 'sessions' ? { sessions: result.sessions, more: result.more, zxid } : null,
    );
  }

  /** Who may do what with a znode; without the permission to set it, hashes of passwords are left out. */
  getAcl(path: string, options: QueryOptions = {}): Promise<{ acl: Acl; stat: Stat } & Reflecting> {
    return this.request({ kind: 'getAcl', path, ...termsOf(options) }, options, (zxid, result) =>
      result.kind === 'acl' ? { acl: result.acl, stat: result.stat, zxid } : null,
    );
  }

  /** `version` is that of the ACL, the stat's aversion. */
  setAcl(
    path: string,
    acl: Acl,
    options: VersionOptions & CallOptions = {},
  ): Promise<{ stat: Stat } & Reflecting> {
    const version = options.version ?? ANY_VERSION;
    return this.request({ kind: 'setAcl', path, acl, version }, options, (zxid, result) =>
      result.kind === 'aclSet' ? { stat: result.stat, zxid } : null,
    );
  }

  /** Whether this session has all of the permissions on a znode. */
  can(
    path: string,
    permissions: Permission | readonly Permission[],
    options: QueryOptions = {},
  ): Promise<{ permitted: boolean } & Reflecting> {
    const sum = permissionsOf(permissions);
    const operation = { kind: 'can', path, permissions: sum, ...termsOf(options) } as const;
    return this.request(operation, options, (zxid, result) =>
      result.kind === 'permitted' ? { permitted: result.permitted, zxid } : null,
    );
  }

  /**
   * The watches that the service holds for this session, where calls before this one have set them: paths that begin
   * with `prefix`, ascending, each with the kinds of its watches. Those of data and of existence are one kind, `data`.
   */
  async watches(prefix = '/', options: PagingOptions = {}): Promise<WatchList> {
    const page = await this.request(watchListOf(prefix, options), options, (zxid, result) =>
      result.kind === 'watches' ? { watches: result.watches, more: result.more, zxid } : null,
    );
    // Of a view, a whole page may be of znodes beside its root.
    const isBeside = page.watches.length === 0 && page.more && options.after === undefined;
    return isBeside ? this.watches(prefix, { ...options, after: '/' }) : page;
  }

  /**
   * Proves an identity: of the scheme digest by "user:password". What is called behind it has it, also on later
   * connections of the session. Returns all that the session is by then.
   */
  addAuth(
    scheme: string,
    credential: ZnodeData,
    options: CallOptions = {},
  ): Promise<{ identities: readonly Identity[] }> {
    const operation = { kind: 'addAuth', scheme, credential: bytesOf(credential) } as const;
    return this.request(operation, options, (_zxid, result) =>
      result.kind === 'identities' ? { identities: result.identities } : null,
    );
  }

  /** Who this session is to the service. */
  whoAmI(options: CallOptions = {}): Promise<{ identities: readonly Identity[] }> {
    return this.request({ kind: 'whoAmI' }, options, (_zxid, result) =>
      result.kind === 'identities' ? { identities: result.identities } : null,
    );
  }

  /** Reads behind it see every write that anyone had acknowledged before it. */
  sync(options: CallOptions = {}): Promise<Reflecting> {
    return this.request({ kind: 'sync' }, options, (zxid, result) =>
      result.kind === 'synced' ? { zxid } : null,
    );
  }
}
