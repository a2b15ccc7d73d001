import type { ClientState } from '@paddock/client-core';
import type { ClientOperation, OperationResult, SessionId, Zxid } from '@paddock/model';
import type { Timers } from '@paddock/ports';
import { Call } from './call.ts';
import { callOptionsOf, faultOfCallOptions, isBounded } from './call-options.ts';
import type { CallOptions } from './call-options.ts';
import type { SessionEnding, SessionStatus, StateListener } from './client-state.ts';
import { givenUpError, PaddockError } from './paddock-error.ts';
import type { Watch } from './reading.ts';
import type { Pending, SessionRequests } from './session-requests.ts';
import { traceCall } from './tracing.ts';
import type { TreeView } from './tree-view.ts';

/** A session, and as much of the tree as is shown of it: what is asked is about that, and what is told. */
export class SessionView implements AsyncDisposable {
  protected readonly requests: SessionRequests;
  protected readonly view: TreeView;
  /** Of calls that do not say otherwise. */
  protected readonly defaults: CallOptions;
  readonly #isOwner: boolean;

  /** `isOwner`: whether the session ends with it. */
  constructor(requests: SessionRequests, view: TreeView, defaults: CallOptions, isOwner: boolean) {
    this.requests = requests;
    this.view = view;
    this.defaults = defaults;
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
    return this.requests.life.listen(listener);
  }

  /**
   * How the session is now, and then each change, in order, up to its end: for `for await`. One that is not taken in
   * time is counted in what is told next.
   */
  states(): AsyncIterableIterator<SessionStatus, undefined> {
    return this.requests.life.statuses();
  }

  /** How the session has ended; never fails. */
  get ended(): Promise<SessionEnding> {
    return this.requests.life.ended;
  }

  /**
   * Fires when the session may be over for the service: before anybody else can be given what it holds, by the clock of
   * this process. After a session has turned out to live all the same, there is another signal here.
   */
  get sessionSignal(): AbortSignal {
    return this.requests.life.signal;
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
    options: CallOptions & { readonly watch?: Watch },
    convert: (zxid: Zxid, result: OperationResult) => T | null,
    made: (tag: Pending) => void = () => undefined,
  ): Promise<T> {
    const bounds = callOptionsOf(options, this.defaults);
    const fault = faultOfCallOptions(bounds);
    if (fault !== undefined) return Promise.reject(new PaddockError('badArguments', '', fault));
    const { signal } = bounds;
    if (signal?.aborted === true) {
      const cause: unknown = signal.reason;
      const why = { code: 'aborted', cause } as const;
      return Promise.reject(givenUpError(operation, why, false));
    }
    const called = { operation, convert, watch: options.watch };
    const call = new Call(called, this.requests, this.view);
    made(call);
    traceCall(operation, this.session, (trace) => {
      call.trace = trace;
      if (isBounded(bounds)) call.bound(bounds);
      this.requests.submit(call);
    });
    return call.promise;
  }
}
