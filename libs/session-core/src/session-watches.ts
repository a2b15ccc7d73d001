import { maxZxid } from '@paddock/model';
import type {
  ReadOperation,
  ReadResult,
  WatchEvent,
  WatchKind,
  WatchRegistration,
  ZnodePath,
  Zxid,
} from '@paddock/model';

type Registered = Map<ZnodePath, Zxid>;

/** The one-shot watches of one connection, each with the zxid after which its events count (H15). */
export class SessionWatches {
  readonly #data: Registered = new Map();
  readonly #exists: Registered = new Map();
  readonly #children: Registered = new Map();

  get size(): number {
    return this.#data.size + this.#exists.size + this.#children.size;
  }

  add(kind: WatchKind, path: ZnodePath, from: Zxid): void {
    const registered = this.#of(kind);
    // An older registration that has not fired covers the newer one.
    if (!registered.has(path)) registered.set(path, from);
  }

  remove(kind: WatchKind, path: ZnodePath): void {
    this.#of(kind).delete(path);
  }

  /** What the answer of a watching read has registered: nothing for a znode that could not be read (paper 2.2). */
  registerRead(read: ReadOperation, result: ReadResult, zxid: Zxid): void {
    if (result.kind !== 'failed') {
      this.add(watchKindOf(read), read.path, zxid);
    } else if (read.kind === 'exists' && result.code === 'noNode') {
      this.add('exists', read.path, zxid);
    }
  }

  /** A one-shot watch is spent by the first event of its kind. */
  spend(event: WatchEvent): void {
    const path = event.path;
    switch (event.kind) {
      case 'nodeCreated':
        this.#exists.delete(path);
        break;
      case 'nodeDataChanged':
        this.#data.delete(path);
        this.#exists.delete(path);
        break;
      case 'nodeDeleted':
        this.#data.delete(path);
        this.#exists.delete(path);
        this.#children.delete(path);
        break;
      case 'nodeChildrenChanged':
        this.#children.delete(path);
        break;
    }
  }

  /** All of them, as an attach brings them back: events up to `coveredThrough` have been delivered. */
  registrations(coveredThrough: Zxid): WatchRegistration[] {
    const all: WatchRegistration[] = [];
    collect(all, 'data', this.#data, coveredThrough);
    collect(all, 'exists', this.#exists, coveredThrough);
    collect(all, 'children', this.#children, coveredThrough);
    return all;
  }

  #of(kind: WatchKind): Registered {
    if (kind === 'data') return this.#data;
    return kind === 'exists' ? this.#exists : this.#children;
  }
}

function collect(
  all: WatchRegistration[],
  kind: WatchKind,
  registered: Registered,
  coveredThrough: Zxid,
): void {
  for (const [path, from] of registered) {
    all.push({ path, kind, from: maxZxid(from, coveredThrough) });
  }
}

function watchKindOf(read: ReadOperation): WatchKind {
  if (read.kind === 'getData') return 'data';
  return read.kind === 'exists' ? 'exists' : 'children';
}
