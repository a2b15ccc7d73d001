/** A generated class writes with Node's Buffer, as grpc-js wants it. */
export function toBuffer(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes)
    ? bytes
    : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

export function identity(bytes: Buffer): Buffer {
  return bytes;
}
