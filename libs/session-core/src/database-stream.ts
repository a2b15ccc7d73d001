import { ZXID_ZERO } from '@paddock/model';
import type { DatabaseRequest, Zxid } from '@paddock/model';
import type { SessionFrontendEffects } from './frontend-effects.ts';
import { InFlightReads } from './in-flight-reads.ts';

const NONE = -1;

/** The stream to the replica's database, through which alone replicated state reaches a client (H4). */
export class DatabaseStream {
  link = NONE;
  /** Whether the database has opened the stream, that is: may be asked. */
  isOpen = false;
  /** What it has reported as applied; goes back when a restarted database is behind (H15 a). */
  applied: Zxid = ZXID_ZERO;
  /** The first so many reads of the stream are parked or answered (H14). */
  readsAccepted = 0;
  readonly reads = new InFlightReads();
  /** Why the database tells nothing of its state, by its own word; null: it does, or nothing is known of it. */
  refusal: string | null = null;
  /** Whether a processor holds the term; without one no session expires (H17). */
  termHeld = false;
  /** Monotonic ms since when it is not up; -Infinity where it has said itself that it stops serving. */
  lostAtMs: number;
  /** Nothing was said behind the opening yet. */
  #isNew = false;

  constructor(nowMs: number) {
    this.lostAtMs = nowMs;
  }

  connected(link: number): void {
    this.link = link;
    this.isOpen = false;
  }

  opened(applied: Zxid): void {
    this.isOpen = true;
    this.#isNew = true;
    this.applied = applied;
    this.refusal = null;
    // The database says it anew where it knows: what an older stream said may not hold any more.
    this.termHeld = false;
    this.readsAccepted = 0;
    this.reads.reset();
  }

  ended(nowMs: number): void {
    this.link = NONE;
    if (this.isUp) this.lostAtMs = nowMs;
    this.isOpen = false;
    this.readsAccepted = 0;
    this.reads.reset();
  }

  /** Whether reads are answered: open, and serving by its own word. */
  get isUp(): boolean {
    return this.isOpen && this.refusal === null;
  }

  /** Nothing but refusals came behind the opening: it has just started. */
  get isNew(): boolean {
    return this.#isNew;
  }

  /** Something other than a refusal came behind the opening: where it does not serve, it says so first. */
  heard(): void {
    this.#isNew = false;
  }

  /**
   * It does not serve. Right behind the opening that means not yet, as if it were still gone: it has just started, and
   * is about to learn how fresh it is. Later it means no more, which is true at once.
   */
  refused(reason: string): void {
    if (this.refusal === null && !this.#isNew) this.lostAtMs = -Infinity;
    this.refusal = reason;
  }

  send(message: DatabaseRequest, out: SessionFrontendEffects): void {
    if (this.link !== NONE) out.database.push(this.link, message);
  }
}
