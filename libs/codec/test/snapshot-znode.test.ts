import { makeSessionId, makeZxid } from '@paddock/model';
import { describe, expect, it } from 'vitest';
import { ByteReader } from '../src/byte-reader.ts';
import { ByteWriter } from '../src/byte-writer.ts';
import { readZnodeImage, writeZnodeImage } from '../src/snapshot-znode.ts';

describe('the image of a znode', () => {
  it('comes back as it was', () => {
    const image = {
      row: 2 ** 27,
      parent: 1,
      name: new TextEncoder().encode('größe'),
      data: new Uint8Array(300).fill(9),
      czxid: makeZxid(1, 1),
      mzxid: makeZxid(2 ** 21 - 1, 2 ** 32 - 1),
      pzxid: makeZxid(0, 7),
      ctime: 1_700_000_000_000,
      mtime: 0,
      kind: 'ephemeral' as const,
      ephemeralOwner: makeSessionId(2 ** 53 - 1),
      ttlMs: 2 ** 40 - 1,
      version: 2 ** 31 - 1,
      cversion: 0,
      creates: 12,
      access: { acl: [{ permissions: 31, scheme: 'digest', id: 'ada:hash' }], version: 3 },
      azxid: makeZxid(2, 9),
    };
    const writer = new ByteWriter();
    writeZnodeImage(writer, image);
    const reader = new ByteReader(writer.take());
    expect(readZnodeImage(reader)).toEqual(image);
    reader.expectEnd();
  });
});
