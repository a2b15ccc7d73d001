import { DiskCrash, MemoryDisk } from '@paddock/link-memory';
import type { KeptBytes, UnsyncedWrite } from '@paddock/link-memory';
import type { Completion, Disk, DiskErrorCode, DiskFile } from '@paddock/ports';
import type { SeededRandom } from './seeded-random.ts';
import type { Trace } from './trace.ts';
import type { VirtualProcess } from './virtual-process.ts';
import type { VirtualTime } from './virtual-time.ts';

export interface SimulatedDiskDependencies {
  readonly time: VirtualTime;
  readonly random: SeededRandom;
  readonly trace: Trace;
  /** Most requests take up to so long. */
  readonly delayMs: number;
  /** A planned power cut has come, in the middle of a request. */
  readonly crashed: () => void;
}

/** What a disk writes whole. */
const SECTOR_BYTES = 512;

/** The disk of one stage: it outlives the stage's processes, and takes its time. */
export class SimulatedDisk {
  /** Once a file of it was damaged. */
  hasRotten = false;
  /** Once a file of it was lost. */
  hasLost = false;
  readonly #name: string;
  readonly #dependencies: SimulatedDiskDependencies;
  #memory: MemoryDisk;
  /** Of the queue: requests of a process that was killed are forgotten. */
  #generation = 0;
  #idleAtMs = 0;
  #slowUntilMs = 0;
  #crashBefore = Infinity;
  #afterWrite: (() => void) | null = null;

  constructor(name: string, dependencies: SimulatedDiskDependencies) {
    this.#name = name;
    this.#dependencies = dependencies;
    this.#memory = new MemoryDisk(name);
  }

  /** What would be found if everything that is not durable were lost now. */
  get durable(): MemoryDisk {
    return this.#memory.crash();
  }

  /** True once the planned power cut has come: from then on the disk throws. */
  get hasCrashed(): boolean {
    return this.#memory.steps >= this.#crashBefore;
  }

  /** The directory as one process sees it. */
  openFor(process: VirtualProcess): Disk {
    return new ProcessDirectory(this.#memory, process, {
      requested: () => this.#requested(),
      // The error has gone to nobody: as after one that was heard, nobody knows what is durable.
      failedUnheard: () => void this.#dependencies.time.after(0, this.#dependencies.crashed),
    });
  }

  stall(durationMs: number): void {
    this.#idleAtMs = Math.max(this.#idleAtMs, this.#dependencies.time.nowMs + durationMs);
  }

  /** Everything takes many times as long, for so long. */
  slow(durationMs: number): void {
    this.#slowUntilMs = this.#dependencies.time.nowMs + durationMs;
  }

  /** The disk is replaced by an empty one; nothing runs on it. */
  wipe(): void {
    this.#memory = new MemoryDisk(this.#name);
    this.hasRotten = false;
    this.#crashBefore = Infinity;
    this.#afterWrite = null;
    this.#restart();
  }

  /** The power fails right before one of the next steps, be it in the middle of a blocking call. */
  crashWithin(steps: number): void {
    this.#crashBefore = this.#memory.steps + steps;
    this.#memory.crashBefore(this.#crashBefore);
  }

  /** A byte in the middle of the file changes: bit rot. */
  rot(name: string): void {
    this.hasRotten = true;
    this.#dependencies.trace.tell(this.#name, `${name} rots`);
    this.#memory.damage(name, (content) => {
      const rotten = content.slice();
      const middle = Math.floor(rotten.length / 2);
      rotten[middle] = (rotten[middle] ?? 0) ^ 1;
      return rotten;
    });
  }

  list(): readonly string[] {
    return this.#memory.list();
  }

  /** The file is gone, for good; nothing runs on the disk. */
  lose(name: string): void {
    this.hasLost = true;
    this.#dependencies.trace.tell(this.#name, `${name} is lost`);
    this.#memory.remove(name);
    this.#memory.syncDirectory();
  }

  /** Runs the task right behind the next write: what it has written is not synced yet. */
  afterNextWrite(task: () => void): void {
    this.#afterWrite = task;
  }

  failNext(step: 'write' | 'sync', code: DiskErrorCode): void {
    this.#memory.failNext(step, code);
  }

  /** Some of what was asked for still happens, the rest never does. */
  processKilled(): void {
    const { random } = this.#dependencies;
    const run = random.below(this.#memory.pending + 1);
    for (let i = 0; i < run; i++) this.#runNext();
    this.#memory.forgetRequests();
    this.#restart();
  }

  /** What was not synced is lost, or kept, or torn, write by write; or all of it is lost. */
  powerCut(losesAll: boolean): void {
    const { random, trace } = this.#dependencies;
    let kept = 0;
    const choice = {
      keepWrite: (write: UnsyncedWrite): readonly KeptBytes[] => {
        const parts = this.#survivors(write);
        for (const [from, to] of parts) kept += to - from;
        return parts;
      },
      keepDirectoryChanges: random.pick([0, 0, 1, 2, Infinity]),
    };
    this.#memory = this.#memory.crash(losesAll ? {} : choice);
    this.#crashBefore = Infinity;
    trace.tell(this.#name, `power cut; of what was not synced ${kept} bytes are kept`);
    this.#restart();
  }

  #restart(): void {
    this.#generation++;
    this.#idleAtMs = 0;
  }

  #survivors({ length }: UnsyncedWrite): readonly KeptBytes[] {
    const { random } = this.#dependencies;
    switch (random.below(5)) {
      case 0:
        return [[0, length]];
      case 1:
        return [[0, random.below(length + 1)]];
      case 2: {
        const sectors: KeptBytes[] = [];
        for (let from = 0; from < length; from += SECTOR_BYTES) {
          if (random.chance(0.5)) sectors.push([from, Math.min(length, from + SECTOR_BYTES)]);
        }
        return sectors;
      }
      default:
        return [];
    }
  }

  #requested(): void {
    const { time, random, delayMs } = this.#dependencies;
    const slow = random.chance(0.02) || time.nowMs < this.#slowUntilMs ? 10 : 1;
    const generation = this.#generation;
    this.#idleAtMs = Math.max(this.#idleAtMs, time.nowMs) + random.real() * delayMs * slow;
    time.after(this.#idleAtMs - time.nowMs, () => {
      if (generation === this.#generation) this.#runNext();
    });
  }

  #runNext(): void {
    const { crashed, trace } = this.#dependencies;
    const step = this.#memory.nextStep;
    if (step === undefined) return;
    if (trace.isRead) trace.detail(this.#name, step);
    try {
      this.#memory.runNext();
    } catch (error) {
      if (!(error instanceof DiskCrash)) throw error;
      crashed();
    }
    if (step !== 'write' || this.#afterWrite === null) return;
    const task = this.#afterWrite;
    this.#afterWrite = null;
    task();
  }
}

interface ProcessDirectoryHandlers {
  requested(): void;
  /** A request of a process that is dead by now. */
  failedUnheard(): void;
}

/** A directory whose completions reach only the process that has asked, and only while it lives and runs. */
class ProcessDirectory implements Disk {
  readonly location: string;
  readonly #memory: MemoryDisk;
  readonly #process: VirtualProcess;
  readonly #handlers: ProcessDirectoryHandlers;

  constructor(memory: MemoryDisk, process: VirtualProcess, handlers: ProcessDirectoryHandlers) {
    this.location = memory.location;
    this.#memory = memory;
    this.#process = process;
    this.#handlers = handlers;
  }

  list(): readonly string[] {
    return this.#memory.list();
  }

  exists(name: string): boolean {
    return this.#memory.exists(name);
  }

  open(name: string): DiskFile {
    return this.#file(this.#memory.open(name));
  }

  create(name: string): DiskFile {
    return this.#file(this.#memory.create(name));
  }

  rename(from: string, to: string): void {
    this.#memory.rename(from, to);
  }

  remove(name: string): void {
    this.#memory.remove(name);
  }

  syncDirectory(): void {
    this.#memory.syncDirectory();
  }

  startRemove(name: string, done: Completion): void {
    this.#memory.startRemove(name, this.#told(done));
    this.#handlers.requested();
  }

  startDirectorySync(done: Completion): void {
    this.#memory.startDirectorySync(this.#told(done));
    this.#handlers.requested();
  }

  replace(name: string, content: Uint8Array): void {
    this.#memory.replace(name, content);
  }

  #file(file: DiskFile): DiskFile {
    return {
      name: file.name,
      get size() {
        return file.size;
      },
      write: (position, chunks, done) => {
        file.write(position, chunks, this.#told(done));
        this.#handlers.requested();
      },
      sync: (done) => {
        file.sync(this.#told(done));
        this.#handlers.requested();
      },
      read: (position, length) => file.read(position, length),
      truncate: (size) => file.truncate(size),
      close: () => file.close(),
    };
  }

  #told(done: Completion): Completion {
    return (result) => {
      if (!result.ok && !this.#process.isAlive) this.#handlers.failedUnheard();
      this.#process.run(() => done(result));
    };
  }
}
