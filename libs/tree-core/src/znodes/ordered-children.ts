import { encodeText } from '@paddock/model';
import { ChildOrder } from './child-order.ts';
import type { NameOrder } from './child-order.ts';
import { CHILDREN, FIRST_CHILD, NEXT_SIBLING } from './znode-rows.ts';
import type { ZnodeRows } from './znode-rows.ts';

/** With more children than this a znode keeps them in order, until it has fewer than half as many. */
export const ORDERED_ABOVE = 128;
/** What the names of a page may take, in bytes, unless a single one takes more. */
const PAGE_BYTES = 256 * 1024;

/** What is asked of the names, besides their order. */
export interface ChildNames extends NameOrder {
  readonly rows: ZnodeRows;
  name(row: number): string;
}

export interface ChildrenPage {
  readonly children: string[];
  /** Whether there are names behind these. */
  readonly more: boolean;
}

/**
 * Lists children in the order of their names. Few are sorted when they are asked for; of many the order is kept from
 * change to change, so that a page of a million costs what it holds, and sorting nothing.
 */
export class OrderedChildren {
  readonly #names: ChildNames;
  readonly #orders = new Map<number, ChildOrder>();

  constructor(names: ChildNames) {
    this.#names = names;
  }

  get memoryBytes(): number {
    let bytes = 0;
    for (const order of this.#orders.values()) bytes += order.memoryBytes;
    return bytes;
  }

  /** The row has become a child of `parent`. */
  added(parent: number, row: number): void {
    const count = this.#names.rows.integer(parent, CHILDREN);
    if (count <= ORDERED_ABOVE / 2) return;
    const order = this.#orders.get(parent);
    if (order !== undefined) order.insert(row);
    else if (count > ORDERED_ABOVE) this.order(parent);
  }

  /** The row is going to be no child of `parent` any more. */
  leaving(parent: number, row: number): void {
    const count = this.#names.rows.integer(parent, CHILDREN);
    if (count < ORDERED_ABOVE / 2) return;
    if (count === ORDERED_ABOVE / 2) this.#orders.delete(parent);
    else this.#orders.get(parent)?.remove(row);
  }

  /** Puts the children into order where they are many: for a tree that was loaded. */
  order(parent: number): void {
    if (this.#names.rows.integer(parent, CHILDREN) <= ORDERED_ABOVE) return;
    this.#orders.set(parent, new ChildOrder(this.#names, this.#rowsOf(parent)));
  }

  /** What the names take in UTF-8, in bytes; nothing is listed for it. */
  nameBytes(parent: number): number {
    const order = this.#orders.get(parent);
    if (order !== undefined) return order.nameBytes;
    return this.#rowsOf(parent).reduce((sum, row) => sum + this.#names.nameLength(row), 0);
  }

  /** Names in ascending order of their UTF-16 units. */
  all(parent: number): string[] {
    const order = this.#orders.get(parent);
    if (order === undefined) return this.#sorted(parent);
    return Array.from(order.behind(NOTHING), (row) => this.#names.name(row));
  }

  /** Those of `all` behind `after`, at most `limit`, and no more than a page holds. */
  page(parent: number, after: string, limit: number): ChildrenPage {
    const order = this.#orders.get(parent);
    const names =
      order === undefined
        ? this.#sorted(parent).filter((it) => it > after)
        : this.#namesOf(order.behind(encodeText(after)));
    return pageOf(names, limit);
  }

  *#namesOf(rows: Iterable<number>): Generator<string, undefined> {
    for (const row of rows) yield this.#names.name(row);
  }

  #sorted(parent: number): string[] {
    return this.#rowsOf(parent)
      .map((row) => this.#names.name(row))
      .sort();
  }

  #rowsOf(parent: number): number[] {
    const { rows } = this.#names;
    const children: number[] = [];
    for (
      let it = rows.integer(parent, FIRST_CHILD);
      it !== 0;
      it = rows.integer(it, NEXT_SIBLING)
    ) {
      children.push(it);
    }
    return children;
  }
}

const NOTHING = new Uint8Array(0);

function pageOf(names: Iterable<string>, limit: number): ChildrenPage {
  const children: string[] = [];
  let bytes = 0;
  for (const name of names) {
    // UTF-8 has at most three bytes for a UTF-16 unit.
    bytes += 3 * name.length;
    if (children.length === limit || (bytes > PAGE_BYTES && children.length > 0)) {
      return { children, more: true };
    }
    children.push(name);
  }
  return { children, more: false };
}
