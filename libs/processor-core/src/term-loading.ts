import { ZXID_ZERO } from '@paddock/model';
import type { QuotaUse, Term, Zxid } from '@paddock/model';
import type { LookUp, LookUpAnswered, LookUps } from './look-ups.ts';
import { SessionTable } from './session-table.ts';

/** Between the grant of a term and its first entry: the session table is read, at or above what was proposed before. */
export class TermLoading {
  readonly term: Term;
  readonly lastProposed: Zxid;
  readonly sessions = new SessionTable();
  /** Asked for meanwhile; proposed right behind the marker. */
  readonly configurations: Uint8Array[] = [];
  #time = 0;
  #oldestTombstone: Zxid = ZXID_ZERO;
  #quotas: readonly QuotaUse[] = [];
  #complete = false;

  constructor(term: Term, lastProposed: Zxid, lookUps: LookUps) {
    this.term = term;
    this.lastProposed = lastProposed;
    lookUps.termStart();
    lookUps.sessions();
  }

  get complete(): boolean {
    return this.#complete;
  }

  /** Time of the last transaction before the term. */
  get time(): number {
    return this.#time;
  }

  get oldestTombstone(): Zxid {
    return this.#oldestTombstone;
  }

  /** With what they had come to before the term. */
  get quotas(): readonly QuotaUse[] {
    return this.#quotas;
  }

  answered(lookUp: LookUp, message: LookUpAnswered, lookUps: LookUps): void {
    const { answer } = message;
    if (answer.kind === 'termStart') {
      this.#time = answer.time;
      this.#oldestTombstone = answer.oldestTombstone;
      this.#quotas = answer.quotas;
      return;
    }
    if (answer.kind !== 'sessions' || lookUp.kind !== 'sessions') return;
    for (const row of answer.rows) this.sessions.add(row);
    const last = answer.rows.at(-1);
    // The page behind the last one is asked for; an empty page has nothing behind it, whatever it says.
    if (answer.more && last !== undefined) lookUps.sessions(last.session);
    else this.#complete = true;
  }
}
