import type { ClientWatchEvent } from '@paddock/client-core';
import type { ClientOperation, OperationResult, Zxid } from '@paddock/model';
import { boundCall } from './call-options.ts';
import type { CallOptions, GivingUp } from './call-options.ts';
import { givenUpError, PaddockError, requestError } from './paddock-error.ts';
import type { Watch } from './reading.ts';
import type { Pending, SessionRequests } from './session-requests.ts';
import { traceAnswer, traceFailure } from './tracing.ts';
import type { RequestTrace } from './tracing.ts';
import type { TreeView } from './tree-view.ts';
import { WatchStream } from './watch-stream.ts';

const READ_ONLY = { readOnly: true } as const;

/** What is called, and what its result is made into: null where it is of something else. */
export interface Called<T> {
  /** With the paths of the view. */
  readonly operation: ClientOperation;
  readonly watch: Watch | undefined;
  readonly convert: (zxid: Zxid, result: OperationResult) => T | null;
}

/** One call, until whoever has made it knows what has become of it. */
export class Call<T> implements Pending {
  readonly operation: ClientOperation;
  readonly promise: Promise<T>;
  readonly #called: Called<T>;
  readonly #requests: SessionRequests;
  readonly #view: TreeView;
  #resolve: (value: T) => void = () => undefined;
  #reject: (error: PaddockError) => void = () => undefined;
  #stop: (() => void) | null = null;
  #givingUp: GivingUp | null = null;
  /** Null: nobody listens. */
  trace: RequestTrace | null = null;

  constructor(called: Called<T>, requests: SessionRequests, view: TreeView) {
    this.operation = view.operation(called.operation);
    this.#called = called;
    this.#requests = requests;
    this.#view = view;
    this.promise = new Promise<T>((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
  }

  get isRevocable(): boolean {
    return this.#stop !== null;
  }

  /** Gives it up when they say so. */
  bound(options: CallOptions): void {
    this.#stop = boundCall(options, this.#requests.timers, (why) => {
      this.#givingUp = why;
      this.#requests.giveUp(this);
    });
  }

  settle(zxid: Zxid, told: OperationResult, readOnly: boolean): void {
    this.#stop?.();
    const { operation, convert } = this.#called;
    if (this.#givingUp !== null) {
      // Nobody will ever remove the watch that it has set.
      if (told.kind !== 'failed' || told.code === 'noNode') this.#requests.unwatch(this);
      return;
    }
    const result = this.#view.result(told);
    const value = convert(zxid, result);
    if (value !== null) {
      if (this.trace !== null) traceAnswer(this.trace, zxid);
      const isMarked = readOnly && typeof value === 'object';
      this.#resolve(isMarked ? Object.assign(value, READ_ONLY) : value);
    } else if (result.kind === 'failed') this.#fail(requestError(operation, result));
    else {
      const message = `a ${operation.kind} has no ${result.kind}`;
      this.#fail(new PaddockError('systemError', '', message));
    }
  }

  /** Listeners are called as microtasks, as promises are, so that the application sees all in the core's order. */
  fired(event: ClientWatchEvent): void {
    const { watch } = this.#called;
    if (watch === undefined || this.#givingUp !== null) return;
    const seen = this.#view.event(event);
    if (watch instanceof WatchStream) watch.push(seen);
    else queueMicrotask(() => watch(seen));
  }

  givenUp(wasSent: boolean): void {
    if (this.#givingUp === null) return;
    this.#fail(givenUpError(this.#called.operation, this.#givingUp, wasSent));
  }

  #fail(error: PaddockError): void {
    if (this.trace !== null) traceFailure(this.trace, error);
    this.#reject(error);
  }
}
