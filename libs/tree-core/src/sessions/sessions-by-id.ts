import { NO_SESSION, trustedSessionId } from '@paddock/model';
import type { SessionId } from '@paddock/model';

/** Found by id, and told in the order of their ids, a page at a time. */
export class SessionsById<S> {
  readonly #sessions = new Map<SessionId, S>();
  /** Ids in ascending order, made when a page is asked for; null after a session has come or gone. */
  #sorted: Float64Array | null = null;

  get count(): number {
    return this.#sessions.size;
  }

  find(id: SessionId): S | undefined {
    return this.#sessions.get(id);
  }

  set(id: SessionId, session: S): void {
    this.#sessions.set(id, session);
    this.#sorted = null;
  }

  delete(id: SessionId): void {
    if (this.#sessions.delete(id)) this.#sorted = null;
  }

  /** A live iterator: what is dropped while it goes is not seen, what is added is. */
  all(): IterableIterator<S> {
    return this.#sessions.values();
  }

  /** In ascending order of id behind `after`, at most `limit`. */
  page(
    after: SessionId,
    limit: number,
  ): { readonly sessions: readonly S[]; readonly more: boolean } {
    this.#sorted ??= Float64Array.from(this.#sessions.keys()).sort();
    const sorted = this.#sorted;
    let low = 0;
    let high = sorted.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((sorted[middle] ?? 0) <= after) low = middle + 1;
      else high = middle;
    }
    const sessions: S[] = [];
    for (let i = low; i < sorted.length && sessions.length < limit; i++) {
      const session = this.#sessions.get(trustedSessionId(sorted[i] ?? NO_SESSION));
      if (session !== undefined) sessions.push(session);
    }
    return { sessions, more: low + sessions.length < sorted.length };
  }
}
