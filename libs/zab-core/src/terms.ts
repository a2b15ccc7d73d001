import {
  assert,
  epochOf,
  firstZxid,
  makeTerm,
  nextZxid,
  TERM_ZERO,
  termEpoch,
  ZXID_ZERO,
} from '@paddock/model';
import type { Epoch, LogEntry, Term, Zxid } from '@paddock/model';

/** Why a proposal is refused; null: it is what must come next. */
export type ProposalRefusal = string | null;

/**
 * The tenure of one request processor at a time (H1). A term is (epoch, incarnation within the epoch), and takes its
 * marker first and then exactly the next zxid each time.
 */
export class Terms {
  /** The term that is held; TERM_ZERO while none is. */
  current: Term = TERM_ZERO;
  /** The marker's zxid once it is appended. */
  marker: Zxid = ZXID_ZERO;

  #last: Term = TERM_ZERO;

  get isHeld(): boolean {
    return this.current !== TERM_ZERO;
  }

  /** True for a term that was granted and has ended: what it still has in flight is dropped. */
  hasEnded(term: Term): boolean {
    return term <= this.#last && term !== this.current && term > TERM_ZERO;
  }

  grant(epoch: Epoch): Term {
    assert(!this.isHeld, 'one processor holds the term at a time (H1)');
    const incarnation = termEpoch(this.#last) === epoch ? this.#last - makeTerm(epoch, 0) + 1 : 1;
    this.#last = makeTerm(epoch, incarnation);
    this.current = this.#last;
    this.marker = ZXID_ZERO;
    return this.current;
  }

  end(): Term {
    const ended = this.current;
    this.current = TERM_ZERO;
    this.marker = ZXID_ZERO;
    return ended;
  }

  /** The zxid that the term's next entry must have. */
  expected(lastProposed: Zxid): Zxid {
    const epoch = termEpoch(this.current);
    return epochOf(lastProposed) === epoch ? nextZxid(lastProposed) : firstZxid(epoch);
  }

  /** Whether `entry` may stand right behind `lastProposed` in this term. */
  refusalOf(entry: LogEntry, lastProposed: Zxid): ProposalRefusal {
    if (entry.zxid !== this.expected(lastProposed)) return 'a proposal has exactly the next zxid';
    const isMarker = entry.kind === 'termMarker';
    if (isMarker !== (this.marker === ZXID_ZERO)) {
      return isMarker ? 'a term has one marker' : 'the first proposal of a term is its marker';
    }
    return null;
  }

  accept(entry: LogEntry): void {
    if (entry.kind === 'termMarker') this.marker = entry.zxid;
  }
}
