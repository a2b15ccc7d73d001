/** From and to, within the bytes of one write. */
export type KeptBytes = readonly [from: number, to: number];

/** A write, or a cut (with no bytes), that no sync has followed. */
export interface UnsyncedWrite {
  readonly file: string;
  /** Its number among the unsynced ones of the file. */
  readonly index: number;
  readonly position: number;
  readonly length: number;
}

interface Change {
  readonly file: string;
  readonly position: number;
  /** Null: the file is cut at `position`. */
  readonly bytes: Uint8Array | null;
}

/** Bytes that grow. */
class Content {
  #bytes = new Uint8Array(0);
  #size = 0;

  get size(): number {
    return this.#size;
  }

  apply(change: Change): void {
    if (change.bytes === null) this.cut(change.position);
    else this.put(change.position, change.bytes);
  }

  put(position: number, bytes: Uint8Array): void {
    const end = position + bytes.length;
    if (end > this.#bytes.length) {
      const larger = new Uint8Array(Math.max(end, this.#bytes.length * 2));
      larger.set(this.#bytes.subarray(0, this.#size));
      this.#bytes = larger;
    }
    this.#bytes.set(bytes, position);
    this.#size = Math.max(this.#size, end);
  }

  cut(size: number): void {
    if (size < this.#size) this.#bytes.fill(0, size, this.#size);
    else if (size > this.#size) this.put(size, new Uint8Array(0));
    this.#size = size;
  }

  slice(position: number, length: number): Uint8Array {
    return this.#bytes.slice(position, Math.min(this.#size, position + length));
  }
}

/** The content of one file: what a program sees, what a sync has made durable, and the changes in between. */
export class MemoryInode {
  readonly #seen = new Content();
  readonly #durable = new Content();
  #unsynced: Change[] = [];
  /** Writes that are asked for and not yet run: a power cut may find parts of them done. */
  #announced: Change[] = [];

  get size(): number {
    return this.#seen.size;
  }

  read(position: number, length: number): Uint8Array {
    return this.#seen.slice(position, length);
  }

  announce(position: number, bytes: Uint8Array, file: string): void {
    this.#announced.push({ file, position, bytes });
  }

  write(position: number, bytes: Uint8Array, file: string): void {
    this.#announced = this.#announced.filter((change) => change.bytes !== bytes);
    this.#take({ file, position, bytes });
  }

  forgetAnnounced(): void {
    this.#announced = [];
  }

  truncate(size: number): void {
    this.#take({ file: '', position: size, bytes: null });
  }

  sync(): void {
    for (const change of this.#unsynced) this.#durable.apply(change);
    this.#unsynced = [];
  }

  /** After a failed sync the system takes its pages for clean: no later sync writes them. */
  loseUnsynced(): void {
    this.#unsynced = [];
  }

  overwrite(change: (content: Uint8Array) => Uint8Array): void {
    const content = change(this.#seen.slice(0, this.#seen.size));
    this.#unsynced = [];
    for (const copy of [this.#seen, this.#durable]) {
      copy.cut(0);
      copy.put(0, content);
    }
  }

  afterCrash(keep: (write: UnsyncedWrite) => readonly KeptBytes[]): MemoryInode {
    const survivor = new MemoryInode();
    const content = this.#durable.slice(0, this.#durable.size);
    survivor.#durable.put(0, content);
    [...this.#unsynced, ...this.#announced].forEach((change, index) => {
      const { file, position, bytes } = change;
      const kept = keep({ file, index, position, length: bytes?.length ?? 0 });
      if (bytes === null) {
        if (kept.length > 0) survivor.#durable.cut(position);
        return;
      }
      for (const [from, to] of kept) {
        survivor.#durable.put(position + from, bytes.subarray(from, to));
      }
    });
    survivor.#seen.put(0, survivor.#durable.slice(0, survivor.#durable.size));
    return survivor;
  }

  #take(change: Change): void {
    this.#seen.apply(change);
    this.#unsynced.push(change);
  }
}
