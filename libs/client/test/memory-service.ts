import { makeSessionId, makeZxid, trustedPath, ZXID_ZERO } from '@paddock/model';
import type {
  ClientOperation,
  NumberedResult,
  OperationResult,
  SessionReply,
  SessionRequest,
  Stat,
} from '@paddock/model';
import type { Link, LinkHandlers } from '@paddock/ports';
import type { SessionDialer } from '../src/session-driver.ts';

const SESSION = makeSessionId(9);

/** A flat service of one session in memory: enough to see what the client makes of its answers. */
export class MemoryService implements SessionDialer {
  readonly requests: SessionRequest[] = [];
  readonly dialled: string[] = [];
  /** False: nobody answers. */
  isUp = true;
  readonly #data = new Map<string, { data: Uint8Array; version: number }>();
  readonly #watched = new Set<string>();
  #handlers: LinkHandlers<readonly SessionReply[]> | null = null;
  #counter = 0;

  dial(address: string, handlers: LinkHandlers<readonly SessionReply[]>): Link<SessionRequest[]> {
    this.dialled.push(address);
    this.#handlers = handlers;
    return {
      send: (batch) => {
        this.requests.push(...batch);
        // As a network would: later, and each batch by itself.
        if (this.isUp) {
          setImmediate(() => handlers.received(batch.flatMap((it) => this.#answer(it))));
        }
        return true;
      },
      bufferedBytes: 0,
      pause: () => undefined,
      resume: () => undefined,
      close: (end) => handlers.ended(end),
    };
  }

  breakLink(): void {
    this.#handlers?.ended({ cause: 'lost', reason: 'broken by the test' });
  }

  #answer(request: SessionRequest): SessionReply[] {
    const zxid = makeZxid(1, this.#counter);
    switch (request.kind) {
      case 'open':
        return [
          { kind: 'opened', session: SESSION, secret: new Uint8Array(1), timeoutMs: 9000, zxid },
        ];
      case 'resume':
        return [
          {
            kind: 'resumed',
            timeoutMs: 9000,
            zxid,
            lastSequence: request.ackedThrough,
            outcomes: [],
            more: false,
          },
        ];
      case 'heartbeat':
        return [{ kind: 'heartbeat', acknowledged: request.number, covered: ZXID_ZERO }];
      case 'upgrade':
        return [{ kind: 'upgraded', zxid }];
      case 'unwatch':
        return [];
      case 'operations':
        return request.operations.flatMap((it) => this.#run(it));
    }
  }

  #run(operation: ClientOperation): SessionReply[] {
    const replies: SessionReply[] = [];
    const result = this.#resultOf(operation, replies);
    const numbered: NumberedResult = { zxid: makeZxid(1, this.#counter), result };
    return [...replies, { kind: 'results', results: [numbered] }];
  }

  #resultOf(operation: ClientOperation, replies: SessionReply[]): OperationResult {
    if (!('path' in operation)) {
      if (operation.kind === 'addAuth') return { kind: 'identities', identities: [] };
      return operation.kind === 'closeSession' ? { kind: 'closed' } : { kind: 'synced' };
    }
    const { path } = operation;
    if (operation.kind === 'getEphemerals') return { kind: 'ephemerals', paths: [] };
    if (operation.kind === 'listSessions') return { kind: 'sessions', sessions: [], more: false };
    if (operation.kind === 'getWatches') {
      const watches = [...this.#watched].sort().map((it) => ({
        path: trustedPath(it),
        kinds: ['data'] as const,
      }));
      return { kind: 'watches', watches, more: false };
    }
    if (operation.kind === 'setQuota') return { kind: 'quotaSet' };
    if (operation.kind === 'getQuotas') return { kind: 'quotas', quotas: [] };
    const found = this.#data.get(path);
    if ('watch' in operation && operation.watch) this.#watched.add(path);
    switch (operation.kind) {
      case 'create':
        if (found !== undefined) return { kind: 'failed', code: 'nodeExists', reason: '' };
        return { kind: 'created', path: path as never, stat: this.#put(path, operation.data, 0) };
      case 'setData': {
        if (found === undefined) return { kind: 'failed', code: 'noNode', reason: '' };
        if (operation.version !== -1 && operation.version !== found.version) {
          return { kind: 'failed', code: 'badVersion', reason: '' };
        }
        const stat = this.#put(path, operation.data, found.version + 1);
        if (this.#watched.delete(path)) {
          const event = { kind: 'nodeDataChanged', path: path as never, zxid: stat.mzxid } as const;
          replies.push({ kind: 'event', event });
        }
        return { kind: 'dataSet', stat };
      }
      case 'delete':
        return this.#data.delete(path)
          ? { kind: 'deleted' }
          : { kind: 'failed', code: 'noNode', reason: '' };
      default:
        if (found === undefined) return { kind: 'failed', code: 'noNode', reason: '' };
        if (operation.kind === 'exists') return { kind: 'stat', stat: this.#stat(found) };
        if (operation.kind === 'getData') {
          return { kind: 'data', data: found.data, stat: this.#stat(found) };
        }
        if (operation.kind === 'getChildrenPage') {
          const behind = this.#childrenOf(path).filter((it) => it > operation.after);
          const children = behind.slice(0, operation.limit);
          const more = children.length < behind.length;
          return { kind: 'childrenPage', children, more, stat: this.#stat(found) };
        }
        if (operation.kind === 'countDescendants') {
          const subtreeBytes = found.data.length;
          return { kind: 'descendants', descendants: 0, subtreeBytes, stat: this.#stat(found) };
        }
        return { kind: 'children', children: [], stat: this.#stat(found) };
    }
  }

  #childrenOf(path: string): string[] {
    const names = [...this.#data.keys()].filter((it) => it.startsWith(`${path}/`));
    return names.map((it) => it.slice(path.length + 1)).sort();
  }

  #put(path: string, data: Uint8Array, version: number): Stat {
    this.#counter++;
    const znode = { data, version };
    this.#data.set(path, znode);
    return this.#stat(znode);
  }

  #stat(znode: { data: Uint8Array; version: number }): Stat {
    const zxid = makeZxid(1, this.#counter);
    return {
      czxid: zxid,
      mzxid: zxid,
      pzxid: zxid,
      ctime: 0,
      mtime: 0,
      version: znode.version,
      cversion: 0,
      aversion: 0,
      ephemeralOwner: 0 as never,
      dataLength: znode.data.length,
      numChildren: 0,
      kind: 'persistent',
      ttlMs: 0,
    };
  }
}
