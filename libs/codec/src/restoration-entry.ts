import { EPOCH_MAX, makeZxid, ZXID_ZERO } from '@paddock/model';
import type { RestorationEntry, Zxid } from '@paddock/model';
import { ByteReader } from './byte-reader.ts';
import { ByteWriter } from './byte-writer.ts';

/** The payload of a `restoration` entry. */
export function encodeRestoration({
  backup,
  time,
  leader,
}: RestorationEntry): Uint8Array<ArrayBuffer> {
  const writer = new ByteWriter(64);
  writer.text(backup);
  writer.f64(time);
  writer.f64(leader);
  return writer.take();
}

/** Throws CodecError. */
export function decodeRestoration(payload: Uint8Array): RestorationEntry {
  const reader = new ByteReader(payload);
  const backup = reader.text();
  const time = reader.safeInteger();
  const leader = reader.safeInteger();
  reader.expectEnd();
  return { backup, time, leader };
}

/** What a backup of that name is of: its name begins with that. ZXID_ZERO of what is no such name. */
export function zxidOfBackup(backup: string): Zxid {
  const [epoch = '', counter = ''] = backup.split('.');
  const words = [epoch, counter].map((word) => Number.parseInt(word, 16));
  const [high = Number.NaN, low = Number.NaN] = words;
  return high <= EPOCH_MAX && low >= 0 ? makeZxid(high, low) : ZXID_ZERO;
}
