import { zxidOfBackup } from '@paddock/codec';
import { NO_SESSION, ZXID_ZERO } from '@paddock/model';
import type { Change, SessionId, Zxid } from '@paddock/model';
import type { CommittedLog } from '../record/committed-log.ts';
import { editsOf } from '../record/edits.ts';

export interface PastZnode {
  readonly czxid: Zxid;
  readonly data: Uint8Array;
  readonly owner: SessionId;
}

/** What was below a path behind one transaction. */
export interface PastState {
  readonly zxid: Zxid;
  /** When a database was first told of it, in virtual milliseconds: nobody has seen it earlier. */
  readonly deliveredMs: number;
  /** It was brought back by a restoration. */
  readonly isRestored: boolean;
  readonly znodes: ReadonlyMap<string, PastZnode>;
}

/** A znode and all below it, through all that was committed; a state for each transaction that has changed it. */
export class SubtreeHistory {
  readonly states: PastState[] = [
    { zxid: ZXID_ZERO, deliveredMs: 0, isRestored: false, znodes: new Map<string, PastZnode>() },
  ];
  readonly #log: CommittedLog;
  readonly #root: string;

  constructor(log: CommittedLog, root: string) {
    this.#log = log;
    this.#root = root;
    this.#replay();
  }

  /** The state that a read reflects by this zxid. */
  at(zxid: Zxid): PastState | undefined {
    return this.states.findLast((it) => it.zxid <= zxid);
  }

  #replay(): void {
    for (const { zxid, transaction, backup, deliveredMs } of this.#log.entries) {
      if (backup !== null) {
        const znodes = withoutOwned(this.at(zxidOfBackup(backup))?.znodes);
        this.states.push({ zxid, deliveredMs, isRestored: true, znodes });
      } else if (transaction !== null && this.#concerns(transaction.change)) {
        const znodes = new Map(this.states.at(-1)?.znodes);
        this.#apply(transaction.change, zxid, znodes);
        this.states.push({ zxid, deliveredMs, isRestored: false, znodes });
      }
    }
  }

  #concerns(change: Change): boolean {
    const ended = change.kind === 'closeSession' ? change.znodes : [];
    return [...ended, ...editsOf(change)].some(({ path }) => this.#isBelow(path));
  }

  #apply(change: Change, zxid: Zxid, znodes: Map<string, PastZnode>): void {
    if (change.kind === 'closeSession') for (const { path } of change.znodes) znodes.delete(path);
    for (const edit of editsOf(change)) {
      if (!this.#isBelow(edit.path)) continue;
      const known = znodes.get(edit.path);
      if (edit.kind === 'deleteZnode') znodes.delete(edit.path);
      else if (edit.kind === 'createZnode') {
        znodes.set(edit.path, { czxid: zxid, data: edit.data, owner: edit.ephemeralOwner });
      } else if (edit.kind === 'setZnodeData' && known !== undefined) {
        znodes.set(edit.path, { ...known, data: edit.data });
      }
    }
  }

  #isBelow(path: string): boolean {
    return path === this.#root || path.startsWith(`${this.#root}/`);
  }
}

/** A restoration ends all sessions. */
function withoutOwned(
  znodes: ReadonlyMap<string, PastZnode> = new Map(),
): ReadonlyMap<string, PastZnode> {
  return new Map([...znodes].filter(([, { owner }]) => owner === NO_SESSION));
}
