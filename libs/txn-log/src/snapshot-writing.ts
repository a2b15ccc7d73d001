import { SnapshotFrameWriter } from '@paddock/codec';
import { assert } from '@paddock/model';
import type { Zxid } from '@paddock/model';
import { DiskError } from '@paddock/ports';
import type { Disk, DiskFile, DiskResult } from '@paddock/ports';
import { SnapshotReading } from './snapshot-reading.ts';
import type { SnapshotPiece } from './snapshot-reading.ts';

/** Runs something in a later turn of the event loop, so that other work gets in between. */
export type YieldTurn = (continuation: () => void) => void;

export interface WritingHandlers {
  /** Bytes of chunks that the file system has taken. */
  written(bytes: number): void;
  /** Durable under its final name, after it was read back whole. */
  finished(): void;
  failed(reason: string): void;
  /** A sync failed: what is durable is unknown, and the process must stop. */
  syncFailed(error: Error): void;
}

/** Synced on the way, so that the last sync does not hold up those of the log. */
const SYNC_EVERY_BYTES = 8 * 1024 * 1024;
/** Read back in one turn: about a millisecond. */
const VERIFY_TURN_BYTES = 512 * 1024;

/**
 * One snapshot on its way to the disk: chunks go to a temporary name, one write at a time, and what comes
 * meanwhile goes with the next. Then sync, read back, rename, sync of the directory, in this order: a file
 * under its final name has been verified (H8).
 */
export class SnapshotWriting {
  readonly #disk: Disk;
  readonly #yieldTurn: YieldTurn;
  readonly #zxid: Zxid;
  readonly #name: string;
  readonly #finalName: string;
  readonly #handlers: WritingHandlers;
  readonly #file: DiskFile;
  readonly #frames = new SnapshotFrameWriter();
  #queue: Uint8Array[] = [];
  #queuedBytes = 0;
  #position = 0;
  #synced = 0;
  #isBusy = false;
  #isComplete = false;
  #isOver = false;

  /** Throws DiskError where the file cannot be made. */
  constructor(
    disk: Disk,
    yieldTurn: YieldTurn,
    zxid: Zxid,
    name: { readonly unfinished: string; readonly final: string },
    handlers: WritingHandlers,
  ) {
    this.#disk = disk;
    this.#yieldTurn = yieldTurn;
    this.#zxid = zxid;
    this.#name = name.unfinished;
    this.#finalName = name.final;
    this.#handlers = handlers;
    this.#file = disk.create(name.unfinished);
    this.#queue.push(this.#frames.head(zxid));
  }

  /** The chunk belongs to the file from here on. */
  write(chunk: Uint8Array): void {
    assert(!this.#isComplete, 'a finished snapshot takes no more chunks');
    this.#queue.push(this.#frames.frame(chunk), chunk);
    this.#queuedBytes += chunk.length;
    this.#advance();
  }

  finish(): void {
    assert(!this.#isComplete, 'a snapshot is finished once');
    this.#isComplete = true;
    this.#queue.push(this.#frames.end());
    this.#advance();
  }

  abandon(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    if (!this.#isBusy) this.#discard();
  }

  #advance(): void {
    if (this.#isBusy) return;
    if (this.#position - this.#synced >= SYNC_EVERY_BYTES) this.#sync();
    else if (this.#queue.length > 0) this.#writeQueue();
    else if (!this.#isComplete) return;
    else if (this.#synced < this.#position) this.#sync();
    else this.#readBack();
  }

  #writeQueue(): void {
    const chunks = this.#queue;
    const taken = this.#queuedBytes;
    this.#queue = [];
    this.#queuedBytes = 0;
    this.#isBusy = true;
    const position = this.#position;
    for (const chunk of chunks) this.#position += chunk.length;
    this.#file.write(position, chunks, (result) => {
      if (!this.#isStillWanted()) return;
      if (!result.ok) {
        this.#fail(result.error.message);
        return;
      }
      this.#handlers.written(taken);
      this.#advance();
    });
  }

  #sync(): void {
    this.#isBusy = true;
    const position = this.#position;
    this.#file.sync((result: DiskResult) => {
      if (!result.ok) {
        this.#isOver = true;
        this.#handlers.syncFailed(result.error);
        return;
      }
      if (!this.#isStillWanted()) return;
      this.#synced = position;
      this.#advance();
    });
  }

  #readBack(): void {
    const reading = this.#open();
    if (reading === null) return;
    const turn = (): void => {
      if (!this.#isStillWanted()) {
        reading.close();
        return;
      }
      const piece = readSome(reading);
      if (piece.kind === 'chunk') this.#wait(turn);
      else if (piece.kind === 'end') this.#publish();
      else this.#fail(`read back: ${piece.reason}`);
    };
    this.#wait(turn);
  }

  #open(): SnapshotReading | null {
    try {
      return new SnapshotReading(this.#disk, this.#name, this.#zxid);
    } catch (error) {
      if (!(error instanceof DiskError)) throw error;
      this.#fail(`read back: ${error.message}`);
      return null;
    }
  }

  #wait(turn: () => void): void {
    this.#isBusy = true;
    this.#yieldTurn(turn);
  }

  #publish(): void {
    try {
      this.#file.close();
      this.#disk.rename(this.#name, this.#finalName);
    } catch (error) {
      if (!(error instanceof DiskError)) throw error;
      this.#fail(error.message);
      return;
    }
    this.#isBusy = true;
    this.#disk.startDirectorySync((result) => {
      if (!result.ok) this.#handlers.syncFailed(result.error);
      else if (this.#isOver) this.#remove(this.#finalName);
      else this.#handlers.finished();
      this.#isOver = true;
    });
  }

  /** After a wait: whether to go on. What was abandoned meanwhile is removed now. */
  #isStillWanted(): boolean {
    this.#isBusy = false;
    if (this.#isOver) this.#discard();
    return !this.#isOver;
  }

  #fail(reason: string): void {
    this.#isOver = true;
    this.#discard();
    this.#handlers.failed(reason);
  }

  #discard(): void {
    this.#file.close();
    // If it cannot be removed now, it is at the next start.
    this.#remove(this.#name);
  }

  #remove(name: string): void {
    if (this.#disk.exists(name)) this.#disk.startRemove(name, () => undefined);
  }
}

/** Reads chunks for one turn; gives the last of them, or how the reading ended. */
function readSome(reading: SnapshotReading): SnapshotPiece {
  let bytes = 0;
  for (;;) {
    const piece = reading.next();
    if (piece.kind !== 'chunk') return piece;
    bytes += piece.chunk.length;
    if (bytes >= VERIFY_TURN_BYTES) return piece;
  }
}
