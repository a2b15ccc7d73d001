export type DiskResult = { readonly ok: true } | { readonly ok: false; readonly error: Error };

export type Completion = (result: DiskResult) => void;

/** An open file. Positions and lengths are bytes. */
export interface DiskFile {
  readonly name: string;
  /** Bytes in the file, as of its opening and its own writes. */
  readonly size: number;
  /** Writes the chunks one behind the other from `position` on. They must not be changed before completion. */
  write(position: number, chunks: readonly Uint8Array[], done: Completion): void;
  /** Makes the data written so far durable (fdatasync). A failure is final: the caller stops the process. */
  sync(done: Completion): void;
  /** Reads at most `length` bytes; fewer at the end of the file. Blocks: for start-up, catch-up and re-reading. */
  read(position: number, length: number): Uint8Array;
  /** Cuts the file and makes the cut durable. Blocks. */
  truncate(size: number): void;
  close(): void;
}

/**
 * One directory of a stage. Names are plain file names. What is written becomes durable by `sync` of the file and, for
 * creations, renames and removals, `syncDirectory`. Blocking calls throw DiskError.
 */
export interface Disk {
  /** For messages: where this is. */
  readonly location: string;
  list(): readonly string[];
  exists(name: string): boolean;
  open(name: string): DiskFile;
  /** Creates an empty file; throws if the name exists. */
  create(name: string): DiskFile;
  rename(from: string, to: string): void;
  remove(name: string): void;
  syncDirectory(): void;
  /** As remove and syncDirectory, without blocking: large files take long to go. */
  startRemove(name: string, done: Completion): void;
  startDirectorySync(done: Completion): void;
  /** Replaces a small file whole: temporary name, write, sync, rename, directory sync. Blocks. */
  replace(name: string, content: Uint8Array): void;
}

export type DiskErrorCode = 'notFound' | 'exists' | 'notWritable' | 'full' | 'failed';

export class DiskError extends Error {
  override readonly name = 'DiskError';
  readonly code: DiskErrorCode;
  constructor(code: DiskErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
