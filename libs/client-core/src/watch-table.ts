import type {
  EventKind,
  WatchEvent,
  WatchKind,
  WatchRegistration,
  ZnodePath,
  Zxid,
} from '@paddock/model';
import type { ClientWatchEvent, Delivery } from './client-effects.ts';

interface Watch<Tag> {
  readonly path: ZnodePath;
  readonly kind: WatchKind;
  /** Events behind this zxid count. */
  from: Zxid;
  readonly tags: Tag[];
}

/** Bytes of a registration beside its path, rounded up. */
const FIXED_BYTES = 32;

const FIRED_BY: Readonly<Record<EventKind, readonly WatchKind[]>> = {
  nodeCreated: ['exists'],
  nodeDeleted: ['data', 'exists', 'children'],
  nodeDataChanged: ['data', 'exists'],
  nodeChildrenChanged: ['children'],
};

/** The one-shot watches of a session: what a resume brings back to the service. */
export class WatchTable<Tag> {
  readonly #watches = new Map<string, Watch<Tag>>();
  #bytes = 0;

  /** Bytes that the registrations take in a message. */
  get bytes(): number {
    return this.#bytes;
  }

  /** A second watch of one kind on one path shares the registration and fires with it. */
  add(kind: WatchKind, path: ZnodePath, from: Zxid, tag: Tag): void {
    const key = keyOf(kind, path);
    const watch = this.#watches.get(key);
    if (watch === undefined) {
      this.#watches.set(key, { path, kind, from, tags: [tag] });
      this.#bytes += bytesOf(path);
      return;
    }
    watch.tags.push(tag);
    // The newer read has shown the state up to its own zxid, and every event until then came before it (P4).
    if (from > watch.from) watch.from = from;
  }

  registrations(): WatchRegistration[] {
    const registrations: WatchRegistration[] = [];
    for (const { path, kind, from } of this.#watches.values()) {
      registrations.push({ path, kind, from });
    }
    return registrations;
  }

  fire(event: WatchEvent, out: Delivery<Tag>[]): void {
    for (const kind of FIRED_BY[event.kind]) this.#fire(kind, event, out);
  }

  /** The service cannot say what became of these: the application reads again (P9). */
  compacted(watches: readonly WatchRegistration[], zxid: Zxid, out: Delivery<Tag>[]): void {
    for (const { kind, path } of watches) this.#fire(kind, { kind: 'compacted', path, zxid }, out);
  }

  end(zxid: Zxid, out: Delivery<Tag>[]): void {
    for (const { kind, path } of [...this.#watches.values()]) {
      this.#fire(kind, { kind: 'sessionEnded', path, zxid }, out);
    }
  }

  #fire(kind: WatchKind, event: ClientWatchEvent, out: Delivery<Tag>[]): void {
    const key = keyOf(kind, event.path);
    const watch = this.#watches.get(key);
    if (watch === undefined) return;
    this.#watches.delete(key);
    this.#bytes -= bytesOf(event.path);
    for (const tag of watch.tags) out.push({ kind: 'watchFired', tag, event });
  }
}

function keyOf(kind: WatchKind, path: ZnodePath): string {
  return `${kind} ${path}`;
}

function bytesOf(path: ZnodePath): number {
  return FIXED_BYTES + 3 * path.length;
}
