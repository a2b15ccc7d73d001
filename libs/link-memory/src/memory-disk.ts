import { assert } from '@paddock/model';
import { DiskError } from '@paddock/ports';
import type { Completion, Disk, DiskErrorCode, DiskFile } from '@paddock/ports';
import { MemoryInode } from './memory-inode.ts';
import type { KeptBytes, UnsyncedWrite } from './memory-inode.ts';

/** Every effect on the storage is one step of one of these kinds. */
export type DiskStep =
  'write' | 'sync' | 'truncate' | 'create' | 'rename' | 'remove' | 'syncDirectory';

/** What a MemoryDisk throws once its planned crash has come; nothing that follows has an effect. */
export class DiskCrash extends Error {
  override readonly name = 'DiskCrash';
}

interface Fault {
  readonly step: DiskStep;
  readonly code: DiskErrorCode;
}

interface Request {
  readonly step: DiskStep;
  readonly run: () => void;
  readonly inode: MemoryInode | null;
  readonly done: Completion;
}

/** One change to the directory's journal: a rename is both names or neither. Null removes the name. */
type DirectoryChange = readonly (readonly [name: string, inode: MemoryInode | null])[];

export interface CrashChoice {
  /** What of each write that was not synced has reached the disk all the same; nothing by default. */
  readonly keepWrite?: (write: UnsyncedWrite) => readonly KeptBytes[];
  /** How many of the creations, renames and removals since the last directory sync are kept; none by default. */
  readonly keepDirectoryChanges?: number;
}

/**
 * A disk that tells durable from written. What is asked for asynchronously waits until the test runs it (`run`,
 * `runNext`), so a test stalls a disk by doing nothing. `crash` gives the disk as it is found after a power cut.
 */
export class MemoryDisk implements Disk {
  readonly location: string;
  /** Steps taken so far; a crash can be planned before any of them. */
  steps = 0;

  readonly #durable = new Map<string, MemoryInode>();
  readonly #current = new Map<string, MemoryInode>();
  readonly #changes: DirectoryChange[] = [];
  readonly #requests: Request[] = [];
  readonly #faults: Fault[] = [];
  #crashBefore = Infinity;

  constructor(location = 'memory') {
    this.location = location;
  }

  /** Asynchronous requests that have not been run. */
  get pending(): number {
    return this.#requests.length;
  }

  /** The step that the next `runNext` takes. */
  get nextStep(): DiskStep | undefined {
    return this.#requests[0]?.step;
  }

  /** Runs the oldest request and completes it; false if there is none. */
  runNext(): boolean {
    const request = this.#requests.shift();
    if (request === undefined) return false;
    const error = this.#attempt(request.step, request.inode, request.run);
    request.done(error === null ? { ok: true } : { ok: false, error });
    return true;
  }

  /** Runs until nothing is asked for any more. */
  run(): void {
    while (this.runNext());
  }

  /** The next step of this kind fails. A failed sync loses what it should have made durable, as file systems do. */
  failNext(step: DiskStep, code: DiskErrorCode = 'failed'): void {
    this.#faults.push({ step, code });
  }

  /** From that step on (counted as `steps` is) everything throws DiskCrash and has no effect. */
  crashBefore(step: number): void {
    this.#crashBefore = step;
  }

  /**
   * The program is killed, the machine is not: what was asked for and not run never happens, what was written stays
   * readable, synced or not.
   */
  forgetRequests(): void {
    this.#requests.length = 0;
    for (const inode of this.#current.values()) inode.forgetAnnounced();
  }

  /** The storage after a power cut: what was synced, and of the rest what the choice keeps. */
  crash(choice: CrashChoice = {}): MemoryDisk {
    const after = new MemoryDisk(this.location);
    const names = new Map(this.#durable);
    for (const change of this.#changes.slice(0, choice.keepDirectoryChanges ?? 0)) {
      applyTo(names, change);
    }
    for (const [name, inode] of names) {
      const survivor = inode.afterCrash(choice.keepWrite ?? (() => []));
      after.#durable.set(name, survivor);
      after.#current.set(name, survivor);
    }
    return after;
  }

  /** Changes bytes under the feet of the program, durably: bit rot, or an operator's hand. */
  damage(name: string, change: (content: Uint8Array) => Uint8Array): void {
    this.#inode(name).overwrite(change);
  }

  /** The bytes of a file as a program reads them. */
  content(name: string): Uint8Array {
    const inode = this.#inode(name);
    return inode.read(0, inode.size);
  }

  list(): readonly string[] {
    return [...this.#current.keys()].sort();
  }

  exists(name: string): boolean {
    return this.#current.has(name);
  }

  open(name: string): DiskFile {
    return this.#file(name, this.#inode(name));
  }

  create(name: string): DiskFile {
    if (this.#current.has(name)) throw new DiskError('exists', `cannot create ${name}: it exists`);
    const inode = new MemoryInode();
    this.#blocking('create', () => this.#change([[name, inode]]));
    return this.#file(name, inode);
  }

  rename(from: string, to: string): void {
    const inode = this.#inode(from);
    this.#blocking('rename', () =>
      this.#change([
        [to, inode],
        [from, null],
      ]),
    );
  }

  remove(name: string): void {
    this.#inode(name);
    this.#blocking('remove', () => this.#change([[name, null]]));
  }

  syncDirectory(): void {
    this.#blocking('syncDirectory', () => this.#syncNames());
  }

  startRemove(name: string, done: Completion): void {
    this.#requests.push({
      step: 'remove',
      run: () => {
        this.#inode(name);
        this.#change([[name, null]]);
      },
      inode: null,
      done,
    });
  }

  startDirectorySync(done: Completion): void {
    const run = () => this.#syncNames();
    this.#requests.push({ step: 'syncDirectory', run, inode: null, done });
  }

  replace(name: string, content: Uint8Array): void {
    const temporary = `${name}.unfinished`;
    const inode = new MemoryInode();
    this.#blocking('create', () => this.#change([[temporary, inode]]));
    this.#blocking('write', () => inode.write(0, content, name));
    this.#blocking('sync', () => inode.sync(), inode);
    this.rename(temporary, name);
    this.syncDirectory();
  }

  #file(name: string, inode: MemoryInode): DiskFile {
    return {
      name,
      get size() {
        return inode.size;
      },
      write: (position, chunks, done) => {
        const bytes = concatenate(chunks);
        inode.announce(position, bytes, name);
        this.#requests.push({
          step: 'write',
          run: () => inode.write(position, bytes, name),
          inode,
          done,
        });
      },
      sync: (done) => {
        this.#requests.push({ step: 'sync', run: () => inode.sync(), inode, done });
      },
      read: (position, length) => inode.read(position, length),
      truncate: (size) => {
        this.#blocking('truncate', () => inode.truncate(size));
        this.#blocking('sync', () => inode.sync(), inode);
      },
      close: () => undefined,
    };
  }

  #inode(name: string): MemoryInode {
    const inode = this.#current.get(name);
    if (inode === undefined) throw new DiskError('notFound', `there is no file ${name}`);
    return inode;
  }

  #change(change: DirectoryChange): void {
    this.#changes.push(change);
    applyTo(this.#current, change);
  }

  #syncNames(): void {
    this.#changes.length = 0;
    this.#durable.clear();
    for (const [name, inode] of this.#current) this.#durable.set(name, inode);
  }

  #blocking(step: DiskStep, action: () => void, inode: MemoryInode | null = null): void {
    const error = this.#attempt(step, inode, action);
    if (error !== null) throw error;
  }

  #attempt(step: DiskStep, inode: MemoryInode | null, action: () => void): DiskError | null {
    if (this.steps >= this.#crashBefore) throw new DiskCrash('the planned crash');
    this.steps++;
    const position = this.#faults.findIndex((fault) => fault.step === step);
    if (position < 0) {
      action();
      return null;
    }
    const [fault] = this.#faults.splice(position, 1);
    assert(fault !== undefined, 'the fault was found');
    if (step === 'sync') inode?.loseUnsynced();
    return new DiskError(fault.code, `planned failure of ${step}`);
  }
}

function applyTo(names: Map<string, MemoryInode>, change: DirectoryChange): void {
  for (const [name, inode] of change) {
    if (inode === null) names.delete(name);
    else names.set(name, inode);
  }
}

function concatenate(chunks: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(chunks.reduce((sum, chunk) => sum + chunk.length, 0));
  let position = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, position);
    position += chunk.length;
  }
  return bytes;
}
