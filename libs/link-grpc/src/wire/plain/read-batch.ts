import { toBuffer } from '../../buffer.ts';
import { WireError } from '../wire-error.ts';
import { WireReader } from './wire-reader.ts';

/** The `repeated … messages = 1` with which every batch of protos/ begins. */
const MESSAGES = 1;

interface Decoder<Wire> {
  decode(bytes: Uint8Array): Wire;
}

/** How the messages of a batch are read, all of one type. */
export interface BatchReading<Wire, Message> {
  /** The generated class of one message, and that of the batch. */
  readonly message: Decoder<Wire>;
  readonly batch: Decoder<{ readonly messages: readonly Wire[] }>;
  /** Reads a message of a frequent kind; null where it is of another. Throws where it is not laid out plainly. */
  readonly readPlain: (reader: WireReader) => Message | null;
  /** Reads every message. Throws a WireError where it breaks the contract. */
  readonly read: (wire: Wire) => Message;
}

/** Frequent messages are read straight from the bytes, all others by their generated classes. */
export function batchReader<Wire, Message>(
  reading: BatchReading<Wire, Message>,
): (bytes: Uint8Array) => Message[] {
  return (bytes) =>
    readMessages(new WireReader(toBuffer(bytes)), reading) ??
    orWireError(() => reading.batch.decode(bytes).messages.map((it) => reading.read(it)));
}

/** Where a boundary has no frequent message in a direction. */
export function noneIsFrequent(): null {
  return null;
}

/** Null where the batch is not messages, one behind the other, to its end. */
export function readMessages<Wire, Message>(
  reader: WireReader,
  reading: Omit<BatchReading<Wire, Message>, 'batch'>,
): Message[] | null {
  const messages: Message[] = [];
  try {
    while (reader.enter(MESSAGES)) messages.push(readMessage(reader, reading));
  } catch {
    // Whatever was wrong, the generated class accepts it or says what it is.
    return null;
  }
  return reader.isAtEnd ? messages : null;
}

function readMessage<Wire, Message>(
  reader: WireReader,
  reading: Omit<BatchReading<Wire, Message>, 'batch'>,
): Message {
  const { at, end, depth } = reader;
  try {
    const message = reading.readPlain(reader);
    if (message !== null) {
      reader.leave();
      return message;
    }
  } catch {
    // As above, for this message alone.
  }
  const bytes = reader.abandon(at, end, depth);
  reader.leave();
  return orWireError(() => reading.read(reading.message.decode(bytes)));
}

/** Whatever cannot be decoded is the other side's fault. */
export function orWireError<Value>(read: () => Value): Value {
  try {
    return read();
  } catch (error) {
    if (error instanceof WireError) throw error;
    throw new WireError('message', 'cannot be decoded');
  }
}
