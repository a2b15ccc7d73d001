import { decodeText, isEpoch, isSessionId, makeZxid, NO_SESSION } from '@paddock/model';
import type { SessionId, Zxid } from '@paddock/model';
import { CodecError } from './codec-error.ts';

/** Reads what a ByteWriter wrote. Every length is checked against the bytes left before it is used. */
export class ByteReader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #end: number;
  #offset: number;

  constructor(bytes: Uint8Array, start = 0, end = bytes.length) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#end = Math.min(end, bytes.length);
    this.#offset = start;
  }

  get offset(): number {
    return this.#offset;
  }

  get remaining(): number {
    return this.#end - this.#offset;
  }

  u8(): number {
    return this.#view.getUint8(this.#advance(1));
  }

  u32(): number {
    return this.#view.getUint32(this.#advance(4));
  }

  f64(): number {
    return this.#view.getFloat64(this.#advance(8));
  }

  /** A whole number from 0 to 2^53 - 1. */
  safeInteger(): number {
    const value = this.f64();
    if (!Number.isSafeInteger(value) || value < 0) this.fail('not a whole number', 8);
    return value;
  }

  /** A session's id, or NO_SESSION. */
  sessionId(): SessionId {
    const value = this.f64();
    if (value === 0) return NO_SESSION;
    if (!isSessionId(value)) this.fail('not a session id', 8);
    return value;
  }

  zxid(): Zxid {
    const at = this.#advance(8);
    const epoch = this.#view.getUint32(at);
    if (!isEpoch(epoch)) this.fail(`no zxid has epoch ${epoch}`, 8);
    return makeZxid(epoch, this.#view.getUint32(at + 4));
  }

  text(): string {
    const length = this.u32();
    const at = this.#advance(length);
    try {
      return decodeText(this.#bytes, at, at + length);
    } catch {
      return this.fail('a text that is not UTF-8', length);
    }
  }

  /** A copy: it keeps nothing of the bytes that are read. */
  bytes(): Uint8Array<ArrayBuffer> {
    const length = this.u32();
    const at = this.#advance(length);
    return new Uint8Array(this.#bytes.subarray(at, at + length));
  }

  /** A view into the bytes that are read: it keeps all of them alive. */
  bytesView(): Uint8Array {
    const length = this.u32();
    const at = this.#advance(length);
    return this.#bytes.subarray(at, at + length);
  }

  /** A view of the next `length` bytes, which have no length before them. */
  rawBytesView(length: number): Uint8Array {
    const at = this.#advance(length);
    return this.#bytes.subarray(at, at + length);
  }

  /** A count of things that take at least `minimumBytes` each: never more than the bytes left can hold. */
  count(minimumBytes: number): number {
    const count = this.u32();
    if (count * minimumBytes > this.remaining) {
      this.fail(`a count of ${count} is more than fits`, 4);
    }
    return count;
  }

  /** Throws where bytes are left over. */
  expectEnd(): void {
    if (this.#offset !== this.#end) this.fail(`${this.remaining} bytes too many`);
  }

  /** `back`: how far behind the current offset the trouble lies. */
  fail(reason: string, back = 0): never {
    throw new CodecError('malformed', this.#offset - back, reason);
  }

  /** For a leading byte that says what follows. */
  unknownKind(what: string, kind: number): never {
    throw new CodecError('unknownKind', this.#offset - 1, `unknown kind ${kind} of ${what}`);
  }

  #advance(count: number): number {
    const at = this.#offset;
    if (count > this.#end - at) this.fail(`${count} bytes expected, ${this.#end - at} left`);
    this.#offset = at + count;
    return at;
  }
}
