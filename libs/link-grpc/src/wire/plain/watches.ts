// Watches and their events, protos/paddock/client/v1/znode.proto: alike for clients and between stages.
import type { WatchEvent, WatchRegistration } from '@paddock/model';
import { stagePathOf } from '../fields.ts';
import { eventKinds, watchKinds } from '../words.ts';
import { readZxid, writeZxid } from './stage-values.ts';
import type { WireReader } from './wire-reader.ts';
import type { WireWriter } from './wire-writer.ts';

export function writeEvent(writer: WireWriter, field: number, event: WatchEvent): void {
  writer.open(field);
  writer.uint32(1, eventKinds.write(event.kind));
  writer.text(2, event.path);
  writeZxid(writer, 3, event.zxid);
  writer.close();
}

/** The fields of a WatchEvent that has been entered. */
export function readEvent(reader: WireReader): WatchEvent {
  const kind = eventKinds.read(reader.uint32(1));
  const path = stagePathOf(reader.text(2), 'event path');
  const zxid = readZxid(reader, 3, 'event zxid');
  reader.leave();
  return { kind, path, zxid };
}

export function writeWatch(writer: WireWriter, field: number, watch: WatchRegistration): void {
  writer.open(field);
  writer.text(1, watch.path);
  writer.uint32(2, watchKinds.write(watch.kind));
  writeZxid(writer, 3, watch.from);
  writer.close();
}
