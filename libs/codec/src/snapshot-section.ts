import type { Zxid } from '@paddock/model';
import { ByteReader } from './byte-reader.ts';
import { ByteWriter } from './byte-writer.ts';

/**
 * A chunk of a snapshot says what it holds: the header first, then sessions and znodes in any order and
 * number, the trailer last.
 */
export type SnapshotSection =
  | { readonly kind: 'header'; readonly zxid: Zxid }
  /** Records of the session table, whose form is the database's. */
  | { readonly kind: 'sessions'; readonly records: Uint8Array }
  /** Images of znodes, one behind the other. */
  | { readonly kind: 'znodes'; readonly images: Uint8Array }
  | {
      readonly kind: 'trailer';
      readonly znodes: number;
      readonly digestHigh: number;
      readonly digestLow: number;
    };

const HEADER = 1;
const SESSIONS = 2;
const ZNODES = 3;
const TRAILER = 4;

export function encodeSnapshotSection(section: SnapshotSection): Uint8Array {
  const writer = new ByteWriter(32);
  switch (section.kind) {
    case 'header':
      writer.u8(HEADER);
      writer.zxid(section.zxid);
      break;
    case 'sessions':
      writer.u8(SESSIONS);
      writer.rawBytes(section.records);
      break;
    case 'znodes':
      writer.u8(ZNODES);
      writer.rawBytes(section.images);
      break;
    case 'trailer':
      writer.u8(TRAILER);
      writer.u32(section.znodes);
      writer.u32(section.digestHigh);
      writer.u32(section.digestLow);
      break;
  }
  return writer.take();
}

/** Records and images are views into `chunk`. Throws CodecError. */
export function decodeSnapshotSection(chunk: Uint8Array): SnapshotSection {
  const reader = new ByteReader(chunk);
  const section = readSection(reader);
  reader.expectEnd();
  return section;
}

function readSection(reader: ByteReader): SnapshotSection {
  const kind = reader.u8();
  switch (kind) {
    case HEADER:
      return { kind: 'header', zxid: reader.zxid() };
    case SESSIONS:
      return { kind: 'sessions', records: reader.rawBytesView(reader.remaining) };
    case ZNODES:
      return { kind: 'znodes', images: reader.rawBytesView(reader.remaining) };
    case TRAILER:
      return {
        kind: 'trailer',
        znodes: reader.u32(),
        digestHigh: reader.u32(),
        digestLow: reader.u32(),
      };
    default:
      return reader.unknownKind('a snapshot chunk', kind);
  }
}
