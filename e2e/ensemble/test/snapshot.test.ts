import {
  connect,
  decodeText,
  PaddockError,
  readSubtree,
  step,
  watchChanges,
} from '@paddock/client';
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

  it('and the watch from its zxid come to what there is, and say how far they are', async () => {
    const servers = ensemble.address;
    await client.create('/copied');
    const names = Array.from({ length: 50 }, (_, n) => `/copied/n${n}`);
    await Promise.all(names.map((it) => client.create(it, '0')));
    const writing = (async () => {
      for (let n = 1; n <= 40; n++) {
        const [a = '', b = ''] = [names[n], names[(7 * n) % 50]];
        const [value, upsert, recursive, parents] = [`${n}`, true, true, true] as const;
        await client.multi([step.set(a, value, { upsert }), step.set(b, value, { upsert })]);
        const below = step.create(`${b}/below${n}`, 'y', { parents });
        await client.multi([step.delete(a, { recursive }), below]);
      }
      return client.create('/copied/last', 'z');
    })();
    const copy = new Map<string, string>();
    const subtree = await readSubtree('/copied', { servers });
    for await (const { path, data } of subtree) copy.set(path, decodeText(data));
    const terms = { depth: Infinity, stat: true, data: true, progressMs: 200 };
    const changes = watchChanges('/copied', { servers, from: subtree.zxid, ...terms });
    let progress = 0;
    const { zxid: last } = await writing;
    for await (const change of changes) {
      if (change.kind === 'progress') {
        progress = change.zxid;
        if (progress >= last) break;
        continue;
      }
      expect(change.zxid).toBeGreaterThan(progress);
      if (change.kind === 'nodeDeleted') copy.delete(change.path);
      else if (change.data !== undefined) copy.set(change.path, decodeText(change.data));
    }
    const now = new Map<string, string>();
    for await (const { path, data } of await readSubtree('/copied', { servers, atLeast: last })) {
      now.set(path, decodeText(data));
    }
    expect([...copy].sort()).toEqual([...now].sort());
    expect(changes.resumeFrom).toBe(progress);
  });

  it('a watch tells of the kinds and levels that it asks for, and that it cannot begin', async () => {
    const servers = ensemble.address;
    const { zxid } = await client.create('/filtered');
    await client.create('/filtered/a');
    await client.create('/filtered/a/b');
    await client.set('/filtered/a', 'x');
    const end = await client.delete('/filtered/a/b');
    const seen: string[] = [];
    const kinds = ['nodeCreated', 'nodeDeleted'] as const;
    const asked = { servers, from: zxid, depth: 1, kinds, progressMs: 100 };
    for await (const change of watchChanges('/filtered', asked)) {
      if (change.kind !== 'progress') seen.push(`${change.kind} ${change.path}`);
      else if (change.zxid >= end.zxid) break;
    }
    expect(seen).toEqual(['nodeCreated /filtered/a']);
    const often = watchChanges('/filtered', { servers, progressMs: 1 });
    await expect(often.next()).rejects.toMatchObject({ code: 'badArguments' });
  });
});
