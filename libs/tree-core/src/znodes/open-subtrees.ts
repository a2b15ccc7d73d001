import type { Stat, ZnodePath, Zxid } from '@paddock/model';
import { SubtreeSnapshot } from './subtree-snapshot.ts';
import type { ZnodeTable } from './znode-table.ts';

/** What a snapshot has of a row. */
interface Znodes {
  path(row: number): ZnodePath;
  data(row: number): Uint8Array;
  stat(row: number): Stat;
}

/** The snapshots of subtrees that are being told: each learns of every change first. */
export class OpenSubtrees {
  readonly #table: ZnodeTable;
  readonly #znodes: Znodes;
  readonly #open = new Set<SubtreeSnapshot>();

  constructor(table: ZnodeTable, znodes: Znodes) {
    this.#table = table;
    this.#znodes = znodes;
  }

  /**
   * The znode of the row and all below it as of now, until it is closed: `zxid` is what was applied. What it saves of
   * znodes that change before they are told takes up to so many bytes.
   */
  open(
    row: number,
    zxid: Zxid,
    mayRead: (row: number) => boolean,
    savedBytesMax: number,
  ): SubtreeSnapshot {
    const znodes = this.#znodes;
    const tree = {
      image: (it: number) => ({
        path: znodes.path(it),
        data: znodes.data(it),
        stat: znodes.stat(it),
      }),
      mayRead,
    };
    const snapshot = new SubtreeSnapshot(this.#table, tree, row, zxid, savedBytesMax);
    this.#open.add(snapshot);
    return snapshot;
  }

  close(snapshot: SubtreeSnapshot): void {
    this.#open.delete(snapshot);
  }

  /** Before a transaction changes or removes the row. */
  rowChanges(row: number): void {
    for (const it of this.#open) it.rowChanges(row);
  }

  /** Before the row is removed. */
  rowLeaves(row: number): void {
    for (const it of this.#open) it.rowLeaves(row);
  }
}
