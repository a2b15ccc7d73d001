import { maxZxid, parseZnodePath, StreamProgress, watchStart, ZXID_ZERO } from '@paddock/model';
import type {
  DatabaseReply,
  DatabaseRequest,
  ErrorCode,
  Identities,
  WatchTerms,
  ZnodePath,
  Zxid,
} from '@paddock/model';
import { faultOfTerms } from './argument-faults.ts';
import type { DatabaseStream } from './database-stream.ts';
import type { SessionFrontendEffects } from './frontend-effects.ts';
import type { SessionFrontendEvent } from './frontend-event.ts';
import { standingOf } from './standing.ts';

type WatchOpened = Omit<Extract<SessionFrontendEvent, { kind: 'watchOpened' }>, 'kind'>;

type Reply<Kind extends DatabaseReply['kind']> = Extract<DatabaseReply, { readonly kind: Kind }>;

interface SessionlessWatch {
  readonly path: ZnodePath;
  readonly identities: Identities;
  /** When what proves one of these ends, and the watch with it. */
  readonly untilMs: number;
  /** Absent: PLAIN_WATCH. */
  readonly terms: WatchTerms | undefined;
  /** Where its events begin; ZXID_ZERO until it is known. */
  from: Zxid;
  /** How far it was told, from there on: a stream may break between the events of one transaction. */
  progress: StreamProgress;
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
    { watch, path, from, identities: proved, terms }: WatchOpened,
    nowMs: number,
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
    const fault = faultOfTerms(terms);
    if (fault !== null) {
      end(watch, 'badArguments', fault, out);
      return;
    }
    const progress = new StreamProgress(from);
    const standing = standingOf(proved, nowMs);
    const asked = { path: parsed.path, ...standing, terms, from, progress };
    const opened: SessionlessWatch = { ...asked, isOpen: false, openedAt: from };
    this.#watches.set(watch, opened);
    if (database.isOpen) database.send(requestOf(watch, opened), out);
  }

  cancel(watch: number, database: DatabaseStream, out: SessionFrontendEffects): void {
    if (!this.#watches.delete(watch)) return;
    if (database.isOpen) database.send({ kind: 'closeWatch', watch }, out);
  }

  /** After a new stream has opened: each goes on behind the last it was told (H15). */
  openAgain(database: DatabaseStream, out: SessionFrontendEffects): void {
    for (const [watch, known] of this.#watches) database.send(requestOf(watch, known), out);
  }

  /** The stream has ended: what it had reported as applied has been told to every open watch. */
  streamEnded(applied: Zxid): void {
    for (const watch of this.#watches.values()) {
      if (watch.isOpen && applied > watch.openedAt) watch.progress.covered(applied);
      watch.progress.streamEnded();
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
    if (known.from === ZXID_ZERO) {
      known.from = watchStart(zxid);
      known.progress = new StreamProgress(known.from);
    }
    out.watchReplies.push({ kind: 'opened', watch, zxid });
  }

  event({ watch, event, shown }: Reply<'watchEvent'>, out: SessionFrontendEffects): void {
    const known = this.#watches.get(watch);
    if (known?.progress.tells(event) !== true) return;
    const told = { kind: 'event', watch, event } as const;
    out.watchReplies.push(shown === undefined ? told : { ...told, shown });
  }

  progress(watch: number, zxid: Zxid, out: SessionFrontendEffects): void {
    const known = this.#watches.get(watch);
    if (known === undefined) return;
    known.progress.covered(zxid);
    out.watchReplies.push({ kind: 'progress', watch, zxid });
  }

  ended({ watch, code, oldest }: Reply<'watchEnded'>, out: SessionFrontendEffects): void {
    if (!this.#watches.delete(watch)) return;
    end(watch, code, reasonOf(code), out, oldest);
  }

  /** Whose identity ends is told so, and not by silence. */
  endExpired(nowMs: number, database: DatabaseStream, out: SessionFrontendEffects): void {
    for (const [watch, { untilMs }] of this.#watches) {
      if (nowMs < untilMs) continue;
      this.cancel(watch, database, out);
      end(watch, 'authFailed', EXPIRED, out);
    }
  }

  endAll(code: ErrorCode, reason: string, out: SessionFrontendEffects): void {
    for (const watch of this.#watches.keys()) end(watch, code, reason, out);
    this.#watches.clear();
  }
}

const EXPIRED = 'the proof of who watches has expired: go on with a new one';

function requestOf(
  watch: number,
  { path, from, progress, identities, terms }: SessionlessWatch,
): DatabaseRequest {
  // A watch that has no start yet begins where the database stands.
  const start = from === ZXID_ZERO ? ZXID_ZERO : progress.from;
  const request = { kind: 'openWatch', watch, path, from: start, identities } as const;
  return terms === undefined ? request : { ...request, terms };
}

function end(
  watch: number,
  code: ErrorCode,
  reason: string,
  out: SessionFrontendEffects,
  oldest?: Zxid,
): void {
  const ended = { kind: 'ended', watch, code, reason } as const;
  out.watchReplies.push(oldest === undefined ? ended : { ...ended, oldest });
}

function reasonOf(code: ErrorCode): string {
  if (code === 'compacted') return 'the event history no longer reaches back to where it starts';
  if (code === 'throttled') return 'its events were not taken fast enough';
  return 'the database has ended the watch';
}
