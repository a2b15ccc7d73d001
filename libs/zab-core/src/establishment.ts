import { assert, EPOCH_MAX, EPOCH_ZERO, makeEpoch } from '@paddock/model';
import type { Epoch, EpochRecord } from '@paddock/model';
import type { BroadcasterEffects } from './broadcaster-effects.ts';
import { Vote } from './quorum.ts';
import type { Quorum } from './quorum.ts';

/** Zab's phases 1 to 3. */
export type ZabPhase = 'idle' | 'discovery' | 'synchronization' | 'broadcast';

/**
 * How an epoch comes to be (Zab, phases 1 and 2). Discovery: a quorum has durably accepted an epoch above all that it
 * accepted before. Synchronization: a quorum has durably taken the leader's history as that epoch's. Only then is
 * anything broadcast in it, so no entry of an epoch exists before the epoch is durable.
 */
export class Establishment {
  phase: ZabPhase = 'idle';
  /** As durable here. */
  epochs: EpochRecord = { acceptedEpoch: EPOCH_ZERO, currentEpoch: EPOCH_ZERO };

  readonly #replica: number;
  #epoch: Epoch = EPOCH_ZERO;
  #accepted: Vote | null = null;
  #synchronized: Vote | null = null;
  /** The record that is being written. */
  #writing: EpochRecord | null = null;

  constructor(replica: number) {
    this.#replica = replica;
  }

  /** The epoch being established, or established. */
  get epoch(): Epoch {
    return this.#epoch;
  }

  recover(epochs: EpochRecord): void {
    this.epochs = epochs;
  }

  /** Begins discovery; false where the epochs have run out. */
  begin(quorum: Quorum, out: BroadcasterEffects): boolean {
    assert(this.#writing === null, 'one epoch record is written at a time');
    const highest = this.epochs.acceptedEpoch;
    if (highest >= EPOCH_MAX) return false;
    this.#epoch = makeEpoch(highest + 1);
    this.#accepted = new Vote(quorum);
    this.#synchronized = new Vote(quorum);
    this.phase = 'discovery';
    this.#write({ acceptedEpoch: this.#epoch, currentEpoch: this.epochs.currentEpoch }, out);
    return true;
  }

  /** True when the epoch has just been established. */
  written(epochs: EpochRecord, out: BroadcasterEffects): boolean {
    const writing = this.#writing;
    assert(
      writing?.acceptedEpoch === epochs.acceptedEpoch &&
        writing.currentEpoch === epochs.currentEpoch,
      'what was written is what was asked for',
    );
    this.#writing = null;
    this.epochs = epochs;
    // An epoch is durable before it is acknowledged, by the leader as by every other voter.
    if (epochs.acceptedEpoch === this.#epoch) this.#accepted?.add(this.#replica);
    if (epochs.currentEpoch === this.#epoch) this.#synchronized?.add(this.#replica);
    return this.#advance(out);
  }

  #advance(out: BroadcasterEffects): boolean {
    if (this.phase === 'discovery' && this.#accepted?.isWon === true) {
      this.phase = 'synchronization';
      this.#write({ acceptedEpoch: this.#epoch, currentEpoch: this.#epoch }, out);
    }
    if (this.phase === 'synchronization' && this.#synchronized?.isWon === true) {
      this.phase = 'broadcast';
      return true;
    }
    return false;
  }

  #write(epochs: EpochRecord, out: BroadcasterEffects): void {
    this.#writing = epochs;
    out.writeEpochs = epochs;
  }
}
