import { assert, formatZxid } from '@paddock/model';
import type { DeliveryReply, DeliveryRequest, Zxid } from '@paddock/model';
import type { LinkEnd } from '@paddock/ports';
import type { Availability } from './availability.ts';
import type { Confirmation } from './confirmation.ts';
import type { DatabaseEffects, RestorationNeed } from './database-effects.ts';
import type { DatabaseState } from './database-state.ts';
import { DigestVerdicts } from './digest-verdicts.ts';
import type { Frontends } from './frontends/frontends.ts';
import type { LookUps } from './look-ups.ts';
import type { Snapshots } from './snapshots/snapshots.ts';

type SnapshotNeeded = Extract<DeliveryReply, { readonly kind: 'snapshotNeeded' }>;
type DigestVerdict = Extract<DeliveryReply, { readonly kind: 'digestVerdict' }>;

export const FOUND_WRONG: LinkEnd = {
  cause: 'refused',
  reason: 'the database differs from those of a majority',
};

const NEEDS_SNAPSHOT: LinkEnd = {
  cause: 'lost',
  reason: 'the database needs the snapshot of another one',
};

export interface HinderedParts {
  readonly state: DatabaseState;
  readonly availability: Availability;
  readonly confirmation: Confirmation;
  readonly frontends: Frontends;
  readonly lookUps: LookUps;
  readonly snapshots: Snapshots;
}

/** What a database learns of itself that only the snapshot of another one puts right (H8, H22). */
export class Hindrances {
  readonly verdicts = new DigestVerdicts();
  readonly #parts: HinderedParts;
  #needsSnapshot = false;

  constructor(parts: HinderedParts) {
    this.#parts = parts;
  }

  /** A majority has come to another state: nobody is told anything of this one. */
  get isFoundWrong(): boolean {
    return this.verdicts.verdict === 'contradicted';
  }

  /** Whether snapshots are taken. */
  get takesSnapshots(): boolean {
    return !this.#needsSnapshot && this.verdicts.areSnapshotsTaken;
  }

  /** A broadcaster that is new does not know that this database is wrong. */
  broadcasterConnected(): Extract<DeliveryRequest, { readonly kind: 'digest' }> | null {
    const { judged } = this.verdicts;
    return this.isFoundWrong && judged !== null ? { kind: 'digest', ...judged } : null;
  }

  digestTold(zxid: Zxid, digest: Uint8Array): void {
    this.verdicts.told(zxid, digest);
  }

  snapshotNeeded({ atLeast, databaseAddress }: SnapshotNeeded, out: DatabaseEffects): void {
    if (!this.#needsSnapshot) {
      out.events.push({
        level: 'error',
        message: 'this database needs the snapshot of another one, and does not serve until then',
        zxid: this.#parts.state.applied,
        detail: { atLeast: formatZxid(atLeast), databaseAddress },
      });
    }
    this.#awaitSnapshot(out);
    out.snapshotNeed = { atLeast, databaseAddress };
  }

  /** The same, of the next entry's; the broadcaster is about to say where to fetch it. */
  backupLost({ backup, zxid }: RestorationNeed, reason: string, out: DatabaseEffects): void {
    const { frontends, lookUps } = this.#parts;
    out.events.push({
      level: 'error',
      message: 'an entry restores a backup that is not here: another database has a snapshot of it',
      zxid,
      detail: { backup, reason },
    });
    frontends.closeAll(NEEDS_SNAPSHOT, out);
    lookUps.closeAll(NEEDS_SNAPSHOT, out);
    this.#awaitSnapshot(out);
  }

  #awaitSnapshot(out: DatabaseEffects): void {
    const { availability, confirmation, snapshots } = this.#parts;
    this.#needsSnapshot = true;
    availability.hinder('needsSnapshot');
    confirmation.changed(out);
    snapshots.halt(true, out);
  }

  judged({ zxid, verdict }: DigestVerdict, out: DatabaseEffects): void {
    const isNews = this.verdicts.judge(zxid, verdict);
    this.#parts.snapshots.agreed = this.verdicts.agreed;
    if (!isNews) return;
    out.events.push({
      level: verdict === 'agreed' ? 'info' : 'error',
      message: 'the verdict on the digests of the databases has changed',
      zxid,
      detail: { verdict, agreed: formatZxid(this.verdicts.agreed) },
    });
    this.#parts.snapshots.halt(!this.takesSnapshots, out);
    if (verdict === 'contradicted') this.#foundWrong(out);
  }

  /** Only the broadcaster is still listened to: a digest that it passes on later brings help if this one does not. */
  #foundWrong(out: DatabaseEffects): void {
    const { state, availability, confirmation, frontends, lookUps, snapshots } = this.#parts;
    const { judged, agreed } = this.verdicts;
    assert(judged !== null, 'a verdict is about a digest');
    availability.hinder('contradicted');
    confirmation.changed(out);
    frontends.closeAll(FOUND_WRONG, out);
    lookUps.closeAll(FOUND_WRONG, out);
    out.contradiction = { ...judged, agreed, applied: state.applied };
    snapshots.keepEvidence(out);
  }
}
