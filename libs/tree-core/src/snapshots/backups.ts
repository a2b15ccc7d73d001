import { assert } from '@paddock/model';
import type { Zxid } from '@paddock/model';
import type { BackupNeed, DatabaseEffects, RestorationNeed } from '../database-effects.ts';

/** Those that are held here, and the one that the next entry restores. */
export class Backups {
  readonly #held = new Set<string>();
  #next: RestorationNeed | null = null;
  #isLost = false;
  /** Where the broadcaster is told; null while there is none. */
  #link: number | null = null;

  /** Nothing else is done until it has taken the place of everything. */
  get isRestoring(): boolean {
    return this.#next !== null && !this.#isLost;
  }

  /** The next entry restores what is not here: only a snapshot from behind it helps (H8). */
  get isLost(): boolean {
    return this.#isLost;
  }

  /** Of the entry. */
  get restoringAt(): Zxid {
    assert(this.#next !== null, 'a restoration was applied');
    return this.#next.zxid;
  }

  /** It has been told where the database stands. */
  broadcasterConnected(link: number, out: DatabaseEffects): void {
    this.#link = link;
    for (const backup of this.#held) this.#tellHeld(backup, out);
    if (this.#isLost) out.broadcaster.push(link, { kind: 'backupLost', zxid: this.restoringAt });
  }

  broadcasterEnded(): void {
    this.#link = null;
  }

  hold(backup: string, out: DatabaseEffects): void {
    this.#held.add(backup);
    this.#tellHeld(backup, out);
  }

  fetch(need: BackupNeed, out: DatabaseEffects): void {
    if (this.#held.has(need.backup)) this.#tellHeld(need.backup, out);
    else out.backupNeed = need;
  }

  restore(need: RestorationNeed, out: DatabaseEffects): void {
    this.#next = need;
    out.restoration = need;
  }

  /** The links of before are gone: the broadcaster hears of it on the next one. */
  lost(): RestorationNeed {
    assert(this.#next !== null, 'only what is restored can be lost');
    this.#isLost = true;
    this.#link = null;
    return this.#next;
  }

  #tellHeld(backup: string, out: DatabaseEffects): void {
    if (this.#link !== null) out.broadcaster.push(this.#link, { kind: 'backupHeld', backup });
  }
}
