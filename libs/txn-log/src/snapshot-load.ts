import type { Zxid } from '@paddock/model';
import type { SnapshotReading } from './snapshot-reading.ts';

/** A consumer of a stored snapshot. What it returns says why the snapshot is bad, null that it is good. */
export interface SnapshotLoader {
  begin(zxid: Zxid): void;
  chunk(chunk: Uint8Array): string | null;
  end(zxid: Zxid): string | null;
  /** The snapshot is not used; the one before it follows, if there is one. */
  rejected(zxid: Zxid, reason: string): void;
}

/** `none`: there was nothing to load. `newerFormat`: nothing may be started on these files. */
export type SnapshotLoadEnd =
  | { readonly kind: 'loaded'; readonly zxid: Zxid }
  | { readonly kind: 'none' }
  | { readonly kind: 'newerFormat'; readonly reason: string };

/** Where the snapshots come from. */
export interface SnapshotSource {
  /** Those that were not rejected, newest first. */
  readonly zxids: readonly Zxid[];
  read(zxid: Zxid): SnapshotReading;
  reject(zxid: Zxid): void;
}

/** One pass over the snapshots, newest first, until one is good: some of it in each turn. */
export class SnapshotLoad {
  readonly #source: SnapshotSource;
  readonly #loader: SnapshotLoader;
  #current: { readonly zxid: Zxid; readonly reading: SnapshotReading } | null = null;
  #end: SnapshotLoadEnd | null = null;

  constructor(source: SnapshotSource, loader: SnapshotLoader) {
    this.#source = source;
    this.#loader = loader;
  }

  /** Reads some `bytes`, blocking; null while there is more. After the end the same comes again. */
  next(bytes: number): SnapshotLoadEnd | null {
    for (let read = 0; this.#end === null && read < bytes;) {
      if (this.#current === null) this.#open();
      else read += this.#read(this.#current.zxid, this.#current.reading);
    }
    return this.#end;
  }

  /** For one that is given up before its end. */
  close(): void {
    this.#current?.reading.close();
    this.#end ??= { kind: 'none' };
  }

  #open(): void {
    const zxid = this.#source.zxids[0];
    if (zxid === undefined) {
      this.#end = { kind: 'none' };
      return;
    }
    this.#current = { zxid, reading: this.#source.read(zxid) };
    this.#loader.begin(zxid);
  }

  /** Returns the bytes of the chunk that it has read. */
  #read(zxid: Zxid, reading: SnapshotReading): number {
    const piece = reading.next();
    switch (piece.kind) {
      case 'newerFormat':
        this.#end = piece;
        return 0;
      case 'corrupt':
        this.#reject(zxid, piece.reason);
        return 0;
      case 'chunk': {
        const fault = this.#loader.chunk(piece.chunk);
        if (fault !== null) this.#reject(zxid, fault);
        return piece.chunk.length;
      }
      case 'end': {
        const fault = this.#loader.end(zxid);
        if (fault === null) this.#end = { kind: 'loaded', zxid };
        else this.#reject(zxid, fault);
        return 0;
      }
    }
  }

  #reject(zxid: Zxid, reason: string): void {
    this.#current?.reading.close();
    this.#current = null;
    this.#source.reject(zxid);
    this.#loader.rejected(zxid, reason);
  }
}
