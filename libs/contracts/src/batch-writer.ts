import { Writer } from 'protobufjs/minimal.js';

/** A generated class, as far as it writes its messages behind others. */
export interface Encoder<In> {
  encode(message: In, writer?: Writer): Writer;
}

/** The tag of `repeated … messages = 1`, with which every batch of protos/ begins. */
const MESSAGES = (1 << 3) | 2;

/**
 * Writes a batch message by message, so that its size is known all the while and nothing is held as objects. Protobuf
 * lets fields of the batch itself follow in any order.
 */
export class BatchWriter<Message, Batch> {
  readonly #message: Encoder<Message>;
  readonly #batch: Encoder<Batch>;
  readonly #writer = Writer.create();
  #count = 0;

  constructor(message: Encoder<Message>, batch: Encoder<Batch>) {
    this.#message = message;
    this.#batch = batch;
  }

  get bytes(): number {
    return this.#writer.pos;
  }

  get count(): number {
    return this.#count;
  }

  /** Bytes of memory that it holds, empty or not. */
  get capacity(): number {
    return this.#writer.buf.length;
  }

  add(message: Message): void {
    this.#message.encode(message, this.#writer.uint32(MESSAGES).fork()).ldelim();
    this.#count++;
  }

  /** Writes the fields that the batch has beside its messages. */
  addFields(batch: Batch): void {
    this.#batch.encode(batch, this.#writer);
  }

  /** The bytes of the batch, copied out; the next one may be written with the same writer. */
  finish(): Uint8Array {
    const bytes = this.#writer.finish();
    this.#writer.reset();
    this.#count = 0;
    return bytes;
  }
}
