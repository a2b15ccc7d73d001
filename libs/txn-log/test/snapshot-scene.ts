import type { Zxid } from '@paddock/model';
import { MemoryDisk } from '@paddock/link-memory';
import { SnapshotFiles } from '../src/snapshot-files.ts';

/** Snapshot files on a disk in memory; turns that were asked for run when the test says so. */
export class SnapshotScene {
  readonly disk: MemoryDisk;
  readonly files: SnapshotFiles;
  readonly told: string[] = [];
  readonly #turns: (() => void)[] = [];

  constructor(disk = new MemoryDisk(), kept = 2) {
    this.disk = disk;
    this.files = new SnapshotFiles(
      { kept },
      { disk, yieldTurn: (turn) => this.#turns.push(turn) },
      {
        written: () => undefined,
        finished: (zxid, oldestKept) => this.told.push(`finished ${zxid}, oldest ${oldestKept}`),
        failed: (zxid, reason) => this.told.push(`failed ${zxid}: ${reason}`),
        evidenceEnded: (name, failure) => this.told.push(`evidence ${name}: ${failure ?? 'kept'}`),
        syncFailed: (error) => this.told.push(`sync failed: ${error.message}`),
      },
    );
  }

  /** One request of the disk, or one turn. */
  step(): boolean {
    if (this.disk.runNext()) return true;
    const turn = this.#turns.shift();
    turn?.();
    return turn !== undefined;
  }

  settle(): void {
    while (this.step());
  }

  take(zxid: Zxid, chunks: readonly Uint8Array[], agreed = zxid): void {
    this.files.begin(zxid);
    for (const chunk of chunks) this.files.write(chunk);
    this.files.finish(agreed);
    this.settle();
  }

  /** What a start gets: the zxid and the chunks, and what was rejected. */
  load(): { zxid: Zxid | null; chunks: number[][]; rejected: string[] } {
    const rejected: string[] = [];
    let chunks: number[][] = [];
    const end = this.files.loadNewest({
      begin: () => void (chunks = []),
      chunk: (chunk) => {
        chunks.push([...chunk]);
        return null;
      },
      end: () => null,
      rejected: (zxid, reason) => rejected.push(`${zxid}: ${reason}`),
    });
    return { zxid: end.kind === 'loaded' ? end.zxid : null, chunks, rejected };
  }
}
