// A page of a subtree, without objects for what is written.
import type { ReadResult, SubtreeZnode } from '@paddock/model';
import { countOf, stagePathOf } from '../fields.ts';
import { readStat, readZxid, writeStat, writeZxid } from './stage-values.ts';
import type { WireReader } from './wire-reader.ts';
import type { WireWriter } from './wire-writer.ts';

type Subtree = Extract<ReadResult, { readonly kind: 'subtree' }>;

export function writeSubtree(writer: WireWriter, field: number, page: Subtree): void {
  writer.open(field);
  writer.double(1, page.snapshot);
  writeZxid(writer, 2, page.zxid);
  for (const { path, data, stat } of page.znodes) {
    writer.open(4);
    writer.text(1, path);
    writer.bytes(2, data);
    writeStat(writer, 3, stat);
    writer.close();
  }
  writer.bool(5, page.more);
  writer.close();
}

/** The fields of a Subtree that has been entered. */
export function readSubtree(reader: WireReader): Subtree {
  const snapshot = countOf(reader.double(1), 'subtree snapshot');
  const zxid = readZxid(reader, 2, 'subtree zxid');
  const znodes: SubtreeZnode[] = [];
  while (reader.enter(4)) {
    const path = stagePathOf(reader.text(1), 'subtree path');
    const data = reader.bytes(2);
    reader.enterPresent(3);
    znodes.push({ path, data, stat: readStat(reader) });
    reader.leave();
  }
  const more = reader.bool(5);
  reader.leave();
  return { kind: 'subtree', snapshot, zxid, znodes, more };
}
