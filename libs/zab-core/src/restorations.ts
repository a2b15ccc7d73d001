import { decodeRestoration } from '@paddock/codec';
import { trustedZxid, ZXID_ZERO } from '@paddock/model';
import type { LogEntry, Zxid } from '@paddock/model';
import type { DatedRestoration } from './broadcaster-event.ts';

/** The restorations of the log, and the backups that may be restored: the database of this replica holds them. */
export class Restorations {
  #dated: DatedRestoration[] = [];
  readonly #held = new Set<string>();
  /** What the leader wants held here, where it is not. */
  #needed: string | null = null;

  recover(dated: readonly DatedRestoration[]): void {
    this.#dated = [...dated];
  }

  /** The database has it, durably; of one that the log has restored already, it is only the file that is left. */
  hold(backup: string): void {
    if (!this.#dated.some((it) => it.backup === backup)) this.#held.add(backup);
    if (this.#needed === backup) this.#needed = null;
  }

  holds(backup: string): boolean {
    return this.#held.has(backup);
  }

  get held(): Iterable<string> {
    return this.#held;
  }

  get needed(): string | null {
    return this.#needed;
  }

  need(backup: string): void {
    if (!this.#held.has(backup)) this.#needed = backup;
  }

  /** No leader wants anything held any more. */
  needNothing(): void {
    this.#needed = null;
  }

  /** Throws CodecError. A name never comes twice: what was restored is not held for another. */
  append({ zxid, payload }: LogEntry): void {
    const { backup } = decodeRestoration(payload);
    this.#dated.push({ zxid, backup });
    this.#held.delete(backup);
  }

  truncate(last: Zxid): void {
    // The database has its file still.
    for (const { zxid, backup } of this.#dated) if (zxid > last) this.#held.add(backup);
    this.#dated = this.#dated.filter((it) => it.zxid <= last);
  }

  restart(): void {
    this.#dated = [];
    this.#needed = null;
  }

  /** What is before it is of no use any more; ZXID_ZERO where none is committed. */
  newestCommitted(committed: Zxid): Zxid {
    return this.#dated.findLast((it) => it.zxid <= committed)?.zxid ?? ZXID_ZERO;
  }

  /** The first one behind `sent`. */
  next(sent: Zxid): DatedRestoration | null {
    return this.#dated.find((it) => it.zxid > sent) ?? null;
  }
}

/** The entry before it, or what would be one. */
export function beforeRestoration({ zxid }: DatedRestoration): Zxid {
  return trustedZxid(zxid - 1);
}
