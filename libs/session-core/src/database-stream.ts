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
  /** Why the database tells nothing of its state, by its own word; null: it does. Holds until a stream opens. */
  refusal: string | null = null;
  /** Whether a processor holds the term; without one no session expires (H17). */
  termHeld = false;
  /** Monotonic ms since when it is not open. */
  lostAtMs: number;

  constructor(nowMs: number) {
    this.lostAtMs = nowMs;
  }

  connected(link: number): void {
    this.link = link;
    this.isOpen = false;
  }

  opened(applied: Zxid): void {
    this.isOpen = true;
    this.applied = applied;
    // It says so right behind where it is not.
    this.refusal = null;
    // The database says it anew where it knows: what an older stream said may not hold any more.
    this.termHeld = false;
    this.readsAccepted = 0;
    this.reads.reset();
  }

  ended(nowMs: number): void {
    this.link = NONE;
    if (this.isOpen) this.lostAtMs = nowMs;
    this.isOpen = false;
    this.readsAccepted = 0;
    this.reads.reset();
  }

  send(message: DatabaseRequest, out: SessionFrontendEffects): void {
    if (this.link !== NONE) out.database.push(this.link, message);
  }
}
