import { ephemeralCost, NO_SESSION } from '@paddock/model';
import type { SessionId, ZnodeEdit, Zxid } from '@paddock/model';
import type { OverlayZnode } from './overlay-znode.ts';
import type { Overlay } from './overlay.ts';
import type { QuotaChange, Quotas } from './quotas.ts';
import type { SessionTable } from './session-table.ts';
import type { TermState } from './term-state.ts';

/** What the steps of a transaction change of a znode. */
type Saved = Pick<
  OverlayZnode,
  | 'exists'
  | 'version'
  | 'cversion'
  | 'creates'
  | 'numChildren'
  | 'dataLength'
  | 'ephemeralOwner'
  | 'kind'
  | 'ttlMs'
  | 'mtime'
  | 'czxid'
  | 'mzxid'
  | 'data'
  | 'access'
>;

/**
 * Changes of one transaction, made where every later step sees them, and taken back whole where one of its steps is
 * refused.
 */
export class OverlayTrial {
  readonly #overlay: Overlay;
  readonly #sessions: SessionTable;
  readonly #quotas: Quotas;
  readonly #quotaChanges: QuotaChange[] = [];
  /** The zxid and the time that the transaction will have. */
  readonly #zxid: Zxid;
  readonly #time: number;
  readonly #saved = new Map<OverlayZnode, Saved>();
  #size = 0;
  readonly #weights: { readonly owner: SessionId; readonly bytes: number }[] = [];

  constructor(term: Pick<TermState, 'overlay' | 'sessions' | 'quotas'>, zxid: Zxid, time: number) {
    this.#overlay = term.overlay;
    this.#sessions = term.sessions;
    this.#quotas = term.quotas;
    this.#zxid = zxid;
    this.#time = time;
  }

  /** Edits that were made. */
  get size(): number {
    return this.#size;
  }

  make(edit: ZnodeEdit, znode: OverlayZnode, parent: OverlayZnode | null): void {
    this.#size++;
    this.#save(znode);
    const change = this.#quotas.changed(edit, znode);
    if (change !== null) this.#quotaChanges.push(change);
    if (parent !== null) this.#save(parent);
    switch (edit.kind) {
      case 'createZnode':
        this.#weigh(edit.ephemeralOwner, ephemeralCost(znode.path.length));
        znode.born(edit, this.#zxid, this.#time);
        parent?.childBorn();
        break;
      case 'setZnodeData':
        znode.written(edit.data, edit.version, this.#zxid, this.#time);
        break;
      case 'setZnodeAcl':
        znode.aclSet(edit.acl, edit.version);
        break;
      case 'deleteZnode':
        this.#weigh(znode.ephemeralOwner, -ephemeralCost(znode.path.length));
        znode.gone();
        parent?.childGone();
        break;
    }
  }

  /** They stand; returns the znodes that were changed. */
  keep(): OverlayZnode[] {
    for (const [znode, before] of this.#saved) {
      this.#overlay.ownedAnew(znode, before.exists, before.ephemeralOwner);
    }
    return [...this.#saved.keys()];
  }

  undo(): void {
    for (const [znode, before] of this.#saved) Object.assign(znode, before);
    for (const { owner, bytes } of this.#weights) this.#addBytes(owner, -bytes);
    this.#saved.clear();
    this.#weights.length = 0;
    for (const it of this.#quotaChanges.reverse()) this.#quotas.undo(it);
    this.#quotaChanges.length = 0;
  }

  #weigh(owner: SessionId, bytes: number): void {
    if (owner === NO_SESSION) return;
    this.#weights.push({ owner, bytes });
    this.#addBytes(owner, bytes);
  }

  #addBytes(owner: SessionId, bytes: number): void {
    const state = this.#sessions.get(owner);
    if (state !== undefined) state.ephemeralBytes += bytes;
  }

  #save(znode: OverlayZnode): void {
    if (this.#saved.has(znode)) return;
    const { exists, version, cversion, creates, numChildren, ephemeralOwner } = znode;
    const { kind, ttlMs, mtime, czxid, mzxid, data, dataLength, access } = znode;
    this.#saved.set(znode, {
      ...{ exists, version, cversion, creates, numChildren, ephemeralOwner },
      ...{ kind, ttlMs, mtime, czxid, mzxid, data, dataLength, access },
    });
  }
}
