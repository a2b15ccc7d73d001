import {
  CodecError,
  SNAPSHOT_END_BYTES,
  SNAPSHOT_FRAME_BYTES,
  SNAPSHOT_HEAD_BYTES,
  SnapshotFrameReader,
} from '@paddock/codec';
import type { Zxid } from '@paddock/model';
import { DiskError } from '@paddock/ports';
import type { Disk, DiskFile } from '@paddock/ports';

export type SnapshotPiece =
  | { readonly kind: 'chunk'; readonly chunk: Uint8Array }
  /** All was read, and all checksums hold. */
  | { readonly kind: 'end' }
  | { readonly kind: 'corrupt'; readonly reason: string }
  /** Whole, but written by a newer program. */
  | { readonly kind: 'newerFormat'; readonly reason: string };

/**
 * Reads a snapshot's file chunk by chunk, checking each. What was handed out counts only once `end` has
 * come: a file may be damaged further back. Reading blocks for one chunk at a time.
 */
export class SnapshotReading {
  readonly name: string;
  readonly #zxid: Zxid;
  readonly #frames = new SnapshotFrameReader();
  readonly #file: DiskFile;
  #position = 0;
  #last: SnapshotPiece | null = null;

  /** Throws DiskError where the file cannot be opened. */
  constructor(disk: Disk, name: string, zxid: Zxid) {
    this.name = name;
    this.#zxid = zxid;
    this.#file = disk.open(name);
  }

  /** Bytes of the file, of which the chunks are all but a little. */
  get fileBytes(): number {
    return this.#file.size;
  }

  /** After `end`, `corrupt` or `newerFormat` the file is closed and the same piece comes again. */
  next(): SnapshotPiece {
    if (this.#last !== null) return this.#last;
    try {
      const piece = this.#read();
      return piece.kind === 'chunk' ? piece : this.#finish(piece);
    } catch (error) {
      return this.#finish(this.#explain(error));
    }
  }

  /** For a reading that is given up before its end. */
  close(): void {
    if (this.#last === null) this.#finish({ kind: 'corrupt', reason: 'the reading was given up' });
  }

  #read(): SnapshotPiece {
    if (this.#position === 0 && this.#frames.head(this.#take(SNAPSHOT_HEAD_BYTES)) !== this.#zxid) {
      return { kind: 'corrupt', reason: 'it is of another zxid than its name says' };
    }
    const start = this.#position;
    const length = this.#frames.frame(this.#take(SNAPSHOT_FRAME_BYTES));
    if (length > 0) {
      const chunk = this.#take(length);
      this.#frames.chunk(chunk);
      return { kind: 'chunk', chunk };
    }
    this.#position = start;
    this.#frames.end(this.#take(SNAPSHOT_END_BYTES));
    return this.#position === this.#file.size
      ? { kind: 'end' }
      : { kind: 'corrupt', reason: 'bytes stand behind its end' };
  }

  #take(length: number): Uint8Array {
    const left = this.#file.size - this.#position;
    if (length > left) {
      throw new CodecError(
        'malformed',
        this.#position,
        `torn: ${length} bytes expected, ${left} left`,
      );
    }
    const bytes = this.#file.read(this.#position, length);
    if (bytes.length !== length) {
      throw new CodecError('malformed', this.#position, 'torn: the file has become shorter');
    }
    this.#position += length;
    return bytes;
  }

  #explain(error: unknown): SnapshotPiece {
    if (error instanceof DiskError) return { kind: 'corrupt', reason: error.message };
    if (!(error instanceof CodecError)) throw error;
    const kind = error.code === 'unknownKind' ? 'newerFormat' : 'corrupt';
    return { kind, reason: `${error.reason}, before byte ${this.#position} of the file` };
  }

  #finish(piece: SnapshotPiece): SnapshotPiece {
    this.#last = piece;
    this.#file.close();
    return piece;
  }
}
