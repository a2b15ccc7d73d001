import { exceedsSoft, isAbove, parentPath, quotaCost, ROOT, shortened } from '@paddock/model';
import type {
  Failed,
  LimitKind,
  Quota,
  QuotaUse,
  StageEvent,
  ZnodeEdit,
  ZnodePath,
} from '@paddock/model';
import type { OverlayZnode } from './overlay-znode.ts';
import { failed, NAMED_MAX } from './validation.ts';

/** A quota, and what its znode and all below it will come to once everything assigned so far is applied. */
interface Held {
  readonly path: ZnodePath;
  quota: Quota;
  count: number;
  bytes: number;
  /** It has been noted that a soft limit is exceeded, and it still is. */
  isNoted: boolean;
}

/** By how much an edit changes what a subtree comes to. */
export interface QuotaChange {
  readonly path: ZnodePath;
  readonly count: number;
  readonly bytes: number;
  /** The quota that ends with its znode. */
  readonly ended: Held | null;
}

/**
 * All quotas. A term begins with what its database tells of them, at a state that shows everything before it; from then
 * on every change passes through here, so that nothing has to be looked up for a write. Each costs a look for the znode
 * and for each of its ancestors, and none where there are no quotas.
 */
export class Quotas {
  readonly #byPath = new Map<ZnodePath, Held>();
  #bytes = 0;
  /** Changed since soft limits were looked at. */
  #touched = new Set<Held>();

  constructor(uses: readonly QuotaUse[]) {
    for (const { path, quota, count, bytes } of uses) this.#add(path, quota, count, bytes);
  }

  /** The sum of quotaCost. */
  get bytes(): number {
    return this.#bytes;
  }

  find(path: ZnodePath): Pick<QuotaUse, 'count' | 'bytes'> | undefined {
    return this.#byPath.get(path);
  }

  set(path: ZnodePath, quota: Quota, count: number, bytes: number): void {
    const held = this.#byPath.get(path);
    if (held === undefined) {
      this.#add(path, quota, count, bytes);
      return;
    }
    held.quota = quota;
    held.isNoted = false;
    this.#touched.add(held);
  }

  remove(path: ZnodePath): void {
    const held = this.#byPath.get(path);
    if (held !== undefined) this.#drop(held);
  }

  /** Why the edit of the znode, which is as it was before, would make more of a subtree than it may come to. */
  refusalOf(edit: ZnodeEdit, znode: OverlayZnode): Failed | null {
    if (this.#byPath.size === 0 || edit.kind === 'deleteZnode') return null;
    const { count, bytes } = growthOf(edit, znode);
    if (count <= 0 && bytes <= 0) return null;
    for (let at = edit.path; ; at = parentPath(at)) {
      const held = this.#byPath.get(at);
      if (held !== undefined) {
        const { quota } = held;
        if (count > 0 && isAbove(held.count + count, quota.countHard)) {
          return exceeded(held, 'quotaCount', held.count, count, quota.countHard);
        }
        if (bytes > 0 && isAbove(held.bytes + bytes, quota.bytesHard)) {
          return exceeded(held, 'quotaBytes', held.bytes, bytes, quota.bytesHard);
        }
      }
      if (at === ROOT) return null;
    }
  }

  /** Takes in the edit of the znode, which is as it was before; null where no quota can be concerned. */
  changed(edit: ZnodeEdit, znode: OverlayZnode): QuotaChange | null {
    if (this.#byPath.size === 0) return null;
    const { count, bytes } = growthOf(edit, znode);
    const ended = edit.kind === 'deleteZnode' ? (this.#byPath.get(edit.path) ?? null) : null;
    this.#grow(edit.path, count, bytes);
    if (ended !== null) this.#drop(ended);
    return { path: edit.path, count, bytes, ended };
  }

  /** The last change that was taken in, and was not made. */
  undo({ path, count, bytes, ended }: QuotaChange): void {
    if (ended !== null) this.#hold(ended);
    this.#grow(path, -count, -bytes);
  }

  /** Soft limits that have come to be exceeded since the last time, each once until it no longer is. */
  note(events: StageEvent[]): void {
    if (this.#touched.size === 0) return;
    for (const held of this.#touched) {
      const isExceeded = this.#byPath.get(held.path) === held && exceedsSoft(held);
      if (isExceeded && !held.isNoted) {
        const { path, quota, count, bytes } = held;
        const detail = {
          path,
          count,
          bytes,
          countSoft: quota.countSoft,
          bytesSoft: quota.bytesSoft,
        };
        events.push({ level: 'warn', message: 'a soft quota is exceeded', detail });
      }
      held.isNoted = isExceeded;
    }
    this.#touched = new Set();
  }

  #add(path: ZnodePath, quota: Quota, count: number, bytes: number): void {
    this.#hold({ path, quota, count, bytes, isNoted: false });
  }

  #hold(held: Held): void {
    this.#byPath.set(held.path, held);
    this.#bytes += quotaCost(held.path);
    this.#touched.add(held);
  }

  #drop(held: Held): void {
    this.#byPath.delete(held.path);
    this.#bytes -= quotaCost(held.path);
  }

  #grow(path: ZnodePath, count: number, bytes: number): void {
    for (let at = path; ; at = parentPath(at)) {
      const held = this.#byPath.get(at);
      if (held !== undefined) {
        held.count += count;
        held.bytes += bytes;
        this.#touched.add(held);
      }
      if (at === ROOT) return;
    }
  }
}

function growthOf(edit: ZnodeEdit, znode: OverlayZnode): { count: number; bytes: number } {
  switch (edit.kind) {
    case 'createZnode':
      return { count: 1, bytes: edit.data.length };
    case 'setZnodeData':
      return { count: 0, bytes: edit.data.length - znode.dataLength };
    case 'deleteZnode':
      return { count: -1, bytes: -znode.dataLength };
    case 'setZnodeAcl':
      return { count: 0, bytes: 0 };
  }
}

function exceeded(
  { path }: Held,
  kind: Extract<LimitKind, 'quotaCount' | 'quotaBytes'>,
  use: number,
  more: number,
  limit: number,
): Failed {
  const of = `the quota of ${shortened(path, NAMED_MAX)}`;
  const what = kind === 'quotaCount' ? 'znodes' : 'bytes';
  return failed(
    'quotaExceeded',
    `${of} is ${limit} ${what}: it has ${use}, and ${more} more would exceed it`,
    { kind, path, limit, use, more },
  );
}
