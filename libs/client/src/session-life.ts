import type { ClientState } from '@paddock/client-core';
import type { SessionId } from '@paddock/model';
import { isEnd, StatusStream } from './client-state.ts';
import type { SessionEnding, SessionStatus, StateChange, StateListener } from './client-state.ts';
import { PaddockError } from './paddock-error.ts';

/** What there is to know of a session at a moment. */
export interface SessionFacts {
  readonly state: ClientState;
  readonly session: SessionId | null;
  readonly timeoutMs: number;
}

/** Tells of a session's life to whoever asks: by listeners, streams, signals, and a promise of its end. */
export class SessionLife {
  readonly #facts: () => SessionFacts;
  readonly #listeners = new Set<StateListener>();
  readonly #streams = new Set<StatusStream>();
  #signalled = new AbortController();
  #last: StateChange = { state: 'connecting', reason: '' };
  #end: (ending: SessionEnding) => void = () => undefined;
  /** Never fails. */
  readonly ended: Promise<SessionEnding>;

  constructor(facts: () => SessionFacts) {
    this.#facts = facts;
    this.ended = new Promise((resolve) => {
      this.#end = resolve;
    });
  }

  /** Returns what stops it. */
  listen(listener: StateListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  statuses(): StatusStream {
    const stream: StatusStream = new StatusStream(() => this.#streams.delete(stream));
    this.#streams.add(stream);
    stream.push(this.#statusOf(this.#last));
    if (isEnd(this.#last.state)) this.#streams.delete(stream);
    return stream;
  }

  /** By the clock at this moment: of a process that was stopped, before it has heard anything. */
  get signal(): AbortSignal {
    const { state } = this.#facts();
    if (mayBeOver(state)) this.#abort(state, 'its time is over by the clock of this process');
    return this.#signalled.signal;
  }

  changed(change: StateChange): void {
    this.#last = change;
    const { state, reason, end } = change;
    if (mayBeOver(state)) this.#abort(state, reason);
    else if (state === 'connected' && this.#signalled.signal.aborted) {
      this.#signalled = new AbortController();
    }
    for (const listener of this.#listeners) queueMicrotask(() => listener(change));
    for (const stream of this.#streams) stream.push(this.#statusOf(change));
    if (!isEnd(state)) return;
    this.#streams.clear();
    this.#end({ state, reason, end: end ?? state });
  }

  #abort(state: ClientState, reason: string): void {
    if (this.#signalled.signal.aborted) return;
    const message = `the session is ${state}: ${reason}`;
    this.#signalled.abort(new PaddockError('sessionExpired', '', message));
  }

  #statusOf({ state, reason, end }: StateChange): SessionStatus {
    const common = { reason, missed: 0 };
    if (isEnd(state)) return { ...common, state, end: end ?? state };
    if (state !== 'connected' && state !== 'readOnly') return { ...common, state };
    const { session, timeoutMs } = this.#facts();
    return { ...common, state, session, timeoutMs };
  }
}

function mayBeOver(state: ClientState): boolean {
  return state === 'lost' || isEnd(state);
}
