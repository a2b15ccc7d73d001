export { ByteReader } from './byte-reader.ts';
export { ByteWriter } from './byte-writer.ts';
export { CodecError } from './codec-error.ts';
export type { CodecErrorCode } from './codec-error.ts';
