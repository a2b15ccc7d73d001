import { maxZxid } from '@paddock/model';
import type { Zxid } from '@paddock/model';
import type { ClientSession } from './client-session.ts';
import type { SessionFrontendEffects } from './frontend-effects.ts';
import type { ProcessorLink } from './processor-link.ts';

/** A sync or a linearizable read that waits for its floor: of a session the position, of no session the unary call. */
export interface ReadIndexWait {
  readonly request: number;
  readonly session: ClientSession | null;
  readonly place: number;
}

/**
 * Read-index requests on their way (H13). What arrives in one step shares the request that leaves at its end: it is
 * sent after all of them have arrived, and a floor confirmed for a request holds for every earlier one.
 */
export class ReadIndexes {
  #next = 1;
  #gathering = 0;
  #waits: ReadIndexWait[] = [];

  join(session: ClientSession | null, place: number): number {
    if (this.#gathering === 0) this.#gathering = this.#next++;
    this.#waits.push({ request: this.#gathering, session, place });
    return this.#gathering;
  }

  /** At the end of a step. */
  flush(processor: ProcessorLink, out: SessionFrontendEffects): void {
    if (this.#gathering === 0) return;
    processor.send({ kind: 'readIndex', request: this.#gathering }, out);
    this.#gathering = 0;
  }

  /** To a processor that was dialled anew. */
  sendAgain(processor: ProcessorLink, out: SessionFrontendEffects): void {
    let last = 0;
    for (const wait of this.#waits) {
      if (wait.request !== last) processor.send({ kind: 'readIndex', request: wait.request }, out);
      last = wait.request;
    }
    this.#gathering = 0;
  }

  /** Takes out the waits that this answer settles. */
  answered(request: number): readonly ReadIndexWait[] {
    let count = 0;
    for (const wait of this.#waits) {
      if (wait.request > request) break;
      count++;
    }
    return this.#waits.splice(0, count);
  }

  /** Forgets waits that were answered otherwise: they timed out, or their connection ended. */
  prune(isCallWaiting: (call: number) => boolean): void {
    if (this.#waits.length === 0) return;
    this.#waits = this.#waits.filter((wait) =>
      wait.session === null ? isCallWaiting(wait.place) : isWaiting(wait.session, wait.place),
    );
  }
}

function isWaiting(session: ClientSession, position: number): boolean {
  if (session.phase === 'ended') return false;
  const { operations } = session;
  if (position < operations.head || position >= operations.tail) return false;
  const slot = operations.at(position);
  return !slot.floorKnown && !slot.answered;
}

/** The floor of what a session asked for at this position, where that still waits. */
export function tellFloor(session: ClientSession, position: number, floor: Zxid): boolean {
  if (!isWaiting(session, position)) return false;
  const slot = session.operations.at(position);
  slot.floor = maxZxid(slot.floor, floor);
  slot.floorKnown = true;
  return true;
}
