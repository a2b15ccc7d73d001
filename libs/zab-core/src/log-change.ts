import { CodecError, decodeConfiguration } from '@paddock/codec';
import { epochOf, formatZxid } from '@paddock/model';
import type { EnsembleConfiguration, Zxid } from '@paddock/model';
import type { BroadcasterEffects } from './broadcaster-effects.ts';
import type { DatabaseLink } from './database-link.ts';
import type { Ensemble } from './ensemble.ts';

type Wanted =
  | { readonly kind: 'truncate'; readonly after: Zxid; readonly link: number }
  | {
      readonly kind: 'restart';
      readonly base: Zxid;
      readonly configuration: EnsembleConfiguration;
    };

/**
 * Cuts of the log, and its new beginning behind a snapshot (H8, H10): one at a time, and only while nothing is being
 * written to it.
 */
export class LogChange {
  readonly #ensemble: Ensemble;
  #wanted: Wanted | null = null;
  #isUnderWay = false;

  constructor(ensemble: Ensemble) {
    this.#ensemble = ensemble;
  }

  get isPending(): boolean {
    return this.#wanted !== null;
  }

  /** The leader on this link has not got what is behind `after`. */
  truncate(after: Zxid, link: number): void {
    this.#wanted = { kind: 'truncate', after, link };
  }

  /** The snapshot of this database lies behind the end of the log (H8). */
  restart(database: DatabaseLink, out: BroadcasterEffects): void {
    const { memberships } = this.#ensemble;
    let configuration: EnsembleConfiguration;
    try {
      configuration = decodeConfiguration(database.configuration);
    } catch (error) {
      if (!(error instanceof CodecError)) throw error;
      const reason = `the database's configuration cannot be read: ${error.message}`;
      out.fatal = { code: 'foreign', reason };
      return;
    }
    const own = memberships.current.clusterId;
    if (own !== '' && configuration.clusterId !== own) {
      const reason = `the database is of ensemble ${configuration.clusterId}, the log of ${own}`;
      out.fatal = { code: 'foreign', reason };
      return;
    }
    this.#wanted = { kind: 'restart', base: database.snapshot, configuration };
  }

  /** The leader is lost: what it wanted and was not begun is not done. */
  leaderLost(): void {
    if (!this.#isUnderWay && this.#wanted?.kind === 'truncate') this.#wanted = null;
  }

  /** Begins what is wanted once it can. */
  advance(out: BroadcasterEffects): void {
    const wanted = this.#wanted;
    const { history } = this.#ensemble;
    if (wanted === null || this.#isUnderWay || !history.isDurable) return;
    this.#isUnderWay = true;
    if (wanted.kind === 'restart') {
      const { base, configuration } = wanted;
      out.restartFrom = { zxid: base, epoch: epochOf(base), configuration };
      return;
    }
    if (wanted.after < history.committed) {
      const committed = formatZxid(history.committed);
      out.fatal = {
        code: 'appliedTruncated',
        reason: `the leader's history ends at ${formatZxid(wanted.after)}, and ${committed} is committed here`,
      };
      return;
    }
    out.truncate = wanted.after;
  }

  /** The number of the link whose leader waits for that. */
  truncated(last: Zxid): number {
    const link = this.#wanted?.kind === 'truncate' ? this.#wanted.link : 0;
    this.#wanted = null;
    this.#isUnderWay = false;
    this.#ensemble.history.truncate(last);
    this.#ensemble.memberships.truncate(last);
    this.#ensemble.restorations.truncate(last);
    return link;
  }

  restarted(base: Zxid): void {
    if (this.#wanted?.kind === 'restart') {
      this.#ensemble.memberships.restart(base, this.#wanted.configuration);
    }
    this.#wanted = null;
    this.#isUnderWay = false;
    this.#ensemble.restorations.restart();
    this.#ensemble.history.restart(base);
  }
}
