import { epochOf, permits, PLAIN_WATCH, tellsOnTerms, ZXID_ZERO } from '@paddock/model';
import type { DatabaseRequest } from '@paddock/model';
import type { Clock } from '@paddock/ports';
import type { DatabaseEffects } from '../database-effects.ts';
import type { DatabaseState } from '../database-state.ts';
import { aclOfPath } from '../watches/event-acl.ts';
import type { StreamWatch } from '../watches/watch-table.ts';
import type { FrontendStream } from './frontend-stream.ts';

interface EarlyWatch {
  readonly stream: FrontendStream;
  readonly watch: StreamWatch;
  readonly deadlineMs: number;
}

interface MarkedWatch {
  readonly stream: FrontendStream;
  readonly watch: StreamWatch;
  /** Monotonic ms. */
  dueMs: number;
}

/** Watches without a session: each tells every event of its path behind the zxid that it names (P9). */
export class StreamWatches {
  readonly #state: DatabaseState;
  readonly #clock: Clock;
  readonly #floorWaitMs: number;
  /** Those that begin in an epoch of which nobody here has heard yet, in the order in which they came. */
  #early: EarlyWatch[] = [];
  /** Those that say how far they are; some may be closed. */
  #marked: MarkedWatch[] = [];

  constructor(state: DatabaseState, clock: Clock, floorWaitMs: number) {
    this.#state = state;
    this.#clock = clock;
    this.#floorWaitMs = floorWaitMs;
  }

  /** ZXID_ZERO asks for what happens from now on. */
  open(
    stream: FrontendStream,
    request: Extract<DatabaseRequest, { readonly kind: 'openWatch' }>,
    out: DatabaseEffects,
  ): void {
    const { watch: number, path, from, identities, terms = PLAIN_WATCH } = request;
    const { applied, history, watches } = this.#state;
    const start = from === ZXID_ZERO ? applied : from;
    if (start < history.floor) {
      const ended = { kind: 'watchEnded', watch: number, code: 'compacted' } as const;
      out.frontends.push(stream.link, { ...ended, oldest: history.floor });
      return;
    }
    this.close(stream, number);
    const watch: StreamWatch = {
      link: stream.link,
      watch: number,
      path,
      from: start,
      identities,
      terms,
      isQuiet: true,
    };
    stream.watches.set(number, watch);
    watches.openStream(watch);
    if (this.#isEarly(watch)) {
      const deadlineMs = this.#clock.monotonicMs() + this.#floorWaitMs;
      this.#early.push({ stream, watch, deadlineMs });
    }
    out.frontends.push(stream.link, { kind: 'watchOpened', watch: number, zxid: start });
    const missed = terms.depth === 0 ? history.all(path, start) : history.within(path, start);
    for (const event of missed) {
      if (!tellsOnTerms(terms, path, event)) continue;
      if (!permits(aclOfPath(this.#state, event.path), 'read', identities)) continue;
      watches.tellStream(watch, event, out);
    }
    if (terms.progressMs === 0) return;
    const dueMs = this.#clock.monotonicMs() + terms.progressMs;
    this.#marked.push({ stream, watch, dueMs });
  }

  close(stream: FrontendStream, number: number): void {
    const watch = stream.watches.get(number);
    if (watch === undefined) return;
    stream.watches.delete(number);
    this.#state.watches.closeStream(watch);
  }

  /**
   * A start in an epoch that nobody here has heard of in all the time is refused: such a claim must not wait for ever.
   * Not at once, because a database that has just started still replays its way to the known epoch.
   */
  tick(out: DatabaseEffects): void {
    if (this.#marked.length > 0) this.#mark(out);
    if (this.#early.length === 0) return;
    const nowMs = this.#clock.monotonicMs();
    const kept: EarlyWatch[] = [];
    for (const early of this.#early) {
      const { stream, watch, deadlineMs } = early;
      if (stream.watches.get(watch.watch) !== watch || !this.#isEarly(watch)) continue;
      if (deadlineMs > nowMs || !this.#state.isBeyondKnown(watch.from, nowMs - this.#floorWaitMs)) {
        kept.push(early);
        continue;
      }
      this.close(stream, watch.watch);
      const ended = { kind: 'watchEnded', watch: watch.watch, code: 'badArguments' } as const;
      out.frontends.push(stream.link, ended);
    }
    this.#early = kept;
  }

  /** Those that have told nothing for their time say how far they are: all that was applied has been told before. */
  #mark(out: DatabaseEffects): void {
    const nowMs = this.#clock.monotonicMs();
    const { applied } = this.#state;
    this.#marked = this.#marked.filter(({ stream, watch }) => {
      return stream.watches.get(watch.watch) === watch;
    });
    for (const marked of this.#marked) {
      const { watch } = marked;
      if (watch.isQuiet && marked.dueMs > nowMs) continue;
      marked.dueMs = nowMs + watch.terms.progressMs;
      if (watch.isQuiet && applied >= watch.from) {
        out.frontends.push(watch.link, {
          kind: 'watchProgress',
          watch: watch.watch,
          zxid: applied,
        });
      }
      watch.isQuiet = true;
    }
  }

  #isEarly({ from }: StreamWatch): boolean {
    return from > this.#state.applied && epochOf(from) > this.#state.knownEpoch();
  }
}
