// The session stream's messages as the load driver writes and reads them: requests put together from
// operations that were encoded once, answers counted without being decoded. The generated code would
// cost the driver more than the server that it drives.
import { paddock } from '@paddock/contracts';

const { Operations, SessionRequest } = paddock.client.v1;

const VARINT = 0;
const FIXED64 = 1;
const BYTES = 2;
const FIXED32 = 5;

// Field numbers of session.proto, which a test compares with the generated code.
const MESSAGES_TAG = (1 << 3) | BYTES;
const OPERATIONS_TAG = (3 << 3) | BYTES;
const FIRST_SEQUENCE_TAG = (1 << 3) | VARINT;
const ACKED_THROUGH_TAG = (2 << 3) | VARINT;
const RESULTS_FIELD = 1;
const FAILED_FIELD = 11;

/** An operation with its tag and length, as it stands in a run of operations. */
export function encodeOperation(operation: paddock.client.v1.Operation.$Properties): Uint8Array {
  return Operations.encode({ operations: [operation] }).finish();
}

export function encodeMessage(message: paddock.client.v1.ClientMessage.$Properties): Buffer {
  return Buffer.from(SessionRequest.encode({ messages: [message] }).finish());
}

function varintLength(value: number): number {
  let length = 1;
  for (let rest = value; rest >= 128; rest = Math.floor(rest / 128)) length++;
  return length;
}

function writeVarint(frame: Buffer, at: number, value: number): number {
  let offset = at;
  let rest = value;
  for (; rest >= 128; rest = Math.floor(rest / 128)) frame[offset++] = (rest % 128) | 128;
  frame[offset++] = rest;
  return offset;
}

/** A request of one run of operations. */
export function operationsFrame(
  operations: readonly Uint8Array[],
  firstSequence: number,
  ackedThrough: number,
): Buffer {
  let run = 2 + varintLength(firstSequence) + varintLength(ackedThrough);
  for (const operation of operations) run += operation.length;
  const message = 1 + varintLength(run) + run;
  const frame = Buffer.allocUnsafeSlow(1 + varintLength(message) + message);
  let at = 0;
  frame[at++] = MESSAGES_TAG;
  at = writeVarint(frame, at, message);
  frame[at++] = OPERATIONS_TAG;
  at = writeVarint(frame, at, run);
  frame[at++] = FIRST_SEQUENCE_TAG;
  at = writeVarint(frame, at, firstSequence);
  frame[at++] = ACKED_THROUGH_TAG;
  at = writeVarint(frame, at, ackedThrough);
  for (const operation of operations) {
    frame.set(operation, at);
    at += operation.length;
  }
  return frame;
}

/** Counts the results in an answer; one of these is read at a time. */
export class ResultCount {
  results = 0;
  failed = 0;
  /** True when the answer holds something else too, which is then to be decoded. */
  hasOther = false;
  #bytes: Uint8Array = new Uint8Array(0);
  #at = 0;

  read(bytes: Uint8Array): void {
    this.results = 0;
    this.failed = 0;
    this.hasOther = false;
    this.#bytes = bytes;
    this.#at = 0;
    while (this.#at < bytes.length) {
      this.#varint();
      const end = this.#varint() + this.#at;
      this.#serverMessage(end);
    }
  }

  #serverMessage(end: number): void {
    while (this.#at < end) {
      const field = this.#varint() >>> 3;
      const fieldEnd = this.#varint() + this.#at;
      if (field === RESULTS_FIELD) this.#results(fieldEnd);
      else this.hasOther = true;
      this.#at = fieldEnd;
    }
  }

  #results(end: number): void {
    while (this.#at < end) {
      this.#varint();
      const resultEnd = this.#varint() + this.#at;
      this.results++;
      while (this.#at < resultEnd) {
        const tag = this.#varint();
        if (tag >>> 3 === FAILED_FIELD) this.failed++;
        this.#skip(tag & 7);
      }
    }
  }

  #skip(wireType: number): void {
    if (wireType === FIXED32) this.#at += 4;
    else if (wireType === FIXED64) this.#at += 8;
    else {
      const value = this.#varint();
      if (wireType === BYTES) this.#at += value;
    }
  }

  #varint(): number {
    let value = 0;
    let scale = 1;
    for (;;) {
      const byte = this.#bytes[this.#at++];
      if (byte === undefined) throw new RangeError('an answer is cut off');
      value += (byte & 127) * scale;
      if (byte < 128) return value;
      scale *= 128;
    }
  }
}
