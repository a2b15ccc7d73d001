import type { Outcome, Stat, TransactionResult, WriteResult } from '@paddock/model';
import type { Session, TombstoneContent } from './session.ts';

const WORD = 2 ** 32;
const SESSION = 1;
const OUTCOME = 2;
const TOMBSTONE = 3;
const SEED_HIGH = 0x9e3779b9;
const SEED_LOW = 0x85ebca6b;
const PRIME_HIGH = 0x01000193;
const PRIME_LOW = 0xc2b2ae35;

/**
 * A hash of 64 bits, as two lanes of 32, that is fed piece by piece. The digest of the session table is the sum of the
 * hashes of its rows, outcomes and tombstones, lane by lane: independent of order, and adjusted by every change.
 */
export class SessionHash {
  high = 0;
  low = 0;

  start(kind: number): void {
    this.high = SEED_HIGH | 0;
    this.low = SEED_LOW | 0;
    this.word(kind);
  }

  word(value: number): void {
    const high = Math.imul(this.high ^ value, PRIME_HIGH);
    this.high = high ^ (high >>> 15);
    const low = Math.imul(this.low ^ value, PRIME_LOW);
    this.low = low ^ (low >>> 13);
  }

  /** A whole number up to 2^53. */
  number(value: number): void {
    this.word(value | 0);
    this.word((value / WORD) | 0);
  }

  text(value: string): void {
    this.word(value.length);
    for (let i = 0; i < value.length; i++) this.word(value.charCodeAt(i));
  }

  bytes(value: Uint8Array): void {
    this.word(value.length);
    for (const byte of value) this.word(byte);
  }

  /** A row but for what its writes change; `changingPart` goes on from there. */
  fixedPart(session: Session): void {
    this.start(SESSION);
    this.number(session.session);
    this.number(session.timeoutMs);
    this.bytes(session.secretHash);
    this.number(session.attachment.frontend);
    this.number(session.attachment.connection);
    this.number(session.attachment.attempt);
    this.number(session.windowCount);
    this.number(session.windowBytes);
  }

  changingPart(session: Session): void {
    this.number(session.lastSequence);
    this.number(session.ephemeralBytes);
  }

  tombstone(tombstone: TombstoneContent): void {
    this.start(TOMBSTONE);
    this.number(tombstone.session);
    this.text(tombstone.end);
    this.number(tombstone.zxid);
    this.number(tombstone.lastSequence);
    this.word(tombstone.outcomes.length);
    for (const outcome of tombstone.outcomes) {
      this.number(outcome.sequence);
      this.number(outcome.zxid);
      this.word(outcome.requestHash);
    }
  }

  outcome(session: number, outcome: Outcome): void {
    this.start(OUTCOME);
    this.number(session);
    this.number(outcome.sequence);
    this.number(outcome.zxid);
    this.word(outcome.requestHash);
    this.#result(outcome.result);
  }

  #result(result: WriteResult | TransactionResult): void {
    this.text(result.kind);
    switch (result.kind) {
      case 'created':
        this.text(result.path);
        this.number(result.stat.mtime);
        break;
      case 'dataSet':
      case 'aclSet':
      case 'stat':
        this.#stat(result.stat);
        break;
      case 'data':
        this.bytes(result.data);
        this.#stat(result.stat);
        break;
      case 'children':
        for (const name of result.children) this.text(name);
        this.#stat(result.stat);
        break;
      case 'failed':
        this.text(result.code);
        this.text(result.reason);
        this.word(result.step?.index ?? -1);
        break;
      case 'transacted':
        this.word(result.succeeded ? 1 : 0);
        for (const it of result.results) this.#result(it);
        break;
      case 'deleted':
      case 'closed':
      case 'quotaSet':
      case 'checked':
        break;
    }
  }

  #stat(stat: Stat): void {
    this.word(stat.version);
    this.number(stat.mtime);
    if (stat.aversion > 0) this.word(stat.aversion);
  }
}
