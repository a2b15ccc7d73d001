import { maxZxid, NO_SESSION, ROOT, ZXID_ZERO } from '@paddock/model';
import type { SessionId, ZnodeCreation, ZnodePath, ZnodeRecord, Zxid } from '@paddock/model';
import { OverlayZnode } from './overlay-znode.ts';
import { Ring } from './ring.ts';

/** The znodes that one transaction changed, and what it weighs until it is applied. */
interface ChangeInFlight {
  readonly bytes: number;
  readonly znode: OverlayZnode | null;
  readonly parent: OverlayZnode | null;
  readonly others: readonly OverlayZnode[] | null;
}

const NONE: ReadonlySet<OverlayZnode> = new Set();

/** Slots that remember which znodes have settled lately; a power of two. */
const SEEN_SLOTS = 2 ** 15;

/** Of the last characters of a path: siblings differ there. */
function fingerprint(path: ZnodePath): number {
  let hash = path.length;
  for (let i = Math.max(0, path.length - 16); i < path.length; i++) {
    hash = Math.imul(hash ^ path.charCodeAt(i), 0x01000193);
  }
  return hash;
}

/**
 * The changes in flight (paper 4.1): validation looks here first. A znode leaves only when the look-up stream has said
 * that its last change is applied (H5); until then what stands here is newer than any answer.
 */
export class Overlay {
  /**
   * A fresh one whenever it is empty: the tables that a Map outgrows by churn stay reachable from one another, and
   * with them everything that they held, until the next collection of the whole heap.
   */
  #znodes = new Map<ZnodePath, OverlayZnode>();
  /** Of each session the ephemerals among the znodes here. */
  readonly #ephemerals = new Map<SessionId, Set<OverlayZnode>>();
  /** One for each transaction in (applied, last], in zxid order without gaps. */
  readonly #inFlight = new Ring<ChangeInFlight>();
  #bytesInFlight = 0;
  #last: Zxid;
  /** What the look-up stream has said, taken in. */
  #applied: Zxid;
  #heard: Zxid;
  #floor: Zxid;
  #holds = 0;
  /** Neither pinned nor in flight, and yet not to be removed before the stream says so, or the last hold ends. */
  #lingering: OverlayZnode[] = [];
  /**
   * Settled znodes in the order in which they leave. Within a term nobody else changes the tree, so what was known of
   * a znode stays true as long as its changes pass through here: whoever needs it again is spared the look-up.
   */
  readonly #settled = new Ring<OverlayZnode>();
  readonly #settledMax: number;
  #settledCount = 0;
  readonly #seen = new Int32Array(SEEN_SLOTS);

  /** `lastProposed`: everything up to here is applied before the term is served. `settledMax` bounds what stays. */
  constructor(lastProposed: Zxid, settledMax: number) {
    this.#settledMax = settledMax;
    this.#last = lastProposed;
    this.#applied = lastProposed;
    this.#heard = lastProposed;
    this.#floor = lastProposed;
  }

  /** Znodes in use: pinned, in flight or lingering. */
  get size(): number {
    return this.#znodes.size - this.#settledCount;
  }

  get changesInFlight(): number {
    return this.#inFlight.length;
  }

  get bytesInFlight(): number {
    return this.#bytesInFlight;
  }

  /** The highest zxid that has left: a look-up answered below it would not show what is gone from here. */
  get floor(): Zxid {
    return this.#floor;
  }

  /** For a look that changes nothing: the znode stays settled if it is. */
  peek(path: ZnodePath): Readonly<OverlayZnode> | undefined {
    return this.#znodes.get(path);
  }

  get(path: ZnodePath): OverlayZnode | undefined {
    const znode = this.#znodes.get(path);
    if (znode?.isSettled === true) this.#use(znode);
    return znode;
  }

  getOrAdd(path: ZnodePath): OverlayZnode {
    let znode = this.#znodes.get(path);
    if (znode === undefined) {
      znode = new OverlayZnode(path);
      this.#znodes.set(path, znode);
    } else if (znode.isSettled) this.#use(znode);
    return znode;
  }

  pin(path: ZnodePath): OverlayZnode {
    const znode = this.getOrAdd(path);
    znode.pins++;
    return znode;
  }

  unpin(znode: OverlayZnode): void {
    znode.pins--;
    if (znode.pins > 0 || this.#isInFlight(znode)) return;
    if (this.#holds === 0 && znode.zxid <= this.#applied) this.#settle(znode);
    else this.#lingering.push(znode);
  }

  /** Takes what a look-up told, unless a change has told more already. */
  fill(znode: OverlayZnode, record: ZnodeRecord | null): void {
    if (znode.known) return;
    znode.known = true;
    if (record !== null) znode.found(record);
  }

  /** What a look-up told of its data, unless a change has told more already. */
  fillData(znode: OverlayZnode, data: Uint8Array | null): void {
    if (znode.exists && znode.data === null) znode.data = data;
  }

  created(
    znode: OverlayZnode,
    parent: OverlayZnode,
    creation: ZnodeCreation,
    zxid: Zxid,
    time: number,
  ): void {
    znode.born(creation, zxid, time);
    parent.childBorn();
    this.#own(znode);
  }

  deleted(znode: OverlayZnode, parent: OverlayZnode): void {
    this.#disown(znode, znode.exists, znode.ephemeralOwner);
    znode.gone();
    parent.childGone();
  }

  /** It was changed by several steps at once; before them it was as these say. */
  ownedAnew(znode: OverlayZnode, existed: boolean, owner: SessionId): void {
    this.#disown(znode, existed, owner);
    if (znode.exists) this.#own(znode);
  }

  /** Of those below `path` all that a change in flight, or a look-up, has made known to exist. */
  below(path: ZnodePath): OverlayZnode[] {
    const prefix = path === ROOT ? path : `${path}/`;
    const found: OverlayZnode[] = [];
    for (const znode of this.#znodes.values()) {
      if (znode.known && znode.exists && znode.path.startsWith(prefix)) found.push(znode);
    }
    return found.filter((it) => it.path !== path);
  }

  ephemeralsOf(session: SessionId): ReadonlySet<OverlayZnode> {
    return this.#ephemerals.get(session) ?? NONE;
  }

  /** Every transaction is recorded, in zxid order, with the znodes that it changed. */
  record(
    zxid: Zxid,
    bytes: number,
    znode: OverlayZnode | null,
    parent: OverlayZnode | null,
    others: readonly OverlayZnode[] | null,
  ): void {
    if (znode !== null) znode.zxid = zxid;
    if (parent !== null) parent.zxid = zxid;
    if (others !== null) for (const it of others) it.zxid = zxid;
    this.#inFlight.push({ bytes, znode, parent, others });
    this.#bytesInFlight += bytes;
    this.#last = zxid;
  }

  get applied(): Zxid {
    return this.#applied;
  }

  /** An answer is kept that must be read together with what stands here now: nothing leaves until it is. */
  hold(): void {
    this.#holds++;
  }

  release(): void {
    this.#holds--;
    if (this.#holds === 0) this.#drop();
  }

  /** A new stream may come from a database that is behind: only what *it* says lets a znode leave (H5). */
  streamRestarted(): void {
    this.#applied = ZXID_ZERO;
    this.#heard = ZXID_ZERO;
  }

  /**
   * The look-up stream has said that everything up to `heard` shows in its answers. It may be beyond this term's last
   * change: a newer term's entries can be applied here before the broadcaster's word of that term's end arrives.
   */
  dropThrough(heard: Zxid): void {
    if (heard <= this.#heard) return;
    this.#heard = heard;
    if (this.#holds === 0) this.#drop();
  }

  #drop(): void {
    this.#applied = this.#heard < this.#last ? this.#heard : this.#last;
    // Within a term zxids count up by one, so a number of transactions is a difference of zxids.
    const staying = this.#last - this.#applied;
    while (this.#inFlight.length > staying) {
      const change = this.#inFlight.shift();
      if (change === undefined) break;
      this.#bytesInFlight -= change.bytes;
      this.#letGo(change.znode);
      this.#letGo(change.parent);
      if (change.others !== null) for (const it of change.others) this.#letGo(it);
    }
    if (this.#lingering.length === 0) return;
    const lingering = this.#lingering;
    this.#lingering = [];
    for (const it of lingering) {
      if (it.pins > 0 || this.#isInFlight(it)) continue;
      if (it.zxid <= this.#applied) this.#settle(it);
      else this.#lingering.push(it);
    }
  }

  #isInFlight(znode: OverlayZnode): boolean {
    return znode.zxid > this.#last - this.#inFlight.length;
  }

  #letGo(znode: OverlayZnode | null): void {
    if (znode !== null && znode.pins === 0 && znode.zxid <= this.#applied) this.#settle(znode);
  }

  /**
   * Nothing needs it now. One that comes back again and again stays, one that is needed once does not; nor does an
   * ephemeral, which its session's close looks up together with its parent.
   */
  #settle(znode: OverlayZnode): void {
    if (znode.isSettled || znode.isGone) return;
    znode.data = null;
    znode.dataLookUp = 0;
    if (!znode.known || znode.ephemeralOwner !== NO_SESSION || !this.#isSeen(znode.path)) {
      this.#remove(znode);
      return;
    }
    znode.isSettled = true;
    this.#settledCount++;
    if (!znode.isQueued) {
      znode.isQueued = true;
      this.#settled.push(znode);
    }
    // One in, one out; what is in use again only loses its place.
    for (let i = 0; i < 2 && this.#settledCount > this.#settledMax; i++) this.#evictOne();
  }

  #isSeen(path: ZnodePath): boolean {
    const hash = fingerprint(path);
    const slot = hash & (SEEN_SLOTS - 1);
    if (this.#seen[slot] === hash) return true;
    this.#seen[slot] = hash;
    return false;
  }

  #use(znode: OverlayZnode): void {
    znode.isSettled = false;
    this.#settledCount--;
  }

  #evictOne(): void {
    const znode = this.#settled.shift();
    if (znode === undefined) return;
    znode.isQueued = false;
    if (!znode.isSettled) return;
    if (znode.zxid > this.#applied) {
      // A database that restarted behind has not said so yet (H5).
      znode.isQueued = true;
      this.#settled.push(znode);
      return;
    }
    this.#use(znode);
    this.#remove(znode);
  }

  #remove(znode: OverlayZnode): void {
    if (znode.isGone) return;
    znode.isGone = true;
    this.#znodes.delete(znode.path);
    if (this.#znodes.size === 0) this.#znodes = new Map();
    this.#floor = maxZxid(this.#floor, znode.zxid);
    this.#disown(znode, znode.exists, znode.ephemeralOwner);
  }

  #own(znode: OverlayZnode): void {
    const owner = znode.ephemeralOwner;
    if (owner === NO_SESSION) return;
    const owned = this.#ephemerals.get(owner);
    if (owned === undefined) this.#ephemerals.set(owner, new Set([znode]));
    else owned.add(znode);
  }

  #disown(znode: OverlayZnode, existed: boolean, owner: SessionId): void {
    if (!existed || owner === NO_SESSION) return;
    const owned = this.#ephemerals.get(owner);
    if (owned?.delete(znode) === true && owned.size === 0) this.#ephemerals.delete(owner);
  }
}
