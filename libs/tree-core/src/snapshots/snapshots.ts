import { assert, ZXID_ZERO } from '@paddock/model';
import type { Limits, Zxid } from '@paddock/model';
import type { Clock } from '@paddock/ports';
import type { DatabaseEffects } from '../database-effects.ts';
import type { DatabaseState } from '../database-state.ts';
import { NO_DIGEST } from '../digest.ts';
import { SnapshotTaking } from './snapshot-taking.ts';
import type { Rot } from './snapshot-taking.ts';

/** After a failure the log grows meanwhile, and nothing else is lost. */
const RETRY_MS = 30_000;
/** A chunk has this part of what a link carries at once and one row: so much is left for the largest. */
const CHUNKS_A_MESSAGE = 4;

/**
 * Decides when a snapshot is taken, and keeps it going: after so many transactions or bytes of log, one at a time. A
 * failure is told and tried again later; it never stops the serving.
 *
 * Writers need no pacing for it to complete (H12 has them paced after an attempt that too many old images have
 * aborted). No load aborts an attempt: a row is written once, by the slice that comes to it or before its first change,
 * whichever is first, and rows born since are not written at all. So its work is fixed when it begins, changes only
 * bring it forward, and each turn of the driver does some. What waits for the file is bounded by the file: slices stop
 * while it is behind, and old images, which go on, are at most one of each row.
 */
export class Snapshots {
  readonly #state: DatabaseState;
  readonly #limits: Limits;
  readonly #clock: Clock;
  #taking: SnapshotTaking | null = null;
  #begun = 0;
  #transactions = 0;
  #logBytes = 0;
  #notBeforeMs = 0;
  /** Other databases wait for one of at least this zxid. */
  #wanted: Zxid | null = null;
  #isHalted = false;
  #rot: Rot = { znodes: NO_DIGEST, sessions: NO_DIGEST };
  /** Up to there a majority has had the same state, as far as this core has heard; ZXID_ZERO: it has not. */
  agreed: Zxid = ZXID_ZERO;
  /** The newest snapshot that is verified, ZXID_ZERO where there is none. */
  #verified: Zxid = ZXID_ZERO;

  constructor(state: DatabaseState, limits: Limits, clock: Clock) {
    this.#state = state;
    this.#limits = limits;
    this.#clock = clock;
  }

  get verified(): Zxid {
    return this.#verified;
  }

  /**
   * What the last scan has found. The digest that others are told has it added: so it is of what is in memory, and a
   * majority contradicts it, which has it replaced; alone nobody is asked, and the alarm stands (H12, H22).
   */
  get rot(): Rot {
    return this.#rot;
  }

  get isTaking(): boolean {
    return this.#taking !== null;
  }

  /** True while a slice is to be taken; false also while the file's writer is behind. */
  get wantsSlice(): boolean {
    const taking = this.#taking;
    if (taking === null || taking.isFinishing) return false;
    return taking.unwrittenBytes < this.#limits.queueBytes;
  }

  /** A snapshot that is there or under way may do; else one is taken as soon as that has been applied. */
  want(atLeast: Zxid, out: DatabaseEffects): void {
    this.#wanted = atLeast;
    if (this.#taking === null) this.batchApplied(out);
  }

  /** None is taken while the databases do not agree, and what is under way is given up (H22). */
  halt(isHalted: boolean, out: DatabaseEffects): void {
    this.#isHalted = isHalted;
    if (!isHalted || this.#taking === null || this.#taking.isEvidence) return;
    this.#taking.end();
    this.#taking = null;
    this.#transactions = this.#limits.snapshotTransactions;
    out.snapshot.push({ kind: 'abandon' });
  }

  /** What is in memory goes to disk as it is, wrong as it is, before something else takes its place (H22). */
  keepEvidence(out: DatabaseEffects): void {
    assert(this.#taking === null, 'no snapshot is taken of a state that is wrong');
    this.#take(true, out);
  }

  evidenceEnded(): void {
    if (this.#taking?.isEvidence !== true) return;
    this.#taking.end();
    this.#taking = null;
  }

  loaded(zxid: Zxid): void {
    this.#verified = zxid;
  }

  entryApplied(bytes: number): void {
    this.#transactions += 1;
    this.#logBytes += bytes;
  }

  /** After each applied batch: what has changed is saved, and a snapshot that is due begins. */
  batchApplied(out: DatabaseEffects): void {
    if (this.#taking !== null) {
      this.#taking.flushImages(out);
      return;
    }
    if (this.#isHalted) return;
    const isDue =
      this.#transactions >= this.#limits.snapshotTransactions ||
      this.#logBytes >= this.#limits.snapshotLogBytes ||
      (this.#wanted !== null && this.#state.applied >= this.#wanted);
    if (isDue && this.#clock.monotonicMs() >= this.#notBeforeMs) this.#begin(out);
  }

  slice(out: DatabaseEffects): void {
    if (this.#taking === null) return;
    const trouble = this.#taking.slice(this.agreed, out);
    this.#rot = this.#taking.rot ?? this.#rot;
    if (trouble === undefined) return;
    out.snapshot.push({ kind: 'abandon' });
    this.failed(trouble, out);
  }

  written(bytes: number): void {
    this.#taking?.written(bytes);
  }

  finished(zxid: Zxid, out: DatabaseEffects): void {
    if (this.#taking?.zxid !== zxid) return;
    this.#taking = null;
    this.#verified = zxid;
    if (this.#wanted !== null && zxid >= this.#wanted) this.#wanted = null;
    out.events.push({ level: 'info', message: 'a snapshot was written and verified', zxid });
  }

  failed(reason: string, out: DatabaseEffects): void {
    const taking = this.#taking;
    if (taking === null) return;
    taking.end();
    this.#taking = null;
    this.#notBeforeMs = this.#clock.monotonicMs() + RETRY_MS;
    this.#transactions = this.#limits.snapshotTransactions;
    out.events.push({
      level: 'error',
      message: 'a snapshot failed and is tried again later; the log is kept until then',
      zxid: taking.zxid,
      detail: { reason, retryMs: RETRY_MS },
    });
  }

  /** A snapshot that has failed is due also when nothing is written. */
  tick(out: DatabaseEffects): void {
    if (this.#taking === null) this.batchApplied(out);
  }

  #begin(out: DatabaseEffects): void {
    this.#transactions = 0;
    this.#logBytes = 0;
    this.#take(false, out);
    out.events.push({ level: 'info', message: 'a snapshot begins', zxid: this.#state.applied });
  }

  #take(isEvidence: boolean, out: DatabaseEffects): void {
    this.#begun += 1;
    const chunkBytes = this.#limits.linkMessageBytes / CHUNKS_A_MESSAGE;
    const options = { number: this.#begun, chunkBytes, isEvidence };
    this.#taking = new SnapshotTaking(this.#state, options, this.#clock, out);
  }
}
