import { encodeText, formatZxid } from '@paddock/model';
import type { StageEvent, Zxid } from '@paddock/model';
import { DiskError } from '@paddock/ports';
import type { CancelTimer, Timers } from '@paddock/ports';
import type { Contradiction } from '@paddock/tree-core';
import type { SnapshotFiles } from '@paddock/txn-log';

/** So long a database that is wrong waits for its evidence before it fetches what is right. */
const PATIENCE_MS = 60_000;

export interface ContradictionEvidenceDependencies {
  readonly timers: Timers;
  readonly files: SnapshotFiles;
  readonly report: (event: StageEvent) => void;
  /** A snapshot of another database is on its way into the files. */
  readonly isFetching: () => boolean;
  /** What was begun is kept, or given up. */
  readonly ended: () => void;
}

/**
 * How a database came to differ from a majority is to be found out from what it had on disk, and from what it had in
 * memory: that is written beside the snapshots before another state takes its place (H22).
 */
export class ContradictionEvidence {
  readonly #dependencies: ContradictionEvidenceDependencies;
  #patience: CancelTimer | null = null;

  constructor(dependencies: ContradictionEvidenceDependencies) {
    this.#dependencies = dependencies;
  }

  /** What is in memory is on its way to the disk: nobody else writes to the snapshot files. */
  get isBeingWritten(): boolean {
    return this.#patience !== null;
  }

  /** What was told of the digests, and the snapshots that may be wrong. */
  keep({ zxid, digest, agreed, applied }: Contradiction): void {
    const { files, report } = this.#dependencies;
    const told = {
      zxid: formatZxid(zxid),
      digest: Buffer.from(digest).toString('hex'),
      agreed: formatZxid(agreed),
      applied: formatZxid(applied),
    };
    try {
      const content = encodeText(`${JSON.stringify(told, undefined, 2)}\n`);
      const names = files.keepEvidence(agreed, zxid, content);
      const detail = { ...told, files: names.join(' ') };
      report({ level: 'error', message: 'evidence of a wrong database is kept', zxid, detail });
    } catch (error) {
      if (!(error instanceof DiskError)) throw error;
      // Lost as evidence, then: whatever their names are, they are not loaded, and go with the next that is written.
      for (const it of files.zxids) if (it > agreed) files.reject(it);
      this.#failed(zxid, error.message);
    }
  }

  /** What is in memory is about to be written. False: it is not, and whoever waits for it goes on. */
  begin(zxid: Zxid): boolean {
    const hindrance = this.#tryToBegin(zxid);
    if (hindrance === null) return true;
    this.#failed(zxid, hindrance);
    this.#dependencies.ended();
    return false;
  }

  #tryToBegin(zxid: Zxid): string | null {
    const { files, timers, isFetching } = this.#dependencies;
    if (isFetching()) return 'a snapshot is being fetched already';
    try {
      if (!files.beginEvidence(zxid)) return 'enough whole states are kept as evidence already';
    } catch (error) {
      if (error instanceof DiskError) return error.message;
      throw error;
    }
    this.#patience = timers.after(PATIENCE_MS, () => {
      files.abandon();
      this.ended('', 'the disk takes too long');
    });
    return null;
  }

  ended(name: string, failure: string | null): void {
    this.stop();
    if (failure !== null) this.#failed(undefined, failure);
    else {
      const detail = { file: name };
      const message = 'what a wrong database had in memory is kept as evidence';
      this.#dependencies.report({ level: 'error', message, detail });
    }
    this.#dependencies.ended();
  }

  stop(): void {
    this.#patience?.();
    this.#patience = null;
  }

  #failed(zxid: Zxid | undefined, reason: string): void {
    const event = {
      level: 'error',
      message: 'evidence of a wrong database could not be kept',
      detail: { reason },
    } as const;
    this.#dependencies.report(zxid === undefined ? event : { ...event, zxid });
  }
}
