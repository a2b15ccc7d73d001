import type { BackupStore, BackupWriting } from './backup-store.ts';

export interface BackupReceivingHandlers {
  held(): void;
  failed(reason: string): void;
  /** More is there than the disk has taken, or no longer. */
  full(isFull: boolean): void;
}

/** One backup that comes chunk by chunk, from another database or from an operator, on its way into the store. */
export class BackupReceiving {
  readonly #queueBytes: number;
  readonly #handlers: BackupReceivingHandlers;
  readonly #writing: BackupWriting | null;
  #chunks = 0;
  #unwrittenBytes = 0;
  #isFull = false;
  #isComplete = false;

  constructor(
    store: BackupStore,
    backup: string,
    queueBytes: number,
    handlers: BackupReceivingHandlers,
  ) {
    this.#queueBytes = queueBytes;
    this.#handlers = handlers;
    const writing = store.begin(backup, {
      held: () => handlers.held(),
      failed: (reason) => handlers.failed(reason),
      written: (bytes) => this.#written(bytes),
    });
    this.#writing = typeof writing === 'string' ? null : writing;
    if (typeof writing === 'string') handlers.failed(writing);
  }

  chunk(chunk: Uint8Array): void {
    if (this.#writing === null || this.#isComplete) return;
    if (chunk.length === 0) {
      this.abandon();
      this.#handlers.failed('a chunk is empty');
      return;
    }
    this.#chunks += 1;
    this.#unwrittenBytes += chunk.length;
    this.#writing.write(chunk);
    if (this.#isFull || this.#unwrittenBytes <= this.#queueBytes) return;
    this.#isFull = true;
    this.#handlers.full(true);
  }

  ends(chunks: number): void {
    if (this.#writing === null || this.#isComplete) return;
    if (chunks !== this.#chunks) {
      this.abandon();
      this.#handlers.failed(`it ends with ${chunks} chunks, ${this.#chunks} have come`);
      return;
    }
    this.#isComplete = true;
    this.#writing.finish();
  }

  /** Where all has come it is kept nevertheless. */
  abandon(): void {
    if (!this.#isComplete) this.#writing?.abandon();
    this.#isComplete = true;
  }

  get isComplete(): boolean {
    return this.#isComplete;
  }

  #written(bytes: number): void {
    this.#unwrittenBytes -= bytes;
    if (!this.#isFull || this.#unwrittenBytes > this.#queueBytes / 2) return;
    this.#isFull = false;
    this.#handlers.full(false);
  }
}
