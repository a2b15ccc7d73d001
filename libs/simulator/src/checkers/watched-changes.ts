import { tellsOf, tellsOnTerms, trustedPath } from '@paddock/model';
import type {
  EventKind,
  PersistentMode,
  WatchKind,
  WatchTerms,
  ZnodePath,
  Zxid,
} from '@paddock/model';
import type { CommittedLog } from '../record/committed-log.ts';
import { editsOf } from '../record/edits.ts';

interface WatchedChange {
  readonly zxid: Zxid;
  readonly event: EventKind;
}

interface PlacedChange extends WatchedChange {
  readonly path: ZnodePath;
}

const FIRES: Readonly<Record<WatchKind, readonly EventKind[]>> = {
  data: ['nodeDataChanged', 'nodeDeleted'],
  exists: ['nodeCreated', 'nodeDataChanged', 'nodeDeleted'],
  children: ['nodeChildrenChanged', 'nodeDeleted'],
  persistent: ['nodeCreated', 'nodeDataChanged', 'nodeDeleted', 'nodeChildrenChanged'],
  persistentRecursive: ['nodeCreated', 'nodeDataChanged', 'nodeDeleted'],
};

/** Which events every path has had, by the log. */
export class WatchedChanges {
  readonly #byPath = new Map<string, WatchedChange[]>();
  readonly #all: PlacedChange[] = [];

  constructor(log: CommittedLog) {
    for (const { zxid, change } of log.transactions()) {
      for (const edit of editsOf(change)) {
        if (edit.kind === 'createZnode') {
          this.#add(edit.path, 'nodeCreated', zxid);
          this.#add(parentOf(edit.path), 'nodeChildrenChanged', zxid);
        } else if (edit.kind === 'setZnodeData') {
          this.#add(edit.path, 'nodeDataChanged', zxid);
        } else if (edit.kind === 'deleteZnode') this.#deleted(edit.path, zxid);
      }
      if (change.kind === 'closeSession') {
        for (const { path } of change.znodes) this.#deleted(path, zxid);
      }
    }
  }

  /** Every event of the path, in the order of the zxids. */
  of(path: string): readonly WatchedChange[] {
    return this.#byPath.get(path) ?? [];
  }

  /** What a persistent watch is told of that was set at `from`. */
  toldBy(mode: PersistentMode, path: ZnodePath, from: Zxid): PlacedChange[] {
    return this.#all.filter(
      (it) => it.zxid > from && tellsOf(mode, path, { ...it, kind: it.event }),
    );
  }

  /** What a watch without a session is told of on these terms that was set at `from`. */
  toldOn(terms: WatchTerms, path: ZnodePath, from: Zxid): PlacedChange[] {
    return this.#all.filter(
      (it) => it.zxid > from && tellsOnTerms(terms, path, { ...it, kind: it.event }),
    );
  }

  /** The change that a watch of this kind must tell of. */
  firstFor(kind: WatchKind, path: string, from: Zxid): WatchedChange | undefined {
    return this.of(path).find(({ zxid, event }) => zxid > from && FIRES[kind].includes(event));
  }

  #deleted(path: string, zxid: Zxid): void {
    this.#add(path, 'nodeDeleted', zxid);
    this.#add(parentOf(path), 'nodeChildrenChanged', zxid);
  }

  #add(path: string, event: EventKind, zxid: Zxid): void {
    this.#all.push({ zxid, event, path: trustedPath(path) });
    const changes = this.#byPath.get(path);
    if (changes === undefined) this.#byPath.set(path, [{ zxid, event }]);
    else changes.push({ zxid, event });
  }
}

function parentOf(path: string): string {
  return path.slice(0, Math.max(1, path.lastIndexOf('/')));
}
