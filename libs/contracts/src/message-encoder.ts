import { Writer } from 'protobufjs/minimal.js';

/** A generated class, as far as it writes its messages. */
export interface Encoder<In> {
  encode(message: In, writer: Writer): Writer;
}

/** Encodes one message after the other in memory that it keeps. */
export class MessageEncoder {
  readonly #writer = Writer.create();

  /** The bytes hold until the next message is encoded. */
  encode<In>(encoder: Encoder<In>, message: In): Uint8Array {
    this.#writer.reset();
    return encoder.encode(message, this.#writer).finish(true);
  }
}
