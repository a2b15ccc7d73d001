import type { RestorationEntry } from '@paddock/model';
import { ByteReader } from './byte-reader.ts';
import { ByteWriter } from './byte-writer.ts';

/** The payload of a `restoration` entry. */
export function encodeRestoration({ backup }: RestorationEntry): Uint8Array<ArrayBuffer> {
  const writer = new ByteWriter(64);
  writer.text(backup);
  return writer.take();
}

/** Throws CodecError. */
export function decodeRestoration(payload: Uint8Array): RestorationEntry {
  const reader = new ByteReader(payload);
  const backup = reader.text();
  reader.expectEnd();
  return { backup };
}
