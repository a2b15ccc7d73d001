import { assert, EPOCH_ZERO } from '@paddock/model';
import type { Epoch, EpochRecord } from '@paddock/model';
import type { BroadcasterEffects } from './broadcaster-effects.ts';

/** What an epoch is made durable for, and who waits for it. */
export type EpochPurpose =
  /** A candidate accepts its own epoch before it asks anybody. */
  | { readonly kind: 'candidacy' }
  /** A voter accepts a candidate's, before it says so on this link. */
  | { readonly kind: 'vote'; readonly link: number }
  /** A leader runs discovery again with this epoch. */
  | { readonly kind: 'discovery' }
  /** A learner accepts its leader's. */
  | { readonly kind: 'following' }
  /** The history is the one of this epoch: at a learner, and at the leader itself. */
  | { readonly kind: 'current' };

interface EpochWrite {
  readonly field: 'accepted' | 'current';
  readonly epoch: Epoch;
  readonly purpose: EpochPurpose;
}

export interface EpochWritten {
  readonly epoch: Epoch;
  readonly purpose: EpochPurpose;
}

/** The epochs of this replica: durable before they are spoken, written one after the other. */
export class Epochs {
  #durable: EpochRecord = { acceptedEpoch: EPOCH_ZERO, currentEpoch: EPOCH_ZERO };
  #writes: EpochWrite[] = [];
  #promised: Epoch = EPOCH_ZERO;

  recover(epochs: EpochRecord): void {
    this.#durable = epochs;
    this.#promised = epochs.acceptedEpoch;
  }

  get accepted(): Epoch {
    return this.#durable.acceptedEpoch;
  }

  get current(): Epoch {
    return this.#durable.currentEpoch;
  }

  /** The highest epoch that is accepted or about to be: whatever is not above it is refused. */
  get promised(): Epoch {
    return this.#promised;
  }

  get isWriting(): boolean {
    return this.#writes.length > 0;
  }

  accept(epoch: Epoch, purpose: EpochPurpose, out: BroadcasterEffects): void {
    assert(epoch > this.#promised, 'an epoch is accepted once');
    this.#promised = epoch;
    this.#request({ field: 'accepted', epoch, purpose }, out);
  }

  makeCurrent(epoch: Epoch, purpose: EpochPurpose, out: BroadcasterEffects): void {
    assert(epoch <= this.#promised, 'an epoch is accepted before it is current');
    this.#request({ field: 'current', epoch, purpose }, out);
  }

  /** What has just become durable; the next write follows. */
  written(epochs: EpochRecord, out: BroadcasterEffects): EpochWritten {
    const write = this.#writes.shift();
    assert(write !== undefined, 'what was written was asked for');
    const asked = this.#record(write);
    assert(
      asked.acceptedEpoch === epochs.acceptedEpoch && asked.currentEpoch === epochs.currentEpoch,
      'what was written is what was asked for',
    );
    this.#durable = epochs;
    this.#start(out);
    return write;
  }

  #request(write: EpochWrite, out: BroadcasterEffects): void {
    this.#writes.push(write);
    if (this.#writes.length === 1) this.#start(out);
  }

  #start(out: BroadcasterEffects): void {
    const write = this.#writes[0];
    if (write !== undefined) out.writeEpochs = this.#record(write);
  }

  #record({ field, epoch }: EpochWrite): EpochRecord {
    const { acceptedEpoch, currentEpoch } = this.#durable;
    return field === 'accepted'
      ? { acceptedEpoch: epoch, currentEpoch }
      : { acceptedEpoch, currentEpoch: epoch > currentEpoch ? epoch : currentEpoch };
  }
}
