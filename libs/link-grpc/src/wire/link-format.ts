import { MessageEncoder, type Encoder } from '@paddock/contracts';
import type { Limits } from '@paddock/model';
import { WireWriter } from './plain/wire-writer.ts';

export type BatchLimits = Pick<Limits, 'batchBytes' | 'batchOperations'>;

/** For messages that are written by their generated classes. */
const generated = new MessageEncoder();

/** The `repeated … messages = 1` with which every batch of protos/ begins. */
const MESSAGES = 1;

/** Where the messages of a batch go; batches are joined and cut between messages. */
export interface MessageSink {
  /** Bytes after which a message that is a list of things is divided in two. */
  readonly cutBytes: number;
  /** Starts a message, whose fields the writer takes until `end`. */
  start(): WireWriter;
  end(): void;
  /** A whole message, by its generated class. */
  add<Wire>(encoder: Encoder<Wire>, message: Wire): void;
  /**
   * What the messages that follow have in common, as fields of the batch itself, which protobuf lets stand anywhere.
   * Messages of different keys never share a batch.
   */
  begin(key: number, writeFields: (writer: WireWriter) => void): void;
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

export interface FormatParts<Send, Receive> {
  write(batch: Send, sink: MessageSink): void;
  read(bytes: Uint8Array): Receive;
}

export function linkFormat<Send, Receive>(
  parts: FormatParts<Send, Receive>,
): LinkFormat<Send, Receive> {
  const pool = new WriterPool();
  return {
    outgoing: (limits) => new BatchQueue(parts, limits, pool),
    read: (bytes) => parts.read(bytes),
  };
}

/** Writers that are kept; as many links of one boundary may hold back an open batch without a new one being made. */
const POOLED_WRITERS_MAX = 64;
const POOLED_BYTES_MAX = 256 * 1024;

/** Writers that have grown to the size of a batch, so that no batch grows its own from nothing. */
class WriterPool {
  readonly #idle: WireWriter[] = [];

  take(): WireWriter {
    return this.#idle.pop() ?? new WireWriter();
  }

  giveBack(writer: WireWriter): void {
    const isKept = this.#idle.length < POOLED_WRITERS_MAX && writer.capacity <= POOLED_BYTES_MAX;
    if (isKept) this.#idle.push(writer);
  }
}

/**
 * Writes each message at once, so that the bytes that wait are known exactly and no object is held. What is sent while
 * the batch before is on its way joins one open batch, until that is large enough.
 */
class BatchQueue<Send, Receive> implements OutgoingBatches<Send>, MessageSink {
  readonly #parts: FormatParts<Send, Receive>;
  readonly #limits: BatchLimits;
  readonly #pool: WriterPool;
  #closed: Uint8Array[] = [];
  #closedHead = 0;
  #closedBytes = 0;
  #open: WireWriter | null = null;
  #openMessages = 0;
  #openKey = 0;
  #key = 0;
  #writeFields: ((writer: WireWriter) => void) | null = null;

  constructor(parts: FormatParts<Send, Receive>, limits: BatchLimits, pool: WriterPool) {
    this.#parts = parts;
    this.#limits = limits;
    this.#pool = pool;
  }

  get bytes(): number {
    return this.#closedBytes + (this.#open === null ? 0 : this.#open.length);
  }

  get cutBytes(): number {
    return this.#limits.batchBytes;
  }

  write(batch: Send): void {
    this.#parts.write(batch, this);
  }

  begin(key: number, writeFields: (writer: WireWriter) => void): void {
    this.#key = key;
    this.#writeFields = writeFields;
  }

  start(): WireWriter {
    if (this.#open !== null && this.#openKey !== this.#key) this.#close(this.#open);
    const open = this.#open ?? this.#start();
    open.open(MESSAGES);
    return open;
  }

  end(): void {
    const open = this.#open;
    if (open === null) return;
    open.close();
    this.#openMessages++;
    const { batchBytes, batchOperations } = this.#limits;
    if (open.length >= batchBytes || this.#openMessages >= batchOperations) this.#close(open);
  }

  add<Wire>(encoder: Encoder<Wire>, message: Wire): void {
    this.start().encoded(generated.encode(encoder, message));
    this.end();
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

  #start(): WireWriter {
    const open = this.#pool.take();
    this.#writeFields?.(open);
    this.#open = open;
    this.#openMessages = 0;
    this.#openKey = this.#key;
    return open;
  }

  #close(open: WireWriter): void {
    const bytes = this.#finish(open);
    this.#closed.push(bytes);
    this.#closedBytes += bytes.length;
  }

  #finish(open: WireWriter): Uint8Array {
    const bytes = open.finish();
    this.#open = null;
    this.#pool.giveBack(open);
    return bytes;
  }
}
