// What was read from files, and is read again when they change.
import { statSync } from 'node:fs';

/** A file that cannot be used as what it is named for. */
export class FileInUseError extends Error {
  override readonly name: string = 'FileInUseError';
  readonly file: string;
  constructor(file: string, problem: string, options?: ErrorOptions) {
    super(`${file}: ${problem}`, options);
    this.file = file;
  }
}

export type Reread = 'unchanged' | 'changed' | FileInUseError;

/** Bad files never replace good ones that were read before. */
export class FilesInUse<Material> {
  readonly #files: readonly string[];
  readonly #read: () => Material;
  readonly #listeners = new Set<(reread: 'changed' | FileInUseError) => void>();
  #material: Material;
  #stamps: string;

  /** `read` throws a FileInUseError, and so does this. */
  constructor(files: readonly string[], read: () => Material) {
    this.#files = files;
    this.#read = read;
    this.#stamps = stampsOf(files);
    this.#material = read();
  }

  get material(): Material {
    return this.#material;
  }

  /** Told of what a change of the files has come to. Returns what ends that. */
  onReread(listener: (reread: 'changed' | FileInUseError) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Looks at the files, and reads them if they are not those of the last time. */
  reread(): Reread {
    let reread: 'changed' | FileInUseError = 'changed';
    try {
      const stamps = stampsOf(this.#files);
      if (stamps === this.#stamps) return 'unchanged';
      // Also where they are bad: that is told once, and they are looked at again when they change again.
      this.#stamps = stamps;
      this.#material = this.#read();
    } catch (error) {
      if (!(error instanceof FileInUseError)) throw error;
      reread = error;
    }
    for (const listener of this.#listeners) listener(reread);
    return reread;
  }
}

function stampsOf(files: readonly string[]): string {
  return files.map(stampOf).join();
}

function stampOf(file: string): string {
  // A file that is being replaced may be away for a moment; it is missed when it is read.
  const stat = statSync(file, { bigint: true, throwIfNoEntry: false });
  return stat === undefined ? 'none' : `${stat.ino} ${stat.size} ${stat.mtimeNs}`;
}
