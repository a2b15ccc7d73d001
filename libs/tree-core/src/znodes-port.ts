import type { SessionId, Stat, ZnodePath, ZnodeRecord, Zxid } from '@paddock/model';
import type { Digest } from './digest.ts';

/** What the database asks of the tree. A row is the tree's handle of a znode, valid until the next change. */
export interface Znodes {
  /** Znodes, the root included. */
  readonly count: number;
  /** Bytes of data in all znodes. */
  readonly dataBytes: number;
  /** The znode's row, or -1 where there is none. */
  find(path: ZnodePath): number;
  /** `data` is copied. Times are ms since 1970. */
  create(
    path: ZnodePath,
    data: Uint8Array,
    ephemeralOwner: SessionId,
    parentCversion: number,
    parentCreates: number,
    zxid: Zxid,
    time: number,
  ): number;
  setData(row: number, data: Uint8Array, version: number, zxid: Zxid, time: number): void;
  delete(row: number, parentCversion: number, zxid: Zxid): void;
  stat(row: number): Stat;
  /** Bytes that never change afterwards: they travel to other stages. */
  data(row: number): Uint8Array;
  /** Names in ascending order of their UTF-16 units. */
  children(row: number): string[];
  record(row: number): ZnodeRecord;
  ephemeralOwner(row: number): SessionId;
  ephemerals(session: SessionId): readonly ZnodePath[];
  /** Independent of order, kept incrementally; equal trees have equal digests. */
  digest(): Digest;

  /** From here until the end of the scan each change first saves the row's image as of now. */
  beginSnapshot(): void;
  /** Encodes at most about `bytes` of rows as of beginSnapshot, and the images saved since; null after the last. */
  snapshotSlice(bytes: number): Uint8Array | null;
  /** Images saved since the last slice, for when slices pause; null where there are none. */
  snapshotImages(): Uint8Array | null;
  /** What the scan has come to, to be compared with the digest at beginSnapshot. */
  snapshotDigest(): Digest;
  /** Ends it, finished or not. */
  abandonSnapshot(): void;
  /** Takes one chunk of a slice, in the order in which they were given. Throws CodecError. */
  load(chunk: Uint8Array): void;
  /** After the last chunk: before it nothing is found. Throws CodecError where the rows are not one tree. */
  endLoad(): void;
}
