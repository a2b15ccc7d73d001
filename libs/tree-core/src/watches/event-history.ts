import {
  DEPTH_MAX,
  EVENT_KINDS,
  parentPath,
  PLAIN_WATCH,
  tellsOf,
  tellsOnTerms,
  trustedPath,
  ZXID_ZERO,
} from '@paddock/model';
import type { Acl, EventKind, PersistentMode, WatchEvent, ZnodePath, Zxid } from '@paddock/model';

const CREATED = 0;
const DELETED = 1;
const DATA_CHANGED = 2;
const CHILDREN_CHANGED = 3;

/** Which events end a one-shot watch, as bits by index into EVENT_KINDS. */
export const ZNODE_EVENTS = (1 << CREATED) | (1 << DELETED) | (1 << DATA_CHANGED);
export const CHILDREN_EVENTS = (1 << DELETED) | (1 << CHILDREN_CHANGED);

/** A change stands for an event of its znode and, if it creates or deletes, for one of the parent's children. */
const AS_ZNODE = 0;
const AS_PARENT = 1;
const NONE = -1;
const DEEP = { ...PLAIN_WATCH, depth: DEPTH_MAX };

/**
 * The last changes of the tree in zxid order, a ring of fixed size, so that a watch that comes back learns what it has
 * missed (P9). All events above `floor` are here. An index by path is made only once somebody asks, for what
 * has come since it was last asked.
 */
export class EventHistory {
  readonly #capacity: number;
  readonly #kinds: Uint8Array;
  readonly #zxids: Zxid[] = [];
  readonly #paths: ZnodePath[] = [];
  /** What a znode that was deleted had; undefined of what else happened. */
  readonly #acls: (Acl | undefined)[] = [];
  /** The change before with an event of the same path, as sequence × 2 + role. */
  readonly #beforeZnode: Float64Array;
  readonly #beforeParent: Float64Array;
  readonly #newest = new Map<ZnodePath, number>();
  /** Changes ever recorded; the ring has the last ones. */
  #recorded = 0;
  #indexed = 0;
  #floor: Zxid = ZXID_ZERO;

  constructor(capacity: number) {
    this.#capacity = capacity;
    this.#kinds = new Uint8Array(capacity);
    this.#beforeZnode = new Float64Array(capacity);
    this.#beforeParent = new Float64Array(capacity);
  }

  /** What happened up to here cannot be told. */
  get floor(): Zxid {
    return this.#floor;
  }

  /** Nothing before is known: a snapshot was loaded. */
  startAt(zxid: Zxid): void {
    this.#floor = zxid;
  }

  created(path: ZnodePath, zxid: Zxid): void {
    this.#record(CREATED, path, zxid, undefined);
  }

  deleted(path: ZnodePath, zxid: Zxid, acl: Acl): void {
    this.#record(DELETED, path, zxid, acl);
  }

  dataChanged(path: ZnodePath, zxid: Zxid): void {
    this.#record(DATA_CHANGED, path, zxid, undefined);
  }

  /** The first event of the path behind `from` whose kind is among `kinds`. */
  first(path: ZnodePath, from: Zxid, kinds: number): WatchEvent | undefined {
    this.#index();
    let found = NONE;
    for (let at = this.#newestOf(path); this.#isBehind(at, from); at = this.#before(at)) {
      if ((kinds & (1 << this.#kindOf(at))) !== 0) found = at;
    }
    return found === NONE ? undefined : this.#event(path, found);
  }

  /** Every event of the path behind `from`, oldest first. */
  all(path: ZnodePath, from: Zxid): WatchEvent[] {
    this.#index();
    const events: WatchEvent[] = [];
    for (let at = this.#newestOf(path); this.#isBehind(at, from); at = this.#before(at)) {
      events.push(this.#event(path, at));
    }
    return events.reverse();
  }

  /** Every event of the path and of all below it behind `from`, oldest first, as they were told when they happened. */
  within(path: ZnodePath, from: Zxid): WatchEvent[] {
    const events: WatchEvent[] = [];
    const add = (event: WatchEvent): void => {
      if (tellsOnTerms(DEEP, path, event)) events.push(event);
    };
    for (let i = this.#firstBehind(from); i < this.#recorded; i++) {
      const slot = i % this.#capacity;
      const zxid = this.#zxidAt(slot);
      const changed = this.#paths[slot];
      const kind = EVENT_KINDS[this.#kinds[slot] ?? CREATED];
      if (changed === undefined || kind === undefined) continue;
      add({ kind, path: changed, zxid });
      if (kind === 'nodeDataChanged') continue;
      add({ kind: 'nodeChildrenChanged', path: parentPath(changed), zxid });
    }
    return events;
  }

  /** What a persistent watch is told of that has seen all up to `from`, oldest first. */
  toldBy(mode: PersistentMode, path: ZnodePath, from: Zxid): WatchEvent[] {
    if (mode === 'persistent') return this.all(path, from);
    const events: WatchEvent[] = [];
    for (let i = Math.max(0, this.#recorded - this.#capacity); i < this.#recorded; i++) {
      const slot = i % this.#capacity;
      const zxid = this.#zxidAt(slot);
      const changed = this.#paths[slot];
      const kind = EVENT_KINDS[this.#kinds[slot] ?? CREATED];
      if (zxid <= from || changed === undefined || kind === undefined) continue;
      const event = { kind, path: changed, zxid };
      if (tellsOf(mode, path, event)) events.push(event);
    }
    return events;
  }

  /** The ACL of the znode when it was deleted last; undefined where nobody knows. */
  lastAcl(path: ZnodePath): Acl | undefined {
    this.#index();
    for (let at = this.#newestOf(path); this.#isBehind(at, this.#floor); at = this.#before(at)) {
      if (at % 2 === AS_PARENT || this.#kindOf(at) !== DELETED) continue;
      return this.#acls[Math.floor(at / 2) % this.#capacity];
    }
    return undefined;
  }

  #record(kind: number, path: ZnodePath, zxid: Zxid, acl: Acl | undefined): void {
    const slot = this.#recorded % this.#capacity;
    if (this.#recorded >= this.#capacity) this.#floor = this.#zxidAt(slot);
    this.#kinds[slot] = kind;
    this.#zxids[slot] = zxid;
    this.#paths[slot] = path;
    this.#acls[slot] = acl;
    this.#recorded += 1;
  }

  #index(): void {
    const oldest = Math.max(0, this.#recorded - this.#capacity);
    for (let i = Math.max(oldest, this.#indexed); i < this.#recorded; i++) {
      const slot = i % this.#capacity;
      const path = this.#paths[slot] ?? trustedPath('');
      this.#beforeZnode[slot] = this.#newest.get(path) ?? NONE;
      this.#newest.set(path, i * 2 + AS_ZNODE);
      if (this.#kinds[slot] === DATA_CHANGED) continue;
      const parent = parentPath(path);
      this.#beforeParent[slot] = this.#newest.get(parent) ?? NONE;
      this.#newest.set(parent, i * 2 + AS_PARENT);
    }
    this.#indexed = this.#recorded;
    if (this.#newest.size > 4 * this.#capacity) this.#forgetPaths(oldest * 2);
  }

  #forgetPaths(below: number): void {
    for (const [path, newest] of this.#newest) {
      if (newest < below) this.#newest.delete(path);
    }
  }

  #newestOf(path: ZnodePath): number {
    return this.#newest.get(path) ?? NONE;
  }

  /** The first change behind `from`. */
  #firstBehind(from: Zxid): number {
    const oldest = Math.max(0, this.#recorded - this.#capacity);
    let first = this.#recorded;
    while (first > oldest && this.#zxidAt((first - 1) % this.#capacity) > from) first--;
    return first;
  }

  #isBehind(at: number, from: Zxid): boolean {
    const sequence = Math.floor(at / 2);
    if (at < 0 || sequence < this.#recorded - this.#capacity) return false;
    return this.#zxidAt(sequence % this.#capacity) > from;
  }

  #before(at: number): number {
    const slot = Math.floor(at / 2) % this.#capacity;
    const before = at % 2 === AS_PARENT ? this.#beforeParent : this.#beforeZnode;
    return before[slot] ?? NONE;
  }

  #kindOf(at: number): number {
    if (at % 2 === AS_PARENT) return CHILDREN_CHANGED;
    return this.#kinds[Math.floor(at / 2) % this.#capacity] ?? CREATED;
  }

  #event(path: ZnodePath, at: number): WatchEvent {
    const kind: EventKind = EVENT_KINDS[this.#kindOf(at)] ?? 'nodeCreated';
    return { kind, path, zxid: this.#zxidAt(Math.floor(at / 2) % this.#capacity) };
  }

  #zxidAt(slot: number): Zxid {
    return this.#zxids[slot] ?? ZXID_ZERO;
  }
}
