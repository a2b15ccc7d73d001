import type { Zxid } from '@paddock/model';
import type { DatabaseDigest } from './delivery.ts';
import { sameBytes } from './digest-votes.ts';
import type { DigestVerdict } from './digest-votes.ts';

/** Verdicts and digests that wait for each other: either may come first. */
const KEPT = 16;

/** What one database is to be told of a digest of its own. */
export interface OwnVerdict {
  readonly link: number;
  readonly zxid: Zxid;
  readonly verdict: 'agreed' | 'undecided' | 'contradicted';
}

/** Holds what the databases of this replica have told against what a majority says (H22). */
export class OwnDigests {
  #told: DatabaseDigest[] = [];
  #verdicts: DigestVerdict[] = [];

  told(digest: DatabaseDigest): OwnVerdict | null {
    this.#told.push(digest);
    if (this.#told.length > KEPT) this.#told.shift();
    const verdict = this.#verdicts.find((it) => it.zxid === digest.zxid);
    return verdict === undefined ? null : judge(digest, verdict);
  }

  decided(verdict: DigestVerdict): readonly OwnVerdict[] {
    this.#verdicts = this.#verdicts.filter((it) => it.zxid !== verdict.zxid);
    this.#verdicts.push(verdict);
    if (this.#verdicts.length > KEPT) this.#verdicts.shift();
    return this.#told.filter((it) => it.zxid === verdict.zxid).map((it) => judge(it, verdict));
  }

  /** The link has ended: its numbers mean nothing more. */
  forget(link: number): void {
    this.#told = this.#told.filter((it) => it.link !== link);
  }
}

function judge({ link, zxid, digest }: DatabaseDigest, verdict: DigestVerdict): OwnVerdict {
  if (verdict.digest === null) return { link, zxid, verdict: 'undecided' };
  return { link, zxid, verdict: sameBytes(digest, verdict.digest) ? 'agreed' : 'contradicted' };
}
