import { assert, ZXID_ZERO } from '@paddock/model';
import type { Zxid } from '@paddock/model';
import type { Disk } from '@paddock/ports';
import { SnapshotLoad } from './snapshot-load.ts';
import type { SnapshotLoadEnd, SnapshotLoader } from './snapshot-load.ts';
import {
  evidenceName,
  isMemoryEvidence,
  isUnfinished,
  memoryEvidenceName,
  snapshotName,
  unfinishedName,
  zxidOfName,
} from './snapshot-name.ts';
import { SnapshotReading } from './snapshot-reading.ts';
import { SnapshotWriting } from './snapshot-writing.ts';
import type { YieldTurn } from './snapshot-writing.ts';

export interface SnapshotFilesOptions {
  /** Finished snapshots kept; the older ones are removed. At least 1. */
  readonly kept: number;
}

export interface SnapshotFilesDependencies {
  readonly disk: Disk;
  readonly yieldTurn: YieldTurn;
}

export interface SnapshotFilesHandlers {
  /** Bytes of chunks that the file system has taken: room for more. */
  written(bytes: number): void;
  /** Durable, named and read back. `oldestKept` is the oldest snapshot that a start could use (H23). */
  finished(zxid: Zxid, oldestKept: Zxid): void;
  /** It was given up and its file removed; the snapshots before it stand. */
  failed(zxid: Zxid, reason: string): void;
  /** What was begun as evidence is durable under this name, or was given up for a reason. */
  evidenceEnded(name: string, failure: string | null): void;
  /** What is durable is unknown: the process must stop. */
  syncFailed(error: Error): void;
}

/** Whole states kept as evidence: what goes wrong again and again shall not fill the disk. */
const MEMORIES_MAX = 3;

/** The snapshots of one database in one directory, which holds its other files too. */
export class SnapshotFiles {
  readonly #disk: Disk;
  readonly #yieldTurn: YieldTurn;
  readonly #kept: number;
  readonly #handlers: SnapshotFilesHandlers;
  /** Zxids of the finished files, newest first. */
  #finished: Zxid[] = [];
  readonly #rejected = new Set<Zxid>();
  /** How many read each of them for a neighbour. */
  readonly #held = new Map<Zxid, number>();
  #writing: SnapshotWriting | null = null;
  #attempts = 0;
  /** As it was when the last snapshot was complete. */
  #agreed: Zxid = ZXID_ZERO;

  /** Removes what an earlier process left unfinished. Throws DiskError. */
  constructor(
    options: SnapshotFilesOptions,
    dependencies: SnapshotFilesDependencies,
    handlers: SnapshotFilesHandlers,
  ) {
    assert(options.kept >= 1, 'at least one snapshot is kept');
    this.#kept = options.kept;
    this.#disk = dependencies.disk;
    this.#yieldTurn = dependencies.yieldTurn;
    this.#handlers = handlers;
    for (const name of this.#disk.list()) {
      const zxid = zxidOfName(name);
      if (zxid !== undefined) this.#finished.push(zxid);
      else if (isUnfinished(name)) this.#disk.remove(name);
    }
    this.#finished.sort((a, b) => b - a);
  }

  /** Finished snapshots that were not rejected, newest first. */
  get zxids(): readonly Zxid[] {
    return this.#finished.filter((it) => !this.#rejected.has(it));
  }

  /** ZXID_ZERO where there is none. */
  get oldestKept(): Zxid {
    return this.zxids.at(-1) ?? ZXID_ZERO;
  }

  /** Throws DiskError where the file is gone. */
  read(zxid: Zxid): SnapshotReading {
    return new SnapshotReading(this.#disk, snapshotName(zxid), zxid);
  }

  /** Its file stays until a later snapshot is finished, but counts no more. */
  reject(zxid: Zxid): void {
    this.#rejected.add(zxid);
  }

  /** It is not removed until it was released as often as it was held, and another snapshot is finished then. */
  hold(zxid: Zxid): void {
    this.#held.set(zxid, (this.#held.get(zxid) ?? 0) + 1);
  }

  release(zxid: Zxid): void {
    const count = (this.#held.get(zxid) ?? 0) - 1;
    assert(count >= 0, 'what is released was held');
    if (count > 0) this.#held.set(zxid, count);
    else this.#held.delete(zxid);
  }

  /**
   * Keeps what may show why this database is wrong (H22): the snapshots behind `after` under names by which no start
   * knows them, and the content in a file of its own. Nothing of it is ever removed here. Blocks; throws DiskError.
   * Returns the names.
   */
  keepEvidence(after: Zxid, zxid: Zxid, content: Uint8Array): readonly string[] {
    const names: string[] = [];
    // Also one that was given up right after it had got its name: a crash must not bring it back.
    for (const snapshot of this.#disk.list()) {
      const it = zxidOfName(snapshot);
      if (it === undefined || it <= after) continue;
      const name = evidenceName(snapshot);
      this.#disk.rename(snapshot, name);
      this.#rejected.delete(it);
      names.push(name);
    }
    this.#finished = this.#finished.filter((it) => it <= after);
    const told = `${evidenceName(snapshotName(zxid))}.json`;
    // Syncs the directory, and with it the new names.
    this.#disk.replace(told, content);
    return [...names, told];
  }

  /** Loads the newest snapshot that is good, telling of those that are not. Blocks. */
  loadNewest(loader: SnapshotLoader): SnapshotLoadEnd {
    const load = this.startLoad(loader);
    for (;;) {
      const end = load.next(Infinity);
      if (end !== null) return end;
    }
  }

  /** As loadNewest, in turns. */
  startLoad(loader: SnapshotLoader): SnapshotLoad {
    return new SnapshotLoad(this, loader);
  }

  begin(zxid: Zxid): void {
    this.#begin(zxid, snapshotName(zxid), {
      finished: () => this.#finish(zxid),
      failed: (reason) => this.#handlers.failed(zxid, reason),
    });
  }

  /**
   * As `begin`, of a state that is wrong (H22): to be kept under a name by which no start knows it, and never removed
   * here. False where enough of that kind is kept already, and nothing is begun. Throws DiskError.
   */
  beginEvidence(zxid: Zxid): boolean {
    if (this.#disk.list().filter(isMemoryEvidence).length >= MEMORIES_MAX) return false;
    const name = memoryEvidenceName(zxid);
    this.#begin(zxid, name, {
      finished: () => this.#handlers.evidenceEnded(name, null),
      failed: (reason) => this.#handlers.evidenceEnded(name, reason),
    });
    return true;
  }

  /** Dropped where the snapshot has failed meanwhile. The chunk must not be changed any more. */
  write(chunk: Uint8Array): void {
    this.#writing?.write(chunk);
  }

  /**
   * No more chunks come: `finished` or `failed` will. `agreed`: up to there a majority had the same state, as far as is
   * known. The newest snapshot that is not behind it stays, however old, or where there is none the oldest: the later
   * ones may turn out to be wrong (H22).
   */
  finish(agreed: Zxid = ZXID_ZERO): void {
    this.#agreed = agreed;
    this.#writing?.finish();
  }

  /** Nothing is told of it any more. */
  abandon(): void {
    this.#writing?.abandon();
    this.#writing = null;
  }

  #begin(
    zxid: Zxid,
    final: string,
    ends: { readonly finished: () => void; readonly failed: (reason: string) => void },
  ): void {
    assert(this.#writing === null, 'one snapshot is written at a time');
    const unfinished = unfinishedName(zxid, ++this.#attempts);
    const name = { unfinished, final };
    this.#writing = new SnapshotWriting(this.#disk, this.#yieldTurn, zxid, name, {
      written: (bytes) => this.#handlers.written(bytes),
      finished: () => {
        this.#writing = null;
        ends.finished();
      },
      failed: (reason) => {
        this.#writing = null;
        ends.failed(reason);
      },
      syncFailed: (error) => this.#handlers.syncFailed(error),
    });
  }

  #finish(zxid: Zxid): void {
    this.#rejected.delete(zxid);
    this.#finished = [zxid, ...this.#finished.filter((it) => it !== zxid)].sort((a, b) => b - a);
    this.#purge();
    this.#handlers.finished(zxid, this.oldestKept);
  }

  /** Removals need no sync: what comes back after a crash is a good old snapshot, removed the next time. */
  #purge(): void {
    const { zxids } = this;
    const kept = new Set(zxids.slice(0, this.#kept));
    const good = zxids.find((it) => it <= this.#agreed) ?? zxids.at(-1);
    if (good !== undefined) kept.add(good);
    for (const zxid of this.#held.keys()) kept.add(zxid);
    for (const zxid of this.#finished) {
      if (kept.has(zxid)) continue;
      this.#rejected.delete(zxid);
      this.#disk.startRemove(snapshotName(zxid), () => undefined);
    }
    this.#finished = this.#finished.filter((it) => kept.has(it));
  }
}
