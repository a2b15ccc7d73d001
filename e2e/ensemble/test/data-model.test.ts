import { connect, decodeText, PaddockError, read, step, WatchStream, when } from '@paddock/client';
import type { Client, SessionId, SessionInfo } from '@paddock/client';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { Ensemble, TOPOLOGIES } from '../src/ensemble.ts';

async function refusal(request: Promise<unknown>): Promise<string> {
  const error: unknown = await request.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(PaddockError);
  return error instanceof PaddockError ? error.code : '';
}

describe.each(TOPOLOGIES)('the data model, %s', (topology) => {
  let ensemble: Ensemble;
  let client: Client;

  beforeAll(async () => {
    ensemble = await Ensemble.start({ topology });
    client = await connect({ servers: ensemble.address });
  });

  afterAll(async () => {
    await client.close();
    expect(await ensemble.stop()).toBe(0);
  });

  it('creates, reads, changes and deletes a znode, with exact stats', async () => {
    const created = await client.create('/znode', 'first');
    expect(created.stat).toMatchObject({ version: 0, cversion: 0, dataLength: 5, numChildren: 0 });
    expect(created.stat.czxid).toBe(created.zxid);
    const changed = await client.set('/znode', 'second', { version: 0 });
    expect(changed.stat).toMatchObject({
      czxid: created.zxid,
      mzxid: changed.zxid,
      version: 1,
      dataLength: 6,
    });
    const read = await client.get('/znode');
    expect(decodeText(read.data)).toBe('second');
    expect(read.stat).toEqual(changed.stat);
    await client.delete('/znode', { version: 1 });
    expect((await client.exists('/znode')).stat).toBeNull();
  });

  it('refuses what the state does not allow, by code', async () => {
    await client.create('/refusals');
    await client.create('/refusals/child');
    expect(await refusal(client.create('/refusals'))).toBe('nodeExists');
    expect(await refusal(client.create('/nowhere/child'))).toBe('noNode');
    expect(await refusal(client.get('/nowhere'))).toBe('noNode');
    expect(await refusal(client.set('/refusals', '', { version: 7 }))).toBe('badVersion');
    expect(await refusal(client.delete('/refusals'))).toBe('notEmpty');
    expect(await refusal(client.delete('/'))).toBe('badArguments');
    await client.create('/refusals/ephemeral', '', { mode: 'ephemeral' });
    expect(await refusal(client.create('/refusals/ephemeral/child'))).toBe(
      'noChildrenForEphemerals',
    );
  });

  it('counts what is below a znode, and the bytes of its subtree', async () => {
    const { zxid } = await client
      .multi([step.create('/counted', 'ab'), step.create('/counted/x/y', 'cde', { parents: true })])
      .then(() => client.create('/counted/z', 'f'));
    const before = await client.count('/counted', { atLeast: zxid });
    expect(before).toMatchObject({ descendants: 3, subtreeBytes: 6, stat: { numChildren: 2 } });
    await client.set('/counted/x/y', 'cdefg');
    await client.delete('/counted/z');
    const after = await client.count('/counted', { consistency: { kind: 'linearizable' } });
    expect(after).toMatchObject({ descendants: 2, subtreeBytes: 7 });
    expect((await client.count('/')).descendants).toBeGreaterThan(after.descendants);
    expect(await refusal(client.count('/nowhere'))).toBe('noNode');
  });

  it('lists many children by pages, in order, and tells a watch that a page has set', async () => {
    await client.create('/pages');
    const names = Array.from({ length: 300 }, (_, i) => `${(i * 7) % 300}-größe`);
    await Promise.all(names.map((name) => client.create(`/pages/${name}`)));
    names.sort();
    const watch = new WatchStream();
    const first = await client.list('/pages', { limit: 100, watch });
    expect(first).toMatchObject({ children: names.slice(0, 100), more: true });
    expect(first.stat.numChildren).toBe(300);
    const after = names[249] ?? '';
    const last = await client.list('/pages', { after, limit: 50 });
    expect(last).toMatchObject({ children: names.slice(250), more: false });
    const seen: string[] = [];
    for await (const name of client.children('/pages', { limit: 70 })) seen.push(name);
    expect(seen).toEqual(names);
    expect((await client.list('/pages')).children).toEqual(names);
    await client.delete(`/pages/${after}`);
    expect((await watch.next()).value).toMatchObject({ kind: 'nodeChildrenChanged' });
    expect(await refusal(client.list('/pages', { after: 'a/b' }))).toBe('badArguments');
  });

  it('names sequential znodes in the order of their creation', async () => {
    await client.create('/queue');
    const names = await Promise.all(
      Array.from({ length: 5 }, () =>
        client.create('/queue/item-', '', { mode: 'persistentSequential' }),
      ),
    );
    expect(names.map(({ path }) => path)).toEqual(
      [0, 1, 2, 3, 4].map((n) => `/queue/item-000000000${n}`),
    );
    expect(names.map(({ counter }) => counter)).toEqual([0, 1, 2, 3, 4]);
    const sequential = step.create('/queue/item-', '', { mode: 'persistentSequential' });
    const [inMulti] = await client.multi([sequential]);
    expect(inMulti).toMatchObject({ path: '/queue/item-0000000005', counter: 5 });
    expect(await client.create('/queue-of-none')).not.toHaveProperty('counter');
    const { children, stat } = await client.list('/queue');
    expect(children).toHaveLength(6);
    expect(stat).toMatchObject({ numChildren: 6, cversion: 6 });
  });

  it('deletes by itself a container without children, and a znode after its TTL', async () => {
    const container = await client.create('/container', '', { mode: 'container' });
    expect(container.stat).toMatchObject({ kind: 'container', ephemeralOwner: 0 });
    await client.create('/container/child');
    const transient = await client.create('/transient', '', { ttlMs: 1 });
    expect(transient.stat).toMatchObject({ kind: 'ttl', ttlMs: 1 });
    await client.delete('/container/child');
    const areGone = async (): Promise<boolean> => {
      const found = await Promise.all(['/container', '/transient'].map((it) => client.exists(it)));
      return found.every(({ stat }) => stat === null);
    };
    await vi.waitUntil(areGone, { timeout: 60_000, interval: 50 });
  });

  it('does several things together or none, and says which was refused', async () => {
    const made = await client.multi([
      step.create('/multi/a/b', 'x', { parents: true }),
      step.set('/multi/a/b', 'y', { version: 0 }),
      step.get('/multi/a/b'),
      step.list('/multi/a'),
    ]);
    expect(made).toMatchObject([
      { kind: 'created', path: '/multi/a/b' },
      { kind: 'dataSet', stat: { version: 1 } },
      { kind: 'data', stat: { version: 1 } },
      { kind: 'children', children: ['b'] },
    ]);
    const refused = client.multi([
      step.create('/multi/c'),
      step.check('/multi/a/b', { version: 7 }),
    ]);
    await expect(refused).rejects.toMatchObject({
      code: 'badVersion',
      step: 1,
      path: '/multi/a/b',
    });
    expect((await client.exists('/multi/c')).stat).toBeNull();
    await client.multi([step.delete('/multi', { recursive: true })]);
    expect((await client.exists('/multi')).stat).toBeNull();
  });

  it('does several reads at one zxid, each of which fails by itself', async () => {
    const { zxid } = await client.create('/batch', 'x');
    await client.create('/batch/child', 'yz');
    const reads = [
      read.get('/batch'),
      read.exists('/batch/absent'),
      read.list('/batch'),
      read.count('/batch'),
    ];
    const { results, zxid: shown } = await client.readMany(reads, { atLeast: zxid });
    expect(shown).toBeGreaterThan(zxid);
    expect(results).toMatchObject([
      { kind: 'data', stat: { numChildren: 1 } },
      { kind: 'failed', error: { code: 'noNode', path: '/batch/absent' } },
      { kind: 'children', children: ['child'] },
      { kind: 'descendants', descendants: 1, subtreeBytes: 3 },
    ]);
    await expect(client.readMany([])).rejects.toMatchObject({ code: 'badArguments' });
    await expect(
      client.readMany(Array.from({ length: 1001 }, () => read.exists('/batch'))),
    ).rejects.toMatchObject({ code: 'tooLarge' });
  });

  it('compares, and does one thing or the other', async () => {
    const claim = {
      when: [when.absent('/claim'), when.childCount('/', '>', 0)],
      then: [step.create('/claim', 'mine')],
      otherwise: [step.get('/claim')],
    };
    expect(await client.transaction(claim)).toMatchObject({ succeeded: true });
    const second = await client.transaction(claim);
    expect(second).toMatchObject({ succeeded: false, results: [{ kind: 'data' }] });
    const swap = { when: [when.data('/claim', '=', 'mine')], then: [step.set('/claim', 'yours')] };
    expect(await client.transaction(swap)).toMatchObject({ succeeded: true });
    expect(await client.transaction(swap)).toMatchObject({ succeeded: false, results: [] });
  });

  it('refuses a write whose lock has passed to another', async () => {
    const first = await client.create('/lock', '', { mode: 'ephemeral' });
    const guard = { path: '/lock', czxid: first.stat.czxid };
    await client.transaction({ guard, then: [step.set('/guarded', '1', { upsert: true })] });
    await client.delete('/lock');
    await client.create('/lock', '', { mode: 'ephemeral' });
    const late = client.transaction({ guard, then: [step.set('/guarded', '2')] });
    await expect(late).rejects.toMatchObject({ code: 'guardFailed', path: '/lock' });
    expect(decodeText((await client.get('/guarded')).data)).toBe('1');
  });

  it('tells of all below a znode, in order, until the watch is closed', async () => {
    await client.create('/below');
    const watcher = await client.watch('/below', { recursive: true });
    expect(watcher.stat).toMatchObject({ version: 0 });
    await client.multi([
      step.create('/below/a/b', '', { parents: true }),
      step.set('/below/a/b', 'x'),
      step.delete('/below/a', { recursive: true }),
    ]);
    await client.set('/below', 'last');
    const told: string[] = [];
    for await (const { kind, path } of watcher) {
      told.push(`${kind} ${path}`);
      if (path === '/below') break;
    }
    expect(told).toEqual([
      'nodeCreated /below/a',
      'nodeCreated /below/a/b',
      'nodeDataChanged /below/a/b',
      'nodeDeleted /below/a/b',
      'nodeDeleted /below/a',
      'nodeDataChanged /below',
    ]);
    const absent = await client.watch('/not-there');
    expect(absent.stat).toBeNull();
    await client.create('/not-there');
    expect((await absent.next()).value).toMatchObject({ kind: 'nodeCreated' });
    absent.close();
    expect(await absent.next()).toEqual({ done: true, value: undefined });
  });

  it('removes ephemerals with their session', async () => {
    const other = await connect({ servers: ensemble.address });
    await client.create('/members');
    await other.create('/members/other', '', { mode: 'ephemeral' });
    expect((await client.get('/members/other')).stat.ephemeralOwner).toBe(other.session);
    await other.close();
    await client.sync();
    expect((await client.list('/members')).children).toEqual([]);
  });

  it('lists the ephemerals of a session, its own or another one', async () => {
    const other = await connect({ servers: ensemble.address });
    await client.create('/owned');
    const names = ['/owned/b', '/owned/a', '/owned/ab', '/owned-too'];
    await Promise.all(names.map((it) => other.create(it, '', { mode: 'ephemeral' })));
    expect((await other.ephemerals()).paths).toEqual([...names].sort());
    expect((await other.ephemerals('/owned/a')).paths).toEqual(['/owned/a', '/owned/ab']);
    expect((await client.ephemerals('/owned')).paths).toEqual([]);
    const { session } = other;
    if (session === null) throw new TypeError('the session is open');
    const named = { session, consistency: { kind: 'linearizable' } } as const;
    expect(await refusal(client.ephemerals('/owned/', named))).toBe('badArguments');
    expect((await client.ephemerals('/owned', named)).paths).toHaveLength(4);
    await other.close();
    expect((await client.ephemerals('/owned', named)).paths).toEqual([]);
  });

  it('lists the sessions with what they own, and a session its watches', async () => {
    const other = await connect({ servers: ensemble.address });
    await client.create('/seen');
    await other.create('/seen/a', '', { mode: 'ephemeral' });
    await client.list('/seen', { watch: () => undefined });
    await client.exists('/unseen', { watch: () => undefined });
    const consistency = { kind: 'linearizable' } as const;
    const all: SessionInfo[] = [];
    let after: SessionId | undefined;
    for (let more = true; more;) {
      const page = await client.sessions({
        limit: 1,
        consistency,
        ...(after === undefined ? {} : { after }),
      });
      all.push(...page.sessions);
      after = page.sessions.at(-1)?.session;
      ({ more } = page);
    }
    const own = all.find((it) => it.session === client.session);
    expect(own).toMatchObject({ timeoutMs: client.sessionTimeoutMs });
    expect(own?.watches).toBeGreaterThanOrEqual(2);
    expect(all.find((it) => it.session === other.session)).toMatchObject({
      ephemerals: 1,
      writes: 1,
    });
    expect((await client.watches('/seen')).watches).toEqual([
      { path: '/seen', kinds: ['children'] },
    ]);
    expect((await client.watches('/uns')).watches).toEqual([{ path: '/unseen', kinds: ['data'] }]);
    await other.close();
    expect((await client.watches('/seen')).watches).toEqual([]);
    const left = await client.sessions({ consistency });
    expect(left.sessions.some((it) => it.session === other.session)).toBe(false);
  });

  it('answers pipelined requests in order, each read seeing the writes before it and none behind it', async () => {
    await client.create('/pipeline', '0');
    const reads: Promise<{ data: Uint8Array }>[] = [];
    for (let n = 1; n <= 300; n++) {
      void client.set('/pipeline', String(n));
      reads.push(client.get('/pipeline'));
    }
    const seen = (await Promise.all(reads)).map(({ data }) => Number(decodeText(data)));
    expect(seen).toEqual(Array.from({ length: 300 }, (_, index) => index + 1));
  });

  it('tells a watch before any read that shows the change', async () => {
    await client.create('/watched', 'before');
    const story: string[] = [];
    const fired = new Promise<void>((resolve) => {
      void client.get('/watched', {
        watch: (event) => {
          story.push(`event ${event.kind}`);
          resolve();
        },
      });
    });
    const other = await connect({ servers: ensemble.address });
    await other.set('/watched', 'after');
    while (decodeText((await client.get('/watched')).data) !== 'after') story.push('read before');
    story.push('read after');
    await fired;
    expect(story.filter((line) => line !== 'read before')).toEqual([
      'event nodeDataChanged',
      'read after',
    ]);
    await other.close();
  });

  it('fires watches on creation, deletion and children, each once', async () => {
    await client.create('/parent');
    const watch = new WatchStream();
    await client.exists('/parent/child', { watch });
    await client.list('/parent', { watch });
    await client.create('/parent/child');
    await client.get('/parent/child', { watch });
    await client.delete('/parent/child');
    const events = [];
    for (let n = 0; n < 3; n++) events.push((await watch.next()).value);
    const told = events.map((event) => `${event?.kind ?? ''} ${event?.path ?? ''}`);
    expect(told.slice(0, 2).sort()).toEqual([
      'nodeChildrenChanged /parent',
      'nodeCreated /parent/child',
    ]);
    expect(told[2]).toBe('nodeDeleted /parent/child');
  });

  it('makes other sessions see a write by sync', async () => {
    const other = await connect({ servers: ensemble.address });
    const { zxid } = await client.create('/synced');
    const barrier = await other.sync();
    expect(barrier.zxid).toBeGreaterThanOrEqual(zxid);
    expect((await other.exists('/synced')).stat?.czxid).toBe(zxid);
    await other.close();
  });

  it('reads at least what atLeast names, across sessions', async () => {
    const other = await connect({ servers: ensemble.address });
    const { zxid } = await client.create('/at-least');
    expect((await other.exists('/at-least', { atLeast: zxid })).stat).not.toBeNull();
    await other.close();
  });

  it('carries data of every size up to the limit, and refuses more without harm', async () => {
    for (const size of [0, 1, 4096, 100_000, 1024 * 1024]) {
      const data = new Uint8Array(size).fill(size % 251);
      const path = `/size-${size}`;
      await client.create(path, data);
      expect(Buffer.compare((await client.get(path)).data, data)).toBe(0);
    }
    expect(await refusal(client.create('/too-large', new Uint8Array(1024 * 1024 + 1)))).toBe(
      'tooLarge',
    );
    expect((await client.exists('/too-large')).stat).toBeNull();
  });
});
