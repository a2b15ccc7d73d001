import type { SessionId } from '@paddock/model';
import { SessionsById } from '../sessions/sessions-by-id.ts';
import type { LiveSession } from './live-session.ts';

/** The sessions that are attached here. Local ones are known by that alone. */
export class LiveSessions {
  readonly #all = new Map<SessionId, LiveSession>();
  readonly #local = new SessionsById<LiveSession>();

  get count(): number {
    return this.#all.size;
  }

  get(session: SessionId): LiveSession | undefined {
    return this.#all.get(session);
  }

  add(live: LiveSession, isLocal: boolean): void {
    const { session } = live.row;
    this.#all.set(session, live);
    if (isLocal) this.#local.set(session, live);
    else this.#local.delete(session);
  }

  delete(session: SessionId): void {
    this.#all.delete(session);
    this.#local.delete(session);
  }

  /** In ascending order of id behind `after`, at most `limit`. */
  localPage(after: SessionId, limit: number): ReturnType<SessionsById<LiveSession>['page']> {
    return this.#local.page(after, limit);
  }
}
