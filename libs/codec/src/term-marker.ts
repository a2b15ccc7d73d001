import { isEpoch, makeTerm, termEpoch, termIncarnation } from '@paddock/model';
import type { TermMarker } from '@paddock/model';
import { ByteReader } from './byte-reader.ts';
import { ByteWriter } from './byte-writer.ts';

/** The payload of a `termMarker` entry. */
export function encodeTermMarker(marker: TermMarker): Uint8Array<ArrayBuffer> {
  const writer = new ByteWriter(64);
  writeTermMarker(writer, marker);
  return writer.take();
}

/** Throws CodecError. */
export function decodeTermMarker(payload: Uint8Array): TermMarker {
  const reader = new ByteReader(payload);
  const marker = readTermMarker(reader);
  reader.expectEnd();
  return marker;
}

/** As a record within a snapshot. */
export function writeTermMarker(writer: ByteWriter, marker: TermMarker): void {
  writer.u32(termEpoch(marker.term));
  writer.u32(termIncarnation(marker.term));
  writer.text(marker.processorAddress);
}

export function readTermMarker(reader: ByteReader): TermMarker {
  const epoch = reader.u32();
  if (!isEpoch(epoch)) reader.fail(`no term has epoch ${epoch}`, 4);
  return { term: makeTerm(epoch, reader.u32()), processorAddress: reader.text() };
}
