import type { WatchEvent } from './operation.ts';
import type { ZnodePath } from './path.ts';
import { isWithin } from './path.ts';
import { trustedZxid } from './zxid.ts';
import type { Zxid } from './zxid.ts';
import type { PersistentMode } from './operation.ts';

/** Whether an event is one that a watch of this mode at `path` tells. */
export function tellsOf(mode: PersistentMode, path: ZnodePath, event: WatchEvent): boolean {
  if (event.path === path) return mode === 'persistent' || event.kind !== 'nodeChildrenChanged';
  if (mode === 'persistent' || event.kind === 'nodeChildrenChanged') return false;
  return isWithin(event.path, path);
}

/**
 * How far a persistent watch has been told of its events, so that one that comes back is told of each once. Events come
 * in the order of their zxids, several with one zxid where a transaction makes them.
 */
export class WatchProgress {
  /** Every event up to here was told. */
  #through: Zxid;
  /** Those told behind it have this zxid. */
  #last: Zxid;
  readonly #toldAtLast = new Set<string>();

  constructor(from: Zxid) {
    this.#through = from;
    this.#last = from;
  }

  /** What a resume asks for: events behind this. */
  get from(): Zxid {
    return this.#through;
  }

  /** Every event up to here was told, whether or not there was any. */
  covered(through: Zxid): void {
    if (through > this.#through) this.#through = through;
  }

  /** False for one that was told before. */
  tells(event: WatchEvent): boolean {
    const { zxid, kind, path } = event;
    if (zxid <= this.#through || zxid < this.#last) return false;
    if (zxid > this.#last) {
      this.#last = zxid;
      this.#toldAtLast.clear();
      // More may come of the same transaction.
      this.covered(trustedZxid(zxid - 1));
    }
    const key = `${kind} ${path}`;
    if (this.#toldAtLast.has(key)) return false;
    this.#toldAtLast.add(key);
    return true;
  }
}
