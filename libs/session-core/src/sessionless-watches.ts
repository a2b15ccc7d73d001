import { makeZxid, maxZxid, parseZnodePath, ZXID_ZERO } from '@paddock/model';
import type { ErrorCode, Identities, WatchEvent, ZnodePath, Zxid } from '@paddock/model';
import type { DatabaseStream } from './database-stream.ts';
import type { SessionFrontendEffects } from './frontend-effects.ts';
import type { SessionFrontendEvent } from './frontend-event.ts';

/** Below every entry, since epochs count from 1; and not ZXID_ZERO, which asks for what happens from now on. */
const BEFORE_ALL = makeZxid(0, 1);

type WatchOpened = Omit<Extract<SessionFrontendEvent, { kind: 'watchOpened' }>, 'kind'>;

interface SessionlessWatch {
  readonly path: ZnodePath;
  readonly identities: Identities;
  /** Events behind this are still to come. */
  from: Zxid;
  /** Whether the present database stream has opened it. */
  isOpen: boolean;
  /** Where it did; what was missed until then comes before anything that is newer. */
  openedAt: Zxid;
}

/** Watches of callers without a session: each is ordered within itself, and resumes where its events ended (P9). */
export class SessionlessWatches {
  readonly #watches = new Map<number, SessionlessWatch>();

  get size(): number {
    return this.#watches.size;
  }

  /** `refusal`: why nothing can be told at present, or null. */
  open(
    { watch, path, from, identities }: WatchOpened,
    refusal: string | null,
    database: DatabaseStream,
    out: SessionFrontendEffects,
  ): void {
    const parsed = parseZnodePath(path);
    if (!parsed.ok) {
      end(watch, 'badArguments', parsed.reason, out);
      return;
    }
    if (refusal !== null) {
      end(watch, 'notServing', refusal, out);
      return;
    }
    const opened = { path: parsed.path, identities, from, isOpen: false, openedAt: from };
    this.#watches.set(watch, opened);
    if (database.isOpen) {
      database.send({ kind: 'openWatch', watch, path: parsed.path, from, identities }, out);
    }
  }

  cancel(watch: number, database: DatabaseStream, out: SessionFrontendEffects): void {
    if (!this.#watches.delete(watch)) return;
    if (database.isOpen) database.send({ kind: 'closeWatch', watch }, out);
  }

  /** After a new stream has opened: each goes on behind the last it was told (H15). */
  openAgain(database: DatabaseStream, out: SessionFrontendEffects): void {
    for (const [watch, { path, from, identities }] of this.#watches) {
      database.send({ kind: 'openWatch', watch, path, from, identities }, out);
    }
  }

  /** The stream has ended: what it had reported as applied has been told to every open watch. */
  streamEnded(applied: Zxid): void {
    for (const watch of this.#watches.values()) {
      if (watch.isOpen && applied > watch.openedAt) watch.from = maxZxid(watch.from, applied);
      watch.isOpen = false;
    }
  }

  /** `zxid` is where its events begin, `applied` what the stream had reported before. */
  opened(watch: number, zxid: Zxid, applied: Zxid, out: SessionFrontendEffects): void {
    const known = this.#watches.get(watch);
    if (known === undefined) return;
    known.isOpen = true;
    known.openedAt = maxZxid(zxid, applied);
    // Without a start it begins here; with one, what lies between is still to come. Where nothing has been applied it
    // begins before all that will be: to ask again from ZXID_ZERO would be to begin then.
    if (known.from === ZXID_ZERO) known.from = maxZxid(zxid, BEFORE_ALL);
    out.watchReplies.push({ kind: 'opened', watch, zxid });
  }

  event(watch: number, event: WatchEvent, out: SessionFrontendEffects): void {
    const known = this.#watches.get(watch);
    if (known === undefined) return;
    known.from = maxZxid(known.from, event.zxid);
    out.watchReplies.push({ kind: 'event', watch, event });
  }

  ended(watch: number, code: ErrorCode, out: SessionFrontendEffects): void {
    if (!this.#watches.delete(watch)) return;
    end(watch, code, reasonOf(code), out);
  }

  endAll(code: ErrorCode, reason: string, out: SessionFrontendEffects): void {
    for (const watch of this.#watches.keys()) end(watch, code, reason, out);
    this.#watches.clear();
  }
}

function end(watch: number, code: ErrorCode, reason: string, out: SessionFrontendEffects): void {
  out.watchReplies.push({ kind: 'ended', watch, code, reason });
}

function reasonOf(code: ErrorCode): string {
  if (code === 'compacted') return 'the event history no longer reaches back to where it starts';
  if (code === 'throttled') return 'its events were not taken fast enough';
  return 'the database has ended the watch';
}
