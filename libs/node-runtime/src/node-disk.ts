import {
  closeSync,
  existsSync,
  fdatasync,
  fstatSync,
  fsync,
  fsyncSync,
  ftruncateSync,
  openSync,
  readdirSync,
  readSync,
  renameSync,
  unlink,
  unlinkSync,
  writeSync,
  writev,
} from 'node:fs';
import { join } from 'node:path';
import { DiskError } from '@paddock/ports';
import type { Completion, Disk, DiskErrorCode, DiskFile } from '@paddock/ports';

const DONE = { ok: true } as const;

/** Suffix of a file that `replace` has not finished. */
const UNFINISHED = '.unfinished';

const CODES: Readonly<Record<string, DiskErrorCode>> = {
  ENOENT: 'notFound',
  EEXIST: 'exists',
  EACCES: 'notWritable',
  EPERM: 'notWritable',
  EROFS: 'notWritable',
  ENOSPC: 'full',
  EDQUOT: 'full',
};

function diskError(what: string, cause: unknown): DiskError {
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new DiskError(CODES[code] ?? 'failed', `cannot ${what}: ${reason}`, { cause });
}

function blocking<Result>(what: string, action: () => Result): Result {
  try {
    return action();
  } catch (error) {
    throw diskError(what, error);
  }
}

function complete(what: string, error: unknown, done: Completion): void {
  done(error === null ? DONE : { ok: false, error: diskError(what, error) });
}

class NodeDiskFile implements DiskFile {
  readonly name: string;
  readonly #path: string;
  readonly #descriptor: number;
  #size: number;

  constructor(name: string, path: string, descriptor: number) {
    this.name = name;
    this.#path = path;
    this.#descriptor = descriptor;
    this.#size = fstatSync(descriptor).size;
  }

  get size(): number {
    return this.#size;
  }

  write(position: number, chunks: readonly Uint8Array[], done: Completion): void {
    const length = chunks.reduce((sum, chunk) => sum + chunk.length, 0);
    writev(this.#descriptor, chunks, position, (error, written) => {
      if (error !== null) {
        complete(`write ${this.#path}`, error, done);
        return;
      }
      this.#size = Math.max(this.#size, position + written);
      if (written === length) done(DONE);
      else if (written === 0) complete(`write ${this.#path}`, new TypeError('no progress'), done);
      // The kernel took a part: what stopped it shows with the rest.
      else this.write(position + written, behind(chunks, written), done);
    });
  }

  sync(done: Completion): void {
    fdatasync(this.#descriptor, (error) => complete(`sync ${this.#path}`, error, done));
  }

  read(position: number, length: number): Uint8Array {
    return blocking(`read ${this.#path}`, () => {
      const wanted = Math.max(0, Math.min(length, this.#size - position));
      const bytes = new Uint8Array(wanted);
      let filled = 0;
      while (filled < wanted) {
        const count = readSync(this.#descriptor, bytes, filled, wanted - filled, position + filled);
        if (count === 0) break;
        filled += count;
      }
      return filled === wanted ? bytes : bytes.subarray(0, filled);
    });
  }

  truncate(size: number): void {
    blocking(`truncate ${this.#path}`, () => {
      ftruncateSync(this.#descriptor, size);
      fsyncSync(this.#descriptor);
    });
    this.#size = size;
  }

  close(): void {
    blocking(`close ${this.#path}`, () => closeSync(this.#descriptor));
  }
}

/** What is left of the chunks behind their first `count` bytes. */
function behind(chunks: readonly Uint8Array[], count: number): Uint8Array[] {
  const rest: Uint8Array[] = [];
  let skip = count;
  for (const chunk of chunks) {
    if (skip >= chunk.length) skip -= chunk.length;
    else {
      rest.push(chunk.subarray(skip));
      skip = 0;
    }
  }
  return rest;
}

/** A directory of the file system, which must exist. */
export class NodeDisk implements Disk {
  readonly location: string;

  constructor(directory: string) {
    this.location = directory;
  }

  list(): readonly string[] {
    return blocking(`list ${this.location}`, () =>
      readdirSync(this.location, { withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => entry.name)
        .sort(),
    );
  }

  exists(name: string): boolean {
    return existsSync(this.#path(name));
  }

  open(name: string): DiskFile {
    const path = this.#path(name);
    return blocking(`open ${path}`, () => new NodeDiskFile(name, path, openSync(path, 'r+')));
  }

  create(name: string): DiskFile {
    const path = this.#path(name);
    return blocking(`create ${path}`, () => new NodeDiskFile(name, path, openSync(path, 'wx+')));
  }

  rename(from: string, to: string): void {
    const path = this.#path(from);
    blocking(`rename ${path}`, () => renameSync(path, this.#path(to)));
  }

  remove(name: string): void {
    const path = this.#path(name);
    blocking(`remove ${path}`, () => unlinkSync(path));
  }

  syncDirectory(): void {
    blocking(`sync ${this.location}`, () => {
      const descriptor = openSync(this.location, 'r');
      try {
        fsyncSync(descriptor);
      } finally {
        closeSync(descriptor);
      }
    });
  }

  startRemove(name: string, done: Completion): void {
    const path = this.#path(name);
    unlink(path, (error) => complete(`remove ${path}`, error, done));
  }

  startDirectorySync(done: Completion): void {
    const what = `sync ${this.location}`;
    const descriptor = blocking(what, () => openSync(this.location, 'r'));
    fsync(descriptor, (error) => {
      closeSync(descriptor);
      complete(what, error, done);
    });
  }

  replace(name: string, content: Uint8Array): void {
    const path = this.#path(name);
    blocking(`replace ${path}`, () => {
      const descriptor = openSync(path + UNFINISHED, 'w');
      try {
        let written = 0;
        while (written < content.length) {
          written += writeSync(descriptor, content, written, content.length - written);
        }
        fsyncSync(descriptor);
      } finally {
        closeSync(descriptor);
      }
      renameSync(path + UNFINISHED, path);
    });
    this.syncDirectory();
  }

  #path(name: string): string {
    return join(this.location, name);
  }
}
