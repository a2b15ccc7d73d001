/** `unknownKind`: whole, but written by a newer format (H24). `malformed`: cut off or damaged. */
export type CodecErrorCode = 'malformed' | 'unknownKind';

/** Bytes that are not what they should be. `offset` counts from the start of the bytes handed in. */
export class CodecError extends Error {
  override readonly name = 'CodecError';
  readonly code: CodecErrorCode;
  readonly offset: number;
  readonly reason: string;
  constructor(code: CodecErrorCode, offset: number, reason: string) {
    super(`${reason} at byte ${offset}`);
    this.code = code;
    this.offset = offset;
    this.reason = reason;
  }
}
