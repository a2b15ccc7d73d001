import { ZXID_ZERO } from '@paddock/model';
import type { DeliveryReply, Zxid } from '@paddock/model';

export type Verdict = Extract<DeliveryReply, { readonly kind: 'digestVerdict' }>['verdict'];

export interface ToldDigest {
  readonly zxid: Zxid;
  readonly digest: Uint8Array;
}

/** Digests that a verdict may still come of. */
const REMEMBERED = 16;

/** What a majority has said of this database's digests (H22, P10). */
export class DigestVerdicts {
  #told: ToldDigest[] = [];
  #judged: ToldDigest | null = null;
  #verdict: Verdict | null = null;
  #agreed: Zxid = ZXID_ZERO;

  /** Null until there is one, which changes nothing. */
  get verdict(): Verdict | null {
    return this.#verdict;
  }

  /** The digest that the verdict is about. */
  get judged(): ToldDigest | null {
    return this.#judged;
  }

  /** The newest zxid at which a majority had the same digest. */
  get agreed(): Zxid {
    return this.#agreed;
  }

  /** Snapshots are taken and old ones are removed. */
  get areSnapshotsTaken(): boolean {
    return this.#verdict === null || this.#verdict === 'agreed';
  }

  /** Whether a snapshot of that zxid may be handed to another database: the wrong must not spread. */
  offers(zxid: Zxid): boolean {
    return this.areSnapshotsTaken || zxid <= this.#agreed;
  }

  told(zxid: Zxid, digest: Uint8Array): void {
    if (this.#told.length === REMEMBERED) this.#told = this.#told.slice(REMEMBERED / 2);
    this.#told.push({ zxid, digest });
  }

  /**
   * True where it changes the verdict. One of a digest that this database did not tell since it was loaded is about
   * another one, and one that is older than the last says nothing new. Nothing takes back that it is wrong.
   */
  judge(zxid: Zxid, verdict: Verdict): boolean {
    const told = this.#told.find((it) => it.zxid === zxid);
    if (told === undefined || this.#verdict === 'contradicted') return false;
    if (this.#judged !== null && zxid < this.#judged.zxid) return false;
    this.#judged = told;
    if (verdict === 'agreed') this.#agreed = zxid;
    if (verdict === this.#verdict) return false;
    this.#verdict = verdict;
    return true;
  }
}
