import type { ClientState, ClientWatchEvent } from '@paddock/client-core';
import type { ClientOperation, OperationResult, SessionId, Zxid } from '@paddock/model';
import type { Timers } from '@paddock/ports';
import type { StateListener } from './client-state.ts';
import { PaddockError, requestError } from './paddock-error.ts';
import type { Watch } from './reading.ts';
import type { Pending, SessionRequests } from './session-requests.ts';
import type { TreeView } from './tree-view.ts';
import { WatchStream } from './watch-stream.ts';

const READ_ONLY = { readOnly: true } as const;

/** A session, and as much of the tree as is shown of it: what is asked is about that, and what is told. */
export class SessionView implements AsyncDisposable {
  protected readonly requests: SessionRequests;
  protected readonly view: TreeView;
  readonly #isOwner: boolean;

  /** `isOwner`: whether the session ends with it. */
  constructor(requests: SessionRequests, view: TreeView, isOwner: boolean) {
    this.requests = requests;
    this.view = view;
    this.#isOwner = isOwner;
  }

  /** The path of its root in the service's tree: "/" unless it is a view. */
  get root(): string {
    return this.view.root;
  }

  get state(): ClientState {
    return this.requests.state;
  }

  /** The session's public name; null before it is open. */
  get session(): SessionId | null {
    return this.requests.session;
  }

  /** Whether it is a local one: its name changes with its connection, and the first write makes it a global one. */
  get isLocal(): boolean {
    return this.requests.isLocal;
  }

  /** Milliseconds, as granted. */
  get sessionTimeoutMs(): number {
    return this.requests.sessionTimeoutMs;
  }

  /** Why the last connection ended or did not come about; empty when none has. */
  get lastFailure(): string {
    return this.requests.lastFailure;
  }

  /** Of the process it runs in, or of a simulation. */
  get timers(): Timers {
    return this.requests.timers;
  }

  /** Tells of each change of the state, in order with results and watch events. Returns what stops it. */
  on(_event: 'state', listener: StateListener): () => void {
    return this.requests.listen(listener);
  }

  /**
   * Ends the session, and with it its ephemeral znodes; a service that cannot be told finds out by expiry. On a view
   * that `chroot` has made it does nothing: the session is that of the client which the view is of.
   */
  close(): Promise<void> {
    return this.#isOwner ? this.requests.close() : Promise.resolve();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** Ends the client here and now; what is not answered fails as `connectionLoss`. As `close`, not by a view. */
  abandon(reason: string): void {
    if (this.#isOwner) this.requests.abandon(reason);
  }

  /** `made` is told the tag of the request before it goes. */
  protected request<T>(
    operation: ClientOperation,
    watch: Watch | null | undefined,
    convert: (zxid: Zxid, result: OperationResult) => T | null,
    made: (tag: Pending) => void = () => undefined,
  ): Promise<T> {
    const { view } = this;
    return new Promise<T>((resolve, reject) => {
      const settle = (zxid: Zxid, told: OperationResult, readOnly: boolean): void => {
        const result = view.result(told);
        const value = convert(zxid, result);
        if (readOnly && typeof value === 'object' && value !== null) {
          resolve(Object.assign(value, READ_ONLY));
        } else if (value !== null) resolve(value);
        else if (result.kind === 'failed') reject(requestError(operation, result));
        else {
          reject(new PaddockError('systemError', '', `a ${operation.kind} has no ${result.kind}`));
        }
      };
      const fired = watch ? firedOf(watch, view) : null;
      const tag: Pending = { operation: view.operation(operation), fired, settle };
      made(tag);
      this.requests.submit(tag);
    });
  }
}

/** Listeners are called as microtasks, as promises are, so that the application sees all in the core's order. */
function firedOf(watch: Watch, view: TreeView): (event: ClientWatchEvent) => void {
  if (watch instanceof WatchStream) return (event) => watch.push(view.event(event));
  return (event) => queueMicrotask(() => watch(view.event(event)));
}
