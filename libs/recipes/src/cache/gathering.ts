import type { Zxid } from '@paddock/client';
import type { CachedZnode } from './cached-znode.ts';

/** What a read has shown of one path. */
export interface Shown {
  /** Null where there is no znode, or none that this session may read. */
  readonly znode: CachedZnode | null;
  /** Paths of its children; null where they were not asked for. */
  readonly children: readonly string[] | null;
}

export interface Wanted {
  readonly path: string;
  /** Its children, too. */
  readonly lists: boolean;
}

/** From one state of the tree to a later one. */
export interface Advance {
  readonly zxid: Zxid;
  /** Every znode of the tree; else those that may have changed, null where there is none any more. */
  readonly isWhole: boolean;
  readonly znodes: ReadonlyMap<string, CachedZnode | null>;
}

/** A state that is known but for some of its znodes. */
interface Target {
  readonly zxid: Zxid;
  readonly missing: Set<string>;
  /** What was known of those that were read again since; undefined: nothing, they are as they were before. */
  readonly older: Map<string, CachedZnode | null | undefined>;
}

/**
 * Puts states of a tree together from events, which say where something has changed, and reads, which show what it has
 * come to, each at a zxid of its own. A session hears of a change before it can read it (P4): once every path that it
 * has heard of is read behind what it has heard, the whole is the state at the zxid of the last read.
 *
 * Where paths change faster than they are read that moment may never come. So what has changed is read again together,
 * as far as it goes in one batch; and the state at an earlier read is completed by later ones, where nothing has
 * changed in between.
 */
export class Gathering {
  readonly #known = new Map<string, CachedZnode | null>();
  /** When each was last told of, since the last advance. */
  readonly #toldAt = new Map<string, Zxid>();
  readonly #unread = new Set<string>();
  /** Of the walk through a tree of which nothing is known: what was found, and whose children have yet to be. */
  readonly #found = new Set<string>();
  readonly #unlisted = new Set<string>();
  readonly #root: string;
  /** Nothing is known yet. */
  #isWhole = true;
  #target: Target | null = null;

  /** Of a znode, and of all below it; the watch is set before. */
  constructor(root: string, extent: 'alone' | 'below') {
    this.#root = root;
    if (extent === 'below') this.#find([root]);
    else this.#unread.add(root);
  }

  /** Nothing is to be read: no change was told that was not shown. */
  get isComplete(): boolean {
    return this.#unread.size === 0;
  }

  /** A znode was changed; where it was created or deleted, its parent's stat was, too. */
  told(path: string, zxid: Zxid, isOfParent: boolean): void {
    this.#changed(path, zxid);
    if (isOfParent && path !== this.#root) this.#changed(parentOf(path), zxid);
  }

  /** What to read next, in one batch of so many at the most. */
  wanted(most: number): readonly Wanted[] {
    const paths = new Set<string>();
    for (const source of [this.#unread, this.#toldAt.keys()]) {
      for (const path of source) {
        if (paths.size >= most) break;
        paths.add(path);
      }
    }
    return [...paths].map((path) => ({ path, lists: this.#unlisted.has(path) }));
  }

  /** What reads have shown at one zxid, or behind it where nothing was told in between. */
  shown(zxid: Zxid, readings: ReadonlyMap<string, Shown>): readonly Advance[] {
    for (const [path, { znode, children }] of readings) {
      this.#meetTarget(path);
      this.#known.set(path, znode);
      if (children !== null && this.#unlisted.delete(path)) this.#find(children);
      const isRead = this.#lastTold(path, zxid) <= zxid && !this.#unlisted.has(path);
      if (isRead) this.#unread.delete(path);
    }
    const advances: Advance[] = [];
    if (this.#target?.missing.size === 0) advances.push(this.#reach(this.#target));
    if (this.isComplete) advances.push(this.#reach({ zxid, older: new Map() }));
    else if (this.#target === null && this.#unlisted.size === 0) {
      this.#target = { zxid, missing: new Set(this.#unread), older: new Map() };
    }
    return advances;
  }

  #changed(path: string, zxid: Zxid): void {
    this.#toldAt.set(path, zxid);
    this.#unread.add(path);
  }

  /** Also what was told of or read already: of what is below it nobody may have told. */
  #find(paths: readonly string[]): void {
    for (const path of paths) {
      if (this.#found.has(path)) continue;
      this.#found.add(path);
      this.#unread.add(path);
      this.#unlisted.add(path);
    }
  }

  #lastTold(path: string, otherwise: Zxid): Zxid {
    return this.#toldAt.get(path) ?? otherwise;
  }

  #meetTarget(path: string): void {
    const target = this.#target;
    if (target === null) return;
    if (!target.missing.has(path)) {
      if (!target.older.has(path)) target.older.set(path, this.#known.get(path));
    } else if (this.#lastTold(path, target.zxid) <= target.zxid) target.missing.delete(path);
    else this.#target = null;
  }

  #reach({ zxid, older }: Pick<Target, 'zxid' | 'older'>): Advance {
    const znodes = new Map<string, CachedZnode | null>();
    for (const [path, now] of this.#known) {
      const then = older.has(path) ? older.get(path) : now;
      if (then !== undefined) znodes.set(path, then);
      if (!older.has(path)) this.#known.delete(path);
    }
    for (const [path, at] of this.#toldAt) if (at <= zxid) this.#toldAt.delete(path);
    const isWhole = this.#isWhole;
    this.#isWhole = false;
    this.#found.clear();
    this.#target = null;
    return { zxid, isWhole, znodes };
  }
}

function parentOf(path: string): string {
  return path.slice(0, Math.max(1, path.lastIndexOf('/')));
}
