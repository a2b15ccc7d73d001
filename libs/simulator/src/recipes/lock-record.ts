import { formatZxid, ZXID_ZERO } from '@paddock/model';
import type { Zxid } from '@paddock/model';
import type { CommittedLog } from '../record/committed-log.ts';

/** What was seen of one lock, while it was seen: what no lock allows is a violation. */
export class LockRecord {
  readonly #log: CommittedLog;
  readonly #violated: (what: string) => void;
  #granted: Zxid = ZXID_ZERO;
  #accepted: Zxid = ZXID_ZERO;
  #acceptedBy: Zxid = ZXID_ZERO;

  constructor(log: CommittedLog, violated: (what: string) => void) {
    this.#log = log;
    this.#violated = violated;
  }

  /** First come, first served: of two that hold it the later one has asked later. */
  granted(who: string, token: Zxid): void {
    if (token <= this.#granted) {
      this.#violated(`${who} was granted ${formatZxid(token)} behind ${formatZxid(this.#granted)}`);
    }
    this.#granted = token;
  }

  /**
   * The holder believes that it holds the lock, by all that it can ask at this moment. A restoration ends sessions that
   * live, so that their holders learn of it late; what they write behind a fence is refused all the same.
   */
  believed(who: string, token: Zxid): void {
    if (token === this.#granted || this.#hasRestoredBetween(token, this.#granted)) return;
    const newer = formatZxid(this.#granted);
    this.#violated(`${who} holds it by ${formatZxid(token)}, and somebody else by ${newer}`);
  }

  #hasRestoredBetween(from: Zxid, to: Zxid): boolean {
    return this.#log.entries.some(
      ({ backup, zxid }) => backup !== null && zxid > from && zxid < to,
    );
  }

  /** A fenced write took effect at `zxid`: none of an earlier holder may behind it. */
  wrote(who: string, token: Zxid, zxid: Zxid): void {
    const isLater = zxid > this.#accepted;
    if (isLater ? token < this.#acceptedBy : token > this.#acceptedBy) {
      const [mine, other] = [formatZxid(token), formatZxid(this.#acceptedBy)];
      this.#violated(`${who} wrote by ${mine}, though ${other} had been accepted`);
    }
    if (!isLater) return;
    this.#accepted = zxid;
    this.#acceptedBy = token;
  }
}
