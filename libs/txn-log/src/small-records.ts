import { crc32 } from 'node:zlib';
import { ByteReader, ByteWriter, decodeConfiguration, encodeConfiguration } from '@paddock/codec';
import { isEpoch, ZXID_ZERO } from '@paddock/model';
import type { BaseRecord, Epoch, EpochRecord } from '@paddock/model';
import type { Disk } from '@paddock/ports';
import { FORMAT, viewOf } from './segment-format.ts';
import { TxnLogError } from './txn-log-error.ts';

/*
 * Two records of their own beside the log, each replaced atomically:
 * magic (4 bytes) · format · content · checksum of all before it.
 */

export const EPOCHS_FILE = 'epochs';
export const BASE_FILE = 'base';

const EPOCHS_MAGIC = 0x50455044;
const BASE_MAGIC = 0x53425044;
const ENVELOPE_BYTES = 12;

function begin(magic: number): ByteWriter {
  const writer = new ByteWriter(256);
  writer.u32(magic);
  writer.u32(FORMAT);
  return writer;
}

function seal(writer: ByteWriter): Uint8Array {
  writer.u32(crc32(writer.peek()));
  return writer.take();
}

function unusable(file: string, reason: string): TxnLogError {
  return new TxnLogError({ code: 'recordUnusable', file, reason });
}

/** A reader over the content; throws TxnLogError where the file is not whole. */
function open(disk: Disk, name: string, magic: number): ByteReader {
  const file = disk.open(name);
  const bytes = file.read(0, file.size);
  file.close();
  if (bytes.length < ENVELOPE_BYTES) throw unusable(name, 'it is too short');
  const view = viewOf(bytes);
  const end = bytes.length - 4;
  if (crc32(bytes.subarray(0, end)) !== view.getUint32(end)) {
    throw unusable(name, 'its checksum is wrong');
  }
  const reader = new ByteReader(bytes, 0, end);
  if (reader.u32() !== magic) throw unusable(name, 'it is another kind of file');
  const version = reader.u32();
  if (version !== FORMAT) throw new TxnLogError({ code: 'newerFormat', file: name, version });
  return reader;
}

function epoch(file: string, value: number): Epoch {
  if (!isEpoch(value)) throw unusable(file, `no epoch is ${value}`);
  return value;
}

export function writeEpochRecord(disk: Disk, epochs: EpochRecord): void {
  const writer = begin(EPOCHS_MAGIC);
  writer.u32(epochs.acceptedEpoch);
  writer.u32(epochs.currentEpoch);
  disk.replace(EPOCHS_FILE, seal(writer));
}

export function readEpochRecord(disk: Disk): EpochRecord {
  const reader = open(disk, EPOCHS_FILE, EPOCHS_MAGIC);
  const acceptedEpoch = epoch(EPOCHS_FILE, reader.u32());
  const currentEpoch = epoch(EPOCHS_FILE, reader.u32());
  reader.expectEnd();
  if (currentEpoch > acceptedEpoch) {
    throw unusable(EPOCHS_FILE, 'currentEpoch is above acceptedEpoch');
  }
  return { acceptedEpoch, currentEpoch };
}

export function writeBaseRecord(disk: Disk, base: BaseRecord): void {
  const writer = begin(BASE_MAGIC);
  writer.u32(base.generation);
  writer.zxid(base.zxid);
  writer.u32(base.epoch);
  writer.bytes(encodeConfiguration(base.configuration));
  disk.replace(BASE_FILE, seal(writer));
}

export function readBaseRecord(disk: Disk): BaseRecord {
  const reader = open(disk, BASE_FILE, BASE_MAGIC);
  const generation = reader.u32();
  const zxid = reader.zxid();
  const recordEpoch = epoch(BASE_FILE, reader.u32());
  const configuration = decodeConfiguration(reader.bytes());
  reader.expectEnd();
  if (generation === 0 && zxid === ZXID_ZERO) throw unusable(BASE_FILE, 'generations count from 1');
  return { zxid, epoch: recordEpoch, configuration, generation };
}
