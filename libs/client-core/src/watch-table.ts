import {
  isPersistent,
  maxZxid,
  parentPath,
  ROOT,
  tellsOf,
  WatchProgress,
  ZXID_ZERO,
  trustedPath,
  watchKindOf,
} from '@paddock/model';
import type {
  ClientOperation,
  EventKind,
  OperationResult,
  PersistentMode,
  WatchEvent,
  WatchKind,
  WatchRegistration,
  ZnodePath,
  Zxid,
} from '@paddock/model';
import type { ClientWatchEvent, Delivery } from './client-effects.ts';

/** One-shot. */
interface OneShot<Tag> {
  readonly path: ZnodePath;
  readonly kind: WatchKind;
  /** Events behind this zxid count. */
  from: Zxid;
  readonly tags: Tag[];
}

interface Persistent<Tag> {
  readonly path: ZnodePath;
  readonly kind: PersistentMode;
  readonly progress: WatchProgress;
  readonly tags: Tag[];
}

interface Asked<Tag> {
  readonly operation: ClientOperation;
  readonly tag: Tag;
}

/** Bytes of a registration beside its path, rounded up. */
const FIXED_BYTES = 32;

const FIRED_BY: Readonly<Record<EventKind, readonly WatchKind[]>> = {
  nodeCreated: ['exists'],
  nodeDeleted: ['data', 'exists', 'children'],
  nodeDataChanged: ['data', 'exists'],
  nodeChildrenChanged: ['children'],
};

/** The watches of a session: what a resume brings back to the service. */
export class WatchTable<Tag> {
  readonly #oneShot = new Map<string, OneShot<Tag>>();
  readonly #persistent = new Map<string, Persistent<Tag>>();
  /** Every event up to here was told. */
  #covered: Zxid = ZXID_ZERO;
  #bytes = 0;

  /** Bytes that the registrations take in a message. */
  get bytes(): number {
    return this.#bytes;
  }

  /**
   * A read that was answered has set its watch; `exists` has also where there is no such znode. Not for answers of a
   * connection that is read-only: it carries no events, so they cover none.
   */
  answered({ operation, tag }: Asked<Tag>, zxid: Zxid, result: OperationResult): void {
    // What is refused may carry a zxid up to which nothing was told.
    if (result.kind !== 'failed') this.covered(zxid);
    const kind = 'watch' in operation ? watchKindOf(operation) : null;
    if (kind === null || !('path' in operation)) return;
    const isAbsent = result.kind === 'failed' && result.code === 'noNode';
    if (result.kind === 'failed' && !(operation.kind === 'exists' && isAbsent)) return;
    // The service has answered for this path, so it is a good one.
    this.add(kind, trustedPath(operation.path), zxid, tag);
  }

  /** A second watch of one kind on one path shares the registration, and what it is told. */
  add(kind: WatchKind, path: ZnodePath, from: Zxid, tag: Tag): void {
    const key = keyOf(kind, path);
    const watch = this.#oneShot.get(key) ?? this.#persistent.get(key);
    if (watch === undefined) {
      this.#bytes += bytesOf(path);
      if (isPersistent(kind)) {
        this.#persistent.set(key, { path, kind, progress: new WatchProgress(from), tags: [tag] });
      } else this.#oneShot.set(key, { path, kind, from, tags: [tag] });
      return;
    }
    watch.tags.push(tag);
    // The newer read has shown the state up to its own zxid, and every event until then came before it (P4).
    if ('from' in watch && from > watch.from) watch.from = from;
  }

  /** Of a persistent watch; returns it where nobody else has it. */
  remove(tag: Tag): { readonly path: ZnodePath; readonly kind: WatchKind } | null {
    for (const [key, { path, kind, tags }] of this.#persistent) {
      const at = tags.indexOf(tag);
      if (at < 0) continue;
      tags.splice(at, 1);
      if (tags.length > 0) return null;
      this.#persistent.delete(key);
      this.#bytes -= bytesOf(path);
      return { path, kind };
    }
    return null;
  }

  /** Every event up to there was told before this. */
  covered(through: Zxid): void {
    this.#covered = maxZxid(this.#covered, through);
  }

  registrations(): WatchRegistration[] {
    const registrations: WatchRegistration[] = [];
    for (const { path, kind, from } of this.#oneShot.values()) {
      registrations.push({ path, kind, from });
    }
    for (const { path, kind, progress } of this.#persistent.values()) {
      progress.covered(this.#covered);
      registrations.push({ path, kind, from: progress.from });
    }
    return registrations;
  }

  fire(event: WatchEvent, out: Delivery<Tag>[]): void {
    for (const kind of FIRED_BY[event.kind]) {
      const watch = this.#oneShot.get(keyOf(kind, event.path));
      if (watch !== undefined && event.zxid > watch.from) this.#spend(watch, event, out);
    }
    if (this.#persistent.size > 0) this.#tell(event, out);
  }

  /** The service cannot say what became of these up to `from`: the application reads again (P9). */
  compacted(watches: readonly WatchRegistration[], seen: Zxid, out: Delivery<Tag>[]): void {
    for (const { kind, path, from } of watches) {
      const event: ClientWatchEvent = { kind: 'compacted', path, zxid: seen };
      const watch = this.#oneShot.get(keyOf(kind, path));
      if (watch !== undefined) this.#spend(watch, event, out);
      const persistent = this.#persistent.get(keyOf(kind, path));
      if (persistent === undefined) continue;
      // What one-shot watches are still told of the time before is no longer for this one.
      persistent.progress.covered(from);
      for (const tag of persistent.tags) out.push({ kind: 'watchFired', tag, event });
    }
  }

  end(zxid: Zxid, out: Delivery<Tag>[]): void {
    for (const watch of [...this.#oneShot.values(), ...this.#persistent.values()]) {
      const event: ClientWatchEvent = { kind: 'sessionEnded', path: watch.path, zxid };
      for (const tag of watch.tags) out.push({ kind: 'watchFired', tag, event });
    }
    this.#oneShot.clear();
    this.#persistent.clear();
    this.#bytes = 0;
  }

  #spend(watch: OneShot<Tag>, event: ClientWatchEvent, out: Delivery<Tag>[]): void {
    this.#oneShot.delete(keyOf(watch.kind, watch.path));
    this.#bytes -= bytesOf(watch.path);
    for (const tag of watch.tags) out.push({ kind: 'watchFired', tag, event });
  }

  #tell(event: WatchEvent, out: Delivery<Tag>[]): void {
    this.#tellOne(keyOf('persistent', event.path), event, out);
    for (let path = event.path; ; path = parentPath(path)) {
      this.#tellOne(keyOf('persistentRecursive', path), event, out);
      if (path === ROOT) return;
    }
  }

  #tellOne(key: string, event: WatchEvent, out: Delivery<Tag>[]): void {
    const watch = this.#persistent.get(key);
    if (watch === undefined || !tellsOf(watch.kind, watch.path, event)) return;
    watch.progress.covered(this.#covered);
    if (!watch.progress.tells(event)) return;
    for (const tag of watch.tags) out.push({ kind: 'watchFired', tag, event });
  }
}

function keyOf(kind: WatchKind, path: ZnodePath): string {
  return `${kind} ${path}`;
}

function bytesOf(path: ZnodePath): number {
  return FIXED_BYTES + 3 * path.length;
}
