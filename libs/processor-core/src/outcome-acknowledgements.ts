import type { Acknowledgement, Change } from '@paddock/model';
import type { SessionState } from './session-table.ts';

/** Acknowledgements in one transaction. */
const PER_TRANSACTION = 2048;

/** Acknowledged outcomes of sessions that write nothing themselves, gathered from tick to tick (H21 b). */
export class OutcomeAcknowledgements {
  #sessions: SessionState[] = [];

  note(state: SessionState, through: number): void {
    // What was never assigned has no outcome; acknowledging it ahead would lose the outcome to come.
    const acked = Math.min(through, state.lastSequence);
    if (!(acked > state.ackedThrough)) return;
    state.ackedThrough = acked;
    if (state.ackQueued) return;
    state.ackQueued = true;
    this.#sessions.push(state);
  }

  /** The next transaction's worth; null when there is none left. */
  take(): Change | null {
    const acknowledgements: Acknowledgement[] = [];
    while (acknowledgements.length < PER_TRANSACTION) {
      const state = this.#sessions.pop();
      if (state === undefined) break;
      state.ackQueued = false;
      // A write may have carried it in the meantime, or the session be about to end.
      if (state.closing || state.ackedThrough <= state.ackProposed) continue;
      state.ackProposed = state.ackedThrough;
      acknowledgements.push({ session: state.session, through: state.ackedThrough });
    }
    return acknowledgements.length === 0 ? null : { kind: 'acknowledgeOutcomes', acknowledgements };
  }
}
