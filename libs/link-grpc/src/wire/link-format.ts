import { BatchWriter, type Encoder } from '@paddock/contracts';
import type { Limits } from '@paddock/model';

export type BatchLimits = Pick<Limits, 'batchBytes' | 'batchOperations'>;

/** Where the messages of a batch go; batches are joined and cut between messages. */
export interface MessageSink<Message, Fields> {
  /** Bytes after which a message that is a list of things is divided in two. */
  readonly cutBytes: number;
  add(message: Message): void;
  /** What the messages that follow have in common; messages of different keys never share a batch. */
  begin(key: number, fields: Fields): void;
}

/** Batches on their way out of one end of a link. */
export interface OutgoingBatches<Send> {
  /** Bytes written and not yet taken. */
  readonly bytes: number;
  write(batch: Send): void;
  /** The oldest batch that waits, as bytes; undefined where none does. */
  take(): Uint8Array | undefined;
}

/** How one end of a boundary writes what it sends and reads what it receives. */
export interface LinkFormat<Send, Receive> {
  outgoing(limits: BatchLimits): OutgoingBatches<Send>;
  /** Throws where the bytes break the contract; a WireError names the field. */
  read(bytes: Uint8Array): Receive;
}

export interface FormatParts<Send, Receive, Message, Fields> {
  readonly message: Encoder<Message>;
  readonly batch: Encoder<Fields>;
  write(batch: Send, sink: MessageSink<Message, Fields>): void;
  read(bytes: Uint8Array): Receive;
}

export function linkFormat<Send, Receive, Message, Fields>(
  parts: FormatParts<Send, Receive, Message, Fields>,
): LinkFormat<Send, Receive> {
  const pool = new WriterPool(parts);
  return {
    outgoing: (limits) => new BatchQueue(parts, limits, pool),
    read: (bytes) => parts.read(bytes),
  };
}

/** Writers that are kept; as many links of one boundary may hold back an open batch without a new one being made. */
const POOLED_WRITERS_MAX = 64;
const POOLED_BYTES_MAX = 256 * 1024;

/** Writers that have grown to the size of a batch, so that no batch grows its own from nothing. */
class WriterPool<Message, Fields> {
  readonly #parts: Pick<FormatParts<never, unknown, Message, Fields>, 'message' | 'batch'>;
  readonly #idle: BatchWriter<Message, Fields>[] = [];

  constructor(parts: Pick<FormatParts<never, unknown, Message, Fields>, 'message' | 'batch'>) {
    this.#parts = parts;
  }

  take(): BatchWriter<Message, Fields> {
    return this.#idle.pop() ?? new BatchWriter(this.#parts.message, this.#parts.batch);
  }

  giveBack(writer: BatchWriter<Message, Fields>): void {
    const isKept = this.#idle.length < POOLED_WRITERS_MAX && writer.capacity <= POOLED_BYTES_MAX;
    if (isKept) this.#idle.push(writer);
  }
}

/**
 * Writes each message at once, so that the bytes that wait are known exactly and no object is held. What is sent while
 * the batch before is on its way joins one open batch, until that is large enough.
 */
class BatchQueue<Send, Receive, Message, Fields>
  implements OutgoingBatches<Send>, MessageSink<Message, Fields>
{
  readonly #parts: FormatParts<Send, Receive, Message, Fields>;
  readonly #limits: BatchLimits;
  readonly #pool: WriterPool<Message, Fields>;
  #closed: Uint8Array[] = [];
  #closedHead = 0;
  #closedBytes = 0;
  #open: BatchWriter<Message, Fields> | null = null;
  #openKey = 0;
  #key = 0;
  #fields: Fields | null = null;

  constructor(
    parts: FormatParts<Send, Receive, Message, Fields>,
    limits: BatchLimits,
    pool: WriterPool<Message, Fields>,
  ) {
    this.#parts = parts;
    this.#limits = limits;
    this.#pool = pool;
  }

  get bytes(): number {
    return this.#closedBytes + (this.#open === null ? 0 : this.#open.bytes);
  }

  get cutBytes(): number {
    return this.#limits.batchBytes;
  }

  write(batch: Send): void {
    this.#parts.write(batch, this);
  }

  begin(key: number, fields: Fields): void {
    this.#key = key;
    this.#fields = fields;
  }

  add(message: Message): void {
    if (this.#open !== null && this.#openKey !== this.#key) this.#close(this.#open);
    const open = this.#open ?? this.#start();
    open.add(message);
    const { batchBytes, batchOperations } = this.#limits;
    if (open.bytes >= batchBytes || open.count >= batchOperations) this.#close(open);
  }

  take(): Uint8Array | undefined {
    if (this.#closedHead === this.#closed.length) {
      return this.#open === null ? undefined : this.#finish(this.#open);
    }
    const bytes = this.#closed[this.#closedHead++];
    if (this.#closedHead === this.#closed.length) {
      this.#closed = [];
      this.#closedHead = 0;
    }
    this.#closedBytes -= bytes?.length ?? 0;
    return bytes;
  }

  #start(): BatchWriter<Message, Fields> {
    const open = this.#pool.take();
    if (this.#fields !== null) open.addFields(this.#fields);
    this.#open = open;
    this.#openKey = this.#key;
    return open;
  }

  #close(open: BatchWriter<Message, Fields>): void {
    const bytes = this.#finish(open);
    this.#closed.push(bytes);
    this.#closedBytes += bytes.length;
  }

  #finish(open: BatchWriter<Message, Fields>): Uint8Array {
    const bytes = open.finish();
    this.#open = null;
    this.#pool.giveBack(open);
    return bytes;
  }
}
