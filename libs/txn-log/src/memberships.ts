import { decodeConfiguration } from '@paddock/codec';
import type { BaseRecord, EnsembleConfiguration, LogEntry, Zxid } from '@paddock/model';

/** A membership and the zxid from which on it is obeyed; of the base record that of the base. */
export interface DatedConfiguration {
  readonly zxid: Zxid;
  readonly configuration: EnsembleConfiguration;
}

/** A restoration of the log, and the backup that it names. */
export interface DatedRestoration {
  readonly zxid: Zxid;
  readonly backup: string;
}

/** The base record's membership, and behind it those of the log's entries, ascending (H11). */
export class Memberships {
  #list: DatedConfiguration[];

  constructor(base: BaseRecord, logged: readonly DatedConfiguration[]) {
    this.#list = [{ zxid: base.zxid, configuration: base.configuration }, ...logged];
  }

  /** Never empty. */
  get all(): readonly DatedConfiguration[] {
    return this.#list;
  }

  append({ zxid, kind, payload }: LogEntry): void {
    if (kind !== 'configuration') return;
    this.#list.push({ zxid, configuration: decodeConfiguration(payload) });
  }

  /** Takes back those of entries that are cut off. */
  cutBehind(last: Zxid): void {
    this.#list = this.#list.filter(({ zxid }, index) => index === 0 || zxid <= last);
  }

  /**
   * The log begins behind `logStart` from now on. Returns the membership that its base record has to carry instead of
   * its own, as the entry that brought it goes; null: its own.
   */
  forgetThrough(logStart: Zxid): EnsembleConfiguration | null {
    const first = this.#list[0];
    const newest = this.#list.findLast(({ zxid }) => zxid <= logStart);
    if (first === undefined || newest === undefined || newest === first) return null;
    const { configuration } = newest;
    const behind = this.#list.filter(({ zxid }) => zxid > logStart);
    this.#list = [{ zxid: first.zxid, configuration }, ...behind];
    return configuration;
  }
}
