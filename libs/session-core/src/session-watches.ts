import { maxZxid, WATCH_KINDS, watchKindOf } from '@paddock/model';
import type {
  EventKind,
  Failed,
  ReadOperation,
  ReadResult,
  WatchEvent,
  WatchKind,
  WatchRegistration,
  ZnodePath,
  Zxid,
} from '@paddock/model';

type Registered = Map<ZnodePath, Zxid>;

/** What ends a one-shot watch. Persistent ones stay. */
const SPENT_BY: Readonly<Record<EventKind, readonly WatchKind[]>> = {
  nodeCreated: ['exists'],
  nodeDataChanged: ['data', 'exists'],
  nodeDeleted: ['data', 'exists', 'children'],
  nodeChildrenChanged: ['children'],
};

/** The watches of one connection, each with the zxid after which its events count (H15). */
export class SessionWatches {
  readonly #registered: Readonly<Record<WatchKind, Registered>> = {
    data: new Map(),
    exists: new Map(),
    children: new Map(),
    persistent: new Map(),
    persistentRecursive: new Map(),
  };

  /** How many reads that would set this watch anew are not answered, by kind and path. */
  readonly #asked = new Map<string, number>();

  get size(): number {
    return WATCH_KINDS.reduce((sum, kind) => sum + this.#registered[kind].size, 0);
  }

  /** Why the read may not set its watch; one that is there already is no further one. */
  refusalOf(read: ReadOperation, limit: number): Failed | null {
    const kind = read.watch ? watchKindOf(read) : null;
    if (kind === null) return null;
    const use = this.size + this.#asked.size;
    if (use < limit || this.#registered[kind].has(read.path)) return null;
    if (this.#asked.has(keyOf(kind, read.path))) return null;
    const reason = `the session has ${use} watches, and at most ${limit} are allowed`;
    const reached = { kind: 'watchesPerSession', path: '', limit, use, more: 1 } as const;
    return { kind: 'failed', code: 'quotaExceeded', reason, limit: reached };
  }

  /** Until it is answered the read counts as a watch. */
  asked(read: ReadOperation): void {
    const kind = read.watch ? watchKindOf(read) : null;
    if (kind === null || this.#registered[kind].has(read.path)) return;
    const key = keyOf(kind, read.path);
    this.#asked.set(key, (this.#asked.get(key) ?? 0) + 1);
  }

  /** A read that was `asked` has been answered, or has failed before. */
  unasked(read: ReadOperation): void {
    const kind = read.watch ? watchKindOf(read) : null;
    if (kind === null) return;
    const key = keyOf(kind, read.path);
    const asked = this.#asked.get(key) ?? 0;
    if (asked > 1) this.#asked.set(key, asked - 1);
    else this.#asked.delete(key);
  }

  add(kind: WatchKind, path: ZnodePath, from: Zxid): void {
    const registered = this.#registered[kind];
    // An older registration that has not fired covers the newer one.
    if (!registered.has(path)) registered.set(path, from);
  }

  /** False: there was none. */
  remove(kind: WatchKind, path: ZnodePath): boolean {
    return this.#registered[kind].delete(path);
  }

  /** What the answer of a watching read has registered: nothing for a znode that could not be read (paper 2.2). */
  registerRead(read: ReadOperation, result: ReadResult, zxid: Zxid): void {
    const kind = read.watch ? watchKindOf(read) : null;
    if (kind === null) return;
    this.unasked(read);
    const isAbsent = result.kind === 'failed' && result.code === 'noNode';
    if (result.kind !== 'failed' || (read.kind === 'exists' && isAbsent)) {
      this.add(kind, read.path, zxid);
    }
  }

  /** A one-shot watch is spent by the first event of its kind behind it. */
  spend(event: WatchEvent): void {
    for (const kind of SPENT_BY[event.kind]) {
      const from = this.#registered[kind].get(event.path);
      if (from !== undefined && event.zxid > from) this.#registered[kind].delete(event.path);
    }
  }

  /** All of them, as an attach brings them back: events up to `coveredThrough` have been delivered. */
  registrations(coveredThrough: Zxid): WatchRegistration[] {
    const all: WatchRegistration[] = [];
    for (const kind of WATCH_KINDS) {
      for (const [path, from] of this.#registered[kind]) {
        all.push({ path, kind, from: maxZxid(from, coveredThrough) });
      }
    }
    return all;
  }
}

function keyOf(kind: WatchKind, path: ZnodePath): string {
  return `${kind} ${path}`;
}
