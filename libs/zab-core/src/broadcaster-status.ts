import type { EnsembleConfiguration, Epoch, Term, Zxid } from '@paddock/model';
import type { DatabaseLinkState } from './database-link.ts';
import type { Delivery } from './delivery.ts';
import type { BroadcasterFailure } from './broadcaster-effects.ts';
import type { Establishment, ZabPhase } from './establishment.ts';
import type { History } from './history.ts';
import type { Terms } from './terms.ts';

export interface DatabaseStatus {
  readonly state: DatabaseLinkState;
  readonly delivered: Zxid;
  readonly applied: Zxid;
  readonly windowBytes: number;
}

/** For operators and health: a picture of the moment. */
export interface BroadcasterStatus {
  readonly phase: ZabPhase;
  readonly epoch: Epoch;
  readonly acceptedEpoch: Epoch;
  readonly currentEpoch: Epoch;
  readonly lastProposed: Zxid;
  readonly durable: Zxid;
  readonly committed: Zxid;
  /** TERM_ZERO while no processor holds it. */
  readonly term: Term;
  readonly processorAddress: string | null;
  readonly databases: readonly DatabaseStatus[];
  readonly configuration: EnsembleConfiguration | null;
  readonly failure: BroadcasterFailure | null;
}

export function statusOf(
  establishment: Establishment,
  history: History,
  terms: Terms,
  processorAddress: string | null,
  delivery: Delivery,
  configuration: EnsembleConfiguration | null,
  failure: BroadcasterFailure | null,
): BroadcasterStatus {
  return {
    phase: establishment.phase,
    epoch: establishment.epoch,
    acceptedEpoch: establishment.epochs.acceptedEpoch,
    currentEpoch: establishment.epochs.currentEpoch,
    lastProposed: history.last,
    durable: history.durable,
    committed: history.committed,
    term: terms.current,
    processorAddress,
    databases: delivery.links.map((database) => ({
      state: database.state,
      delivered: database.delivered,
      applied: database.applied,
      windowBytes: database.windowBytes,
    })),
    configuration,
    failure,
  };
}
