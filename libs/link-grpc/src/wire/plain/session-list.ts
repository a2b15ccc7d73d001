// Lists of sessions and of watches: protos/paddock/client/v1/znode.proto.
import type { ReadResult, SessionInfo, WatchedPath } from '@paddock/model';
import { countOf, frontendOf, sessionOf, stagePathOf } from '../fields.ts';
import { watchKinds } from '../words.ts';
import type { WireReader } from './wire-reader.ts';
import type { WireWriter } from './wire-writer.ts';

type List<Kind extends ReadResult['kind']> = Extract<ReadResult, { readonly kind: Kind }>;

export function writeSessionList(writer: WireWriter, field: number, list: List<'sessions'>): void {
  writer.open(field);
  for (const it of list.sessions) {
    writer.open(1);
    writer.count64(1, it.session);
    writer.uint32(2, it.timeoutMs);
    writer.count64(3, it.frontend);
    writer.count64(4, it.connection);
    writer.count64(5, it.writes);
    writer.uint32(6, it.outcomes);
    writer.uint32(7, it.ephemerals);
    writer.count64(8, it.ephemeralBytes);
    if (it.watches !== null) writer.presentUint32(9, it.watches);
    writer.bool(10, it.isLocal);
    writer.close();
  }
  writer.bool(2, list.more);
  writer.close();
}

/** Of a list that has been entered, up to its end. */
export function readSessionList(reader: WireReader): List<'sessions'> {
  const sessions: SessionInfo[] = [];
  while (reader.enter(1)) {
    sessions.push({
      session: sessionOf(reader.count64(1), 'session'),
      timeoutMs: reader.uint32(2),
      frontend: frontendOf(reader.count64(3), 'front-end'),
      connection: countOf(reader.count64(4), 'connection'),
      writes: countOf(reader.count64(5), 'writes'),
      outcomes: reader.uint32(6),
      ephemerals: reader.uint32(7),
      ephemeralBytes: countOf(reader.count64(8), 'ephemeral bytes'),
      watches: reader.optionalUint32(9) ?? null,
      isLocal: reader.bool(10),
    });
    reader.leave();
  }
  return { kind: 'sessions', sessions, more: reader.bool(2) };
}

/** Kinds are numbers below 128, so that each is one byte of the packed field. */
export function writeWatchList(writer: WireWriter, field: number, list: List<'watches'>): void {
  writer.open(field);
  for (const { path, kinds } of list.watches) {
    writer.open(1);
    writer.text(1, path);
    writer.bytes(
      2,
      Uint8Array.from(kinds, (it) => watchKinds.write(it)),
    );
    writer.close();
  }
  writer.bool(2, list.more);
  writer.close();
}

/** Of a list that has been entered, up to its end. */
export function readWatchList(reader: WireReader): List<'watches'> {
  const watches: WatchedPath[] = [];
  while (reader.enter(1)) {
    const path = stagePathOf(reader.text(1), 'watched path');
    watches.push({ path, kinds: Array.from(reader.bytes(2), (it) => watchKinds.read(it)) });
    reader.leave();
  }
  return { kind: 'watches', watches, more: reader.bool(2) };
}
