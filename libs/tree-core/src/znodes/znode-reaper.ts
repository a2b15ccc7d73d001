import { reapedAt } from '@paddock/model';
import type { ZnodePath, ZnodeRecord } from '@paddock/model';

/** What the reaper asks of the tree. */
export interface ReapedTree {
  /** The znode that stands in the row, or null where it is not the one of this czxid any more. */
  readonly recordOf: (row: number, czxid: number) => ZnodeRecord | null;
  readonly path: (row: number) => ZnodePath;
}

interface Entry {
  /** Nothing is to be done before; ms since 1970. */
  readonly due: number;
  readonly row: number;
  readonly czxid: number;
}

/**
 * Containers and znodes with a TTL in the order in which they may be due: a heap with at most one entry for each, and
 * none for those that have children. A znode whose data was changed is found not to be due when its turn comes.
 */
export class ZnodeReaper {
  readonly #tree: ReapedTree;
  readonly #unusedContainerMs: number;
  readonly #heap: Entry[] = [];
  /** Of each row the entry that counts; an older one of it is passed over. */
  readonly #listed = new Map<number, Entry>();

  constructor(tree: ReapedTree, unusedContainerMs: number) {
    this.#tree = tree;
    this.#unusedContainerMs = unusedContainerMs;
  }

  get size(): number {
    return this.#listed.size;
  }

  /** To be called when such a znode was created or loaded, or has lost its last child. */
  add(row: number, czxid: number): void {
    const due = this.#dueOf(row, czxid);
    const listed = this.#listed.get(row);
    if (due === Infinity || (listed?.czxid === czxid && listed.due <= due)) return;
    this.#list({ due, row, czxid });
  }

  /** The row is not the znode's any more. */
  remove(row: number): void {
    this.#listed.delete(row);
  }

  /** At most so many that are due at `time`, which is ms since 1970. They stay listed until they are deleted. */
  due(time: number, limit: number): ZnodePath[] {
    const paths: ZnodePath[] = [];
    const kept: Entry[] = [];
    for (let top = this.#heap[0]; top !== undefined && paths.length < limit; top = this.#heap[0]) {
      if (top.due > time) break;
      this.#pop();
      if (this.#listed.get(top.row) !== top) continue;
      const due = this.#dueOf(top.row, top.czxid);
      if (due === Infinity) {
        this.#listed.delete(top.row);
        continue;
      }
      kept.push({ ...top, due });
      if (due <= time) paths.push(this.#tree.path(top.row));
    }
    for (const entry of kept) this.#list(entry);
    return paths;
  }

  #dueOf(row: number, czxid: number): number {
    const record = this.#tree.recordOf(row, czxid);
    return record === null ? Infinity : reapedAt(record, this.#unusedContainerMs);
  }

  #list(entry: Entry): void {
    this.#listed.set(entry.row, entry);
    this.#push(entry);
  }

  #push(entry: Entry): void {
    const heap = this.#heap;
    let at = heap.length;
    heap.push(entry);
    while (at > 0) {
      const up = (at - 1) >> 1;
      const parent = heap[up];
      if (parent === undefined || parent.due <= entry.due) break;
      heap[at] = parent;
      at = up;
    }
    heap[at] = entry;
  }

  #pop(): void {
    const heap = this.#heap;
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return;
    let at = 0;
    for (;;) {
      let down = 2 * at + 1;
      const left = heap[down];
      if (left === undefined) break;
      const right = heap[down + 1];
      if (right !== undefined && right.due < left.due) down += 1;
      const child = heap[down];
      if (child === undefined || child.due >= last.due) break;
      heap[at] = child;
      at = down;
    }
    heap[at] = last;
  }
}
