import type { Zxid } from '@paddock/model';
import type { Restoration } from '@paddock/tree-core';
import type { SnapshotReading } from '@paddock/txn-log';

/** Loads a backup in turns. */
export class BackupLoad {
  readonly #reading: SnapshotReading;
  readonly #restoration: Restoration;
  readonly #zxid: Zxid;

  constructor(reading: SnapshotReading, restoration: Restoration, zxid: Zxid) {
    this.#reading = reading;
    this.#restoration = restoration;
    this.#zxid = zxid;
  }

  /** Null: there is more. Otherwise it is over: for a reason, or with all of it loaded where that is empty. */
  next(bytes: number): { readonly reason: string } | null {
    for (let read = 0; read < bytes;) {
      const piece = this.#reading.next();
      if (piece.kind === 'end') return { reason: this.#restoration.loaded(this.#zxid) ?? '' };
      if (piece.kind !== 'chunk') return { reason: piece.reason };
      read += piece.chunk.length;
      const reason = this.#restoration.add(piece.chunk);
      if (reason === null) continue;
      this.#reading.close();
      return { reason };
    }
    return null;
  }

  close(): void {
    this.#reading.close();
  }
}
