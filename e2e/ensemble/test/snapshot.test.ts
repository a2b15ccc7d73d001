import { connect, decodeText, PaddockError, readSubtree, step } from '@paddock/client';
import type { Client, SubtreeZnode } from '@paddock/client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Ensemble, TOPOLOGIES } from '../src/ensemble.ts';

const ZNODES = 600;
const PAIR = ['/many/first', '/many/last'];

describe.each(TOPOLOGIES)('a subtree as of one zxid, %s', (topology) => {
  let ensemble: Ensemble;
  let client: Client;

  beforeAll(async () => {
    ensemble = await Ensemble.start({ topology });
    client = await connect({ servers: ensemble.address });
    await client.create('/many');
    await client.create('/manynot');
    const names = Array.from({ length: ZNODES }, (_, n) => `/many/n${n}`);
    await Promise.all(names.map((it) => client.create(it, 'x'.repeat(2000))));
    await client.multi(PAIR.map((it) => step.create(it, '0')));
  });

  afterAll(async () => {
    await client.close();
    expect(await ensemble.stop()).toBe(0);
  });

  it('shows what was written together either whole or not at all, while writes go on', async () => {
    const servers = ensemble.address;
    const stop = new AbortController();
    const writing = (async () => {
      for (let n = 1; !stop.signal.aborted; n++) {
        await client.multi(PAIR.map((it) => step.set(it, String(n))));
        await client.create(`/many/new${n}`);
        await client.delete(`/many/n${n % ZNODES}`).catch(() => undefined);
      }
    })();
    for (let round = 0; round < 5; round++) {
      const subtree = await readSubtree('/many', { servers });
      const znodes: SubtreeZnode[] = [];
      for await (const znode of subtree) znodes.push(znode);
      const paths = new Set(znodes.map(({ path }) => path));
      expect(paths.size).toBe(znodes.length);
      expect([...paths].every((it) => it === '/many' || it.startsWith('/many/'))).toBe(true);
      const top = znodes.find(({ path }) => path === '/many');
      expect(top?.stat.numChildren).toBe(znodes.length - 1);
      const [first, last] = PAIR.map((it) => znodes.find(({ path }) => path === it));
      expect(first?.stat).toMatchObject({ mzxid: last?.stat.mzxid });
      expect(first && decodeText(first.data)).toBe(last && decodeText(last.data));
      expect(znodes.every(({ stat }) => stat.mzxid <= subtree.zxid)).toBe(true);
    }
    stop.abort();
    await writing;
  });

  it('may be left before its end, and is refused for what is not there', async () => {
    const servers = ensemble.address;
    for (let round = 0; round < 20; round++) {
      for await (const { path } of await readSubtree('/many', { servers })) {
        expect(path.startsWith('/many')).toBe(true);
        break;
      }
    }
    const absent = readSubtree('/absent', { servers });
    await expect(absent).rejects.toMatchObject({ code: 'noNode', path: '/absent' });
    await expect(absent).rejects.toBeInstanceOf(PaddockError);
    const { zxid } = await client.create('/later');
    const later = await readSubtree('/later', { servers, atLeast: zxid });
    expect(later.zxid).toBeGreaterThanOrEqual(zxid);
  });
});
