import type { ByteWriter } from '@paddock/codec';
import type { Digest } from '../digest.ts';
import { SessionHash } from './session-digest.ts';
import { writeSession, writeTombstone } from './session-records.ts';
import type { RowKeeper, SessionTable } from './session-table.ts';
import type { Session, Tombstone } from './session.ts';

/**
 * Writes the session table as it was when the scan began, in slices, while it goes on changing: the first change of a
 * row that the scan has not reached writes the old image first, and rows born since are skipped (H12).
 */
export class SessionScan implements RowKeeper {
  readonly snapshot: number;
  readonly #table: SessionTable;
  readonly #writer: ByteWriter;
  readonly #sessions: IterableIterator<Session>;
  readonly #tombstones: IterableIterator<Tombstone>;
  readonly #imageSaved: () => void;
  readonly #hash = new SessionHash();
  #high = 0;
  #low = 0;
  #ended = false;

  /** `imageSaved`: an old image was written between slices; it may take what the writer has. */
  constructor(table: SessionTable, snapshot: number, writer: ByteWriter, imageSaved: () => void) {
    this.#imageSaved = imageSaved;
    this.#table = table;
    this.snapshot = snapshot;
    this.#writer = writer;
    this.#sessions = table.sessions();
    this.#tombstones = table.tombstones();
    table.setKeeper(this);
  }

  keepSession(session: Session): void {
    this.#saveSession(session);
    this.#imageSaved();
  }

  keepTombstone(tombstone: Tombstone): void {
    this.#saveTombstone(tombstone);
    this.#imageSaved();
  }

  #saveSession(session: Session): void {
    session.savedIn = this.snapshot;
    writeSession(this.#writer, session);
    this.#hash.fixedPart(session);
    this.#hash.changingPart(session);
    this.#count();
    for (const outcome of session.window.from(0)) {
      this.#hash.outcome(session.session, outcome);
      this.#count();
    }
  }

  #saveTombstone(tombstone: Tombstone): void {
    tombstone.savedIn = this.snapshot;
    writeTombstone(this.#writer, tombstone);
    this.#hash.tombstone(tombstone);
    this.#count();
  }

  /** Writes rows until the writer has `bytes`. True while there are more. */
  slice(bytes: number): boolean {
    while (this.#writer.length < bytes) {
      const session = this.#sessions.next();
      if (session.done !== true) {
        if (session.value.savedIn !== this.snapshot) this.#saveSession(session.value);
        continue;
      }
      const tombstone = this.#tombstones.next();
      if (tombstone.done === true) {
        this.end();
        return false;
      }
      if (tombstone.value.savedIn !== this.snapshot) this.#saveTombstone(tombstone.value);
    }
    return !this.#ended;
  }

  /** Counted anew from what was written: differs from the running one where memory has rotted. */
  digest(): Digest {
    return { high: this.#high >>> 0, low: this.#low >>> 0 };
  }

  /** The scan is complete, or nobody wants it any more. */
  end(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#table.setKeeper(null);
  }

  #count(): void {
    this.#high = (this.#high + this.#hash.high) | 0;
    this.#low = (this.#low + this.#hash.low) | 0;
  }
}
