import { parentPath, ROOT } from '@paddock/model';
import type { ZnodePath } from '@paddock/model';
import type { LookUps } from './look-ups.ts';
import type { OverlayZnode } from './overlay-znode.ts';
import type { Overlay } from './overlay.ts';
import type { RequestQueue } from './request-queue.ts';

const REAP_BYTES = 128;

/**
 * Deletes containers and znodes with a TTL that are of no more use. The database keeps them by the time at which they
 * are due; it is asked once a tick, and what it names waits for its turn like any other write, to be judged there.
 */
export class Reaping {
  readonly #overlay: Overlay;
  readonly #lookUps: LookUps;
  readonly #queue: RequestQueue;
  readonly #queued = new Set<ZnodePath>();
  #isAsked = false;

  constructor(overlay: Overlay, lookUps: LookUps, queue: RequestQueue) {
    this.#overlay = overlay;
    this.#lookUps = lookUps;
    this.#queue = queue;
  }

  /** `time`: ms since 1970. */
  tick(time: number): void {
    if (this.#isAsked) return;
    this.#isAsked = true;
    this.#lookUps.reapable(time);
  }

  answered(paths: readonly ZnodePath[]): void {
    this.#isAsked = false;
    for (const path of paths) {
      if (path === ROOT || this.#queued.has(path)) continue;
      this.#queued.add(path);
      const znode = this.#overlay.pin(path);
      const parent = this.#overlay.pin(parentPath(path));
      const waitsFor = Math.max(this.#lookUps.znode(znode), this.#lookUps.znode(parent));
      this.#queue.push({ kind: 'reap', znode, parent, waitsFor, bytes: REAP_BYTES });
    }
  }

  settled(znode: OverlayZnode): void {
    this.#queued.delete(znode.path);
  }
}
