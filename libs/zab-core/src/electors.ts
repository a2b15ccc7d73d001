import { EPOCH_LEAP, EPOCH_ZERO } from '@paddock/model';
import type { ElectionReply, ElectorIdentity, Epoch } from '@paddock/model';
import type { PeerAddress } from './broadcaster-effects.ts';

/** What is known of another broadcaster, from the link on which it is asked for its vote. */
export interface Elector {
  readonly replica: number;
  readonly address: string;
  isConnected: boolean;
  /** Null until it has said who it is. */
  identity: ElectorIdentity | null;
  acceptedEpoch: Epoch;
  /** The epoch that it leads; EPOCH_ZERO: none. */
  leads: Epoch;
  /** Not dialled as a leader before this monotonic time: it was just lost. */
  avoidUntilMs: number;
}

/** The other broadcasters of the ensemble. */
export class Electors {
  #all: Elector[] = [];

  /** True if others are to be dialled than before. */
  setPeers(peers: readonly PeerAddress[]): boolean {
    const same =
      peers.length === this.#all.length &&
      peers.every((peer) => this.find(peer.replica)?.address === peer.address);
    if (same) return false;
    this.#all = peers.map(({ replica, address }) => {
      const known = this.find(replica);
      return known?.address === address ? known : newElector(replica, address);
    });
    return true;
  }

  get addresses(): readonly PeerAddress[] {
    return this.#all;
  }

  find(replica: number): Elector | undefined {
    return this.#all.find((it) => it.replica === replica);
  }

  /** Those that can be asked. */
  get introduced(): readonly Elector[] {
    return this.#all.filter((it) => it.isConnected && it.identity !== null);
  }

  connected(replica: number): void {
    const elector = this.find(replica);
    if (elector !== undefined) elector.isConnected = true;
  }

  ended(replica: number): void {
    const elector = this.find(replica);
    if (elector === undefined) return;
    elector.isConnected = false;
    elector.identity = null;
    elector.leads = EPOCH_ZERO;
  }

  told(elector: Elector, state: Extract<ElectionReply, { kind: 'state' }>): void {
    elector.identity = state.identity;
    elector.acceptedEpoch = state.acceptedEpoch;
    elector.leads = state.leads;
  }

  /** Who says that it leads, in the latest epoch, and may be dialled now. */
  leader(nowMs: number): Elector | null {
    let found: Elector | null = null;
    for (const elector of this.introduced) {
      if (elector.leads === EPOCH_ZERO || elector.avoidUntilMs > nowMs) continue;
      if (found === null || elector.leads > found.leads) found = elector;
    }
    return found;
  }

  /** When the next one that is avoided may be dialled again. */
  nextDialMs(nowMs: number): number {
    let next = Infinity;
    for (const { avoidUntilMs } of this.#all) {
      if (avoidUntilMs > nowMs && avoidUntilMs < next) next = avoidUntilMs;
    }
    return next;
  }

  /**
   * Whether an epoch that somebody claims can be: not far above `accepted`, or reported by a majority of the replicas
   * that are listed as voters (H24). Of whatever life: a replica that is empty, or was away while others lost their
   * disks, does not know the present ones.
   */
  isPlausible(epoch: Epoch, accepted: Epoch, voters: readonly number[]): boolean {
    if (epoch <= accepted + EPOCH_LEAP) return true;
    const reporting = this.introduced.filter(
      (it) => it.acceptedEpoch + 1 >= epoch && voters.includes(it.replica),
    );
    return reporting.length * 2 > voters.length;
  }
}

function newElector(replica: number, address: string): Elector {
  return {
    replica,
    address,
    isConnected: false,
    identity: null,
    acceptedEpoch: EPOCH_ZERO,
    leads: EPOCH_ZERO,
    avoidUntilMs: -Infinity,
  };
}
