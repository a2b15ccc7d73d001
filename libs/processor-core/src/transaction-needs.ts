import { isSequential, parentPath, ROOT } from '@paddock/model';
import type {
  PlacedRecord,
  TransactionOperation,
  TransactionStep,
  ZnodePath,
} from '@paddock/model';
import type { LookUps } from './look-ups.ts';
import type { OverlayZnode } from './overlay-znode.ts';
import type { Overlay } from './overlay.ts';

/** What is below a znode, as its look-up told. */
export interface Subtree {
  readonly path: ZnodePath;
  /** The answer, from its arrival on: nothing leaves the overlay until the transaction is settled. */
  answer: { readonly znodes: readonly PlacedRecord[]; readonly more: boolean } | null;
}

/**
 * What the validation of one transaction must know. Most of it is plain when it arrives, and is looked up then; the
 * rest, names of sequential znodes and what is below another, in its turn.
 */
export class TransactionNeeds {
  readonly #overlay: Overlay;
  readonly #lookUps: LookUps;
  readonly #pinned = new Map<ZnodePath, OverlayZnode>();
  readonly #subtrees = new Map<ZnodePath, Subtree>();
  /** The last look-up that it waits for; 0 for none. */
  lookUp = 0;

  constructor(overlay: Overlay, lookUps: LookUps) {
    this.#overlay = overlay;
    this.#lookUps = lookUps;
  }

  /** Asks for all that the operation itself names. */
  foresee({ guard, compare, then, otherwise }: TransactionOperation): void {
    if (guard !== null) this.znode(guard.path);
    for (const comparison of compare) {
      const znode = this.znode(comparison.path);
      if (comparison.kind === 'data') this.data(znode);
    }
    for (const step of [...then, ...otherwise]) this.#foreseeStep(step);
  }

  #foreseeStep(step: TransactionStep): void {
    switch (step.kind) {
      case 'create':
        this.#lineage(step.path, step.parents);
        if (!isSequential(step.mode)) this.znode(step.path);
        break;
      case 'setData':
        this.znode(step.path);
        if (step.upsert) this.#lineage(step.path, false);
        break;
      case 'delete':
        this.znode(step.path);
        this.#lineage(step.path, false);
        if (step.recursive && step.path !== ROOT) this.subtree(step.path);
        break;
      case 'check':
        this.znode(step.path);
        break;
      case 'setAcl':
      case 'getData':
      case 'exists':
      case 'getChildren':
        this.znode(step.path);
        break;
    }
  }

  #lineage(path: ZnodePath, whole: boolean): void {
    for (let at = parentPath(path); ; at = parentPath(at)) {
      this.znode(at);
      if (!whole || at === ROOT) return;
    }
  }

  /** The znode; one that is not known yet is being looked up. */
  znode(path: ZnodePath): OverlayZnode {
    let znode = this.#pinned.get(path);
    if (znode === undefined) {
      znode = this.#overlay.pin(path);
      this.#pinned.set(path, znode);
    }
    if (!znode.known) this.#waitFor(this.#lookUps.znode(znode));
    return znode;
  }

  /** Has the data of the znode looked up, unless it is known. */
  data(znode: OverlayZnode): void {
    if (znode.data === null) this.#waitFor(this.#lookUps.data(znode));
  }

  subtree(path: ZnodePath): Subtree {
    let subtree = this.#subtrees.get(path);
    if (subtree === undefined) {
      subtree = { path, answer: null };
      this.#subtrees.set(path, subtree);
      this.#waitFor(this.#lookUps.subtree(subtree));
    }
    return subtree;
  }

  /** All below the znode as it will be, pinned; null where there are too many. */
  below({ path, answer }: Subtree): OverlayZnode[] | null {
    if (answer === null || answer.more) return null;
    const found = new Set<OverlayZnode>();
    for (const placed of answer.znodes) {
      if (placed.path === path) continue;
      const znode = this.#pin(placed.path);
      this.#overlay.fill(znode, placed.record);
      if (znode.exists) found.add(znode);
    }
    for (const znode of this.#overlay.below(path)) found.add(this.#pin(znode.path));
    return [...found];
  }

  release(): void {
    for (const znode of this.#pinned.values()) this.#overlay.unpin(znode);
    for (const { answer } of this.#subtrees.values()) if (answer !== null) this.#overlay.release();
  }

  #pin(path: ZnodePath): OverlayZnode {
    let znode = this.#pinned.get(path);
    if (znode === undefined) {
      znode = this.#overlay.pin(path);
      this.#pinned.set(path, znode);
    }
    return znode;
  }

  #waitFor(lookUp: number): void {
    if (lookUp > this.lookUp) this.lookUp = lookUp;
  }
}
