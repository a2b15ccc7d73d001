import { parentPath, permits, ROOT, tellsOnTerms } from '@paddock/model';
import type {
  Acl,
  EventKind,
  Identities,
  PersistentMode,
  ShownZnode,
  WatchEvent,
  WatchKind,
  WatchTerms,
  ZnodePath,
  Zxid,
} from '@paddock/model';
import type { DatabaseEffects } from '../database-effects.ts';
import type { LiveSession } from '../frontends/live-session.ts';
import { hasItem, withItem, withoutItem } from './few.ts';
import type { Few } from './few.ts';

/** A sessionless watch of one front-end: every event of its path, in order, until it is closed. */
export interface StreamWatch {
  readonly link: number;
  readonly watch: number;
  readonly path: ZnodePath;
  /** Events up to here are known to its reader. */
  readonly from: Zxid;
  readonly identities: Identities;
  readonly terms: WatchTerms;
  /** It has told nothing since its progress was looked at last. */
  isQuiet: boolean;
}

type ShownBy = (event: WatchEvent, terms: WatchTerms) => ShownZnode | undefined;
type Watchers = Map<ZnodePath, Few<LiveSession>>;

/**
 * Who waits for what, by path, for watched paths only. Of the one-shot watches of sessions those of data and of
 * existence have the same triggers and share one table, those of children have their own (paper 2.1). Persistent ones
 * stay: of a znode and its children, or of a znode and all below it, whose lists of children it does not tell of.
 */
export class WatchTable {
  readonly #ofZnode: Watchers = new Map();
  readonly #ofChildren: Watchers = new Map();
  readonly #persistent: Watchers = new Map();
  readonly #recursive: Watchers = new Map();
  readonly #streams = new Map<ZnodePath, Few<StreamWatch>>();
  /** Those that tell of levels below their path. */
  readonly #deepStreams = new Map<ZnodePath, Few<StreamWatch>>();
  /** Sessions that are told of the event at hand, where it may find one in several ways. */
  readonly #told = new Set<LiveSession>();
  readonly #aclOf: (path: ZnodePath) => Acl;
  readonly #shownBy: ShownBy;
  #count = 0;
  #streamCount = 0;

  /** Who may read a znode is asked for where somebody waits for what has happened to it. */
  constructor(aclOf: (path: ZnodePath) => Acl, shownBy: ShownBy) {
    this.#aclOf = aclOf;
    this.#shownBy = shownBy;
  }

  /** Watches of sessions. */
  get count(): number {
    return this.#count;
  }

  get streamCount(): number {
    return this.#streamCount;
  }

  watchZnode(session: LiveSession, path: ZnodePath): void {
    if (!this.#add(this.#ofZnode, session, path)) return;
    session.znodeWatches = withItem(session.znodeWatches, path);
  }

  watchChildren(session: LiveSession, path: ZnodePath): void {
    if (!this.#add(this.#ofChildren, session, path)) return;
    session.childWatches = withItem(session.childWatches, path);
  }

  watchPersistent(session: LiveSession, path: ZnodePath, mode: PersistentMode): void {
    if (mode === 'persistent') {
      if (!this.#add(this.#persistent, session, path)) return;
      session.persistentWatches = withItem(session.persistentWatches, path);
    } else {
      if (!this.#add(this.#recursive, session, path)) return;
      session.recursiveWatches = withItem(session.recursiveWatches, path);
    }
  }

  unwatch(session: LiveSession, path: ZnodePath, kind: WatchKind): void {
    switch (kind) {
      case 'data':
      case 'exists':
        session.znodeWatches = withoutItem(session.znodeWatches, path);
        this.#remove(this.#ofZnode, session, path);
        break;
      case 'children':
        session.childWatches = withoutItem(session.childWatches, path);
        this.#remove(this.#ofChildren, session, path);
        break;
      case 'persistent':
        session.persistentWatches = withoutItem(session.persistentWatches, path);
        this.#remove(this.#persistent, session, path);
        break;
      case 'persistentRecursive':
        session.recursiveWatches = withoutItem(session.recursiveWatches, path);
        this.#remove(this.#recursive, session, path);
        break;
    }
  }

  removeSession(session: LiveSession): void {
    if (session.persistentWatches !== null) {
      for (const path of session.persistentWatches) this.#remove(this.#persistent, session, path);
      session.persistentWatches = null;
    }
    if (session.recursiveWatches !== null) {
      for (const path of session.recursiveWatches) this.#remove(this.#recursive, session, path);
      session.recursiveWatches = null;
    }
    if (session.znodeWatches !== null) {
      for (const path of session.znodeWatches) this.#remove(this.#ofZnode, session, path);
      session.znodeWatches = null;
    }
    if (session.childWatches !== null) {
      for (const path of session.childWatches) this.#remove(this.#ofChildren, session, path);
      session.childWatches = null;
    }
  }

  openStream(watch: StreamWatch): void {
    const streams = this.#streamsOf(watch);
    streams.set(watch.path, withItem(streams.get(watch.path) ?? null, watch));
    this.#streamCount += 1;
  }

  closeStream(watch: StreamWatch): void {
    const streams = this.#streamsOf(watch);
    const left = withoutItem(streams.get(watch.path) ?? null, watch);
    if (left === null) streams.delete(watch.path);
    else streams.set(watch.path, left);
    this.#streamCount -= 1;
  }

  tellStream(watch: StreamWatch, event: WatchEvent, out: DatabaseEffects): void {
    watch.isQuiet = false;
    const shown = this.#shownBy(event, watch.terms);
    const told = { kind: 'watchEvent', watch: watch.watch, event } as const;
    out.frontends.push(watch.link, shown === undefined ? told : { ...told, shown });
  }

  created(path: ZnodePath, zxid: Zxid, out: DatabaseEffects): void {
    if (this.#count === 0 && this.#streamCount === 0) return;
    this.#fireZnode('nodeCreated', path, zxid, null, out);
    this.#fireChildren(parentPath(path), zxid, out);
  }

  dataChanged(path: ZnodePath, zxid: Zxid, out: DatabaseEffects): void {
    if (this.#count === 0 && this.#streamCount === 0) return;
    this.#fireZnode('nodeDataChanged', path, zxid, null, out);
  }

  /** `acl`: what it had. */
  deleted(path: ZnodePath, zxid: Zxid, acl: Acl, out: DatabaseEffects): void {
    if (this.#count === 0 && this.#streamCount === 0) return;
    const ofZnode = this.#ofZnode.get(path) ?? null;
    this.#fireZnode('nodeDeleted', path, zxid, acl, out);
    const isTold = this.#hasPersistent ? new Set(this.#told) : null;
    const ofChildren = this.#ofChildren.get(path);
    if (ofChildren !== undefined) {
      const event: WatchEvent = { kind: 'nodeDeleted', path, zxid };
      this.#ofChildren.delete(path);
      for (const session of ofChildren) {
        this.#count -= 1;
        session.childWatches = withoutItem(session.childWatches, path);
        // A session that watched both is told once.
        const wasTold = isTold === null ? hasItem(ofZnode, session) : isTold.has(session);
        if (!wasTold) tell(session, event, acl, out);
      }
    }
    if (path !== ROOT) this.#fireChildren(parentPath(path), zxid, out);
  }

  #fireZnode(
    kind: EventKind,
    path: ZnodePath,
    zxid: Zxid,
    last: Acl | null,
    out: DatabaseEffects,
  ): void {
    const watchers = this.#ofZnode.get(path);
    if (watchers === undefined && this.#streamCount === 0 && !this.#hasPersistent) return;
    const event: WatchEvent = { kind, path, zxid };
    const acl = last ?? this.#aclOf(path);
    if (watchers !== undefined) {
      this.#ofZnode.delete(path);
      for (const session of watchers) {
        this.#count -= 1;
        session.znodeWatches = withoutItem(session.znodeWatches, path);
        tell(session, event, acl, out);
      }
    }
    if (this.#hasPersistent) this.#tellPersistent(event, acl, watchers, out);
    this.#tellStreams(event, acl, out);
  }

  #fireChildren(path: ZnodePath, zxid: Zxid, out: DatabaseEffects): void {
    const watchers = this.#ofChildren.get(path);
    if (watchers === undefined && this.#streamCount === 0 && !this.#hasPersistent) return;
    const event: WatchEvent = { kind: 'nodeChildrenChanged', path, zxid };
    const acl = this.#aclOf(path);
    if (watchers !== undefined) {
      this.#ofChildren.delete(path);
      for (const session of watchers) {
        this.#count -= 1;
        session.childWatches = withoutItem(session.childWatches, path);
        tell(session, event, acl, out);
      }
    }
    if (this.#hasPersistent) this.#tellPersistent(event, acl, watchers, out);
    this.#tellStreams(event, acl, out);
  }

  get #hasPersistent(): boolean {
    return this.#persistent.size > 0 || this.#recursive.size > 0;
  }

  /** Each session once, however many of its watches tell of the event; `before`: those that were told already. */
  #tellPersistent(
    event: WatchEvent,
    acl: Acl,
    before: Few<LiveSession> | undefined,
    out: DatabaseEffects,
  ): void {
    const told = this.#told;
    told.clear();
    if (before !== undefined) for (const session of before) told.add(session);
    const tellAll = (watchers: Few<LiveSession> | undefined): void => {
      if (watchers === undefined) return;
      for (const session of watchers) {
        if (told.has(session)) continue;
        told.add(session);
        tell(session, event, acl, out);
      }
    };
    tellAll(this.#persistent.get(event.path));
    if (event.kind === 'nodeChildrenChanged' || this.#recursive.size === 0) return;
    for (let path = event.path; ; path = parentPath(path)) {
      tellAll(this.#recursive.get(path));
      if (path === ROOT) return;
    }
  }

  #tellStreams(event: WatchEvent, acl: Acl, out: DatabaseEffects): void {
    const watches = this.#streams.get(event.path);
    if (watches !== undefined) this.#tellEach(watches, event, acl, out);
    if (this.#deepStreams.size === 0) return;
    for (let path = event.path; ; path = parentPath(path)) {
      const deep = this.#deepStreams.get(path);
      if (deep !== undefined) this.#tellEach(deep, event, acl, out);
      if (path === ROOT) return;
    }
  }

  #tellEach(
    watches: Iterable<StreamWatch>,
    event: WatchEvent,
    acl: Acl,
    out: DatabaseEffects,
  ): void {
    for (const it of watches) {
      if (event.zxid <= it.from || !tellsOnTerms(it.terms, it.path, event)) continue;
      if (permits(acl, 'read', it.identities)) this.tellStream(it, event, out);
    }
  }

  #streamsOf({ terms }: StreamWatch): Map<ZnodePath, Few<StreamWatch>> {
    return terms.depth === 0 ? this.#streams : this.#deepStreams;
  }

  #add(table: Watchers, session: LiveSession, path: ZnodePath): boolean {
    const watchers = table.get(path) ?? null;
    if (hasItem(watchers, session)) return false;
    const grown = withItem(watchers, session);
    if (grown !== watchers) table.set(path, grown);
    this.#count += 1;
    return true;
  }

  #remove(table: Watchers, session: LiveSession, path: ZnodePath): void {
    const watchers = table.get(path);
    if (!hasItem(watchers ?? null, session) || watchers === undefined) return;
    this.#count -= 1;
    if (withoutItem(watchers, session) === null) table.delete(path);
  }
}

/** Not of what the session may not read: the path alone would say too much. */
function tell(session: LiveSession, event: WatchEvent, acl: Acl, out: DatabaseEffects): void {
  if (!permits(acl, 'read', session.identities)) return;
  out.frontends.push(session.stream.link, {
    kind: 'event',
    session: session.row.session,
    event,
  });
}
