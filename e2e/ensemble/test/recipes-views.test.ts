import { decodeText } from '@paddock/client';
import type { Client, StandardSchema } from '@paddock/client';
import { cache, config, discovery, group, partition } from '@paddock/recipes';
import type { GroupChange, TreeCache } from '@paddock/recipes';
import { describe, expect, it } from 'vitest';
import { EnsembleUnderTest } from '../src/ensemble-under-test.ts';
import { eventually } from '../src/eventually.ts';

const TREE = '/views/tree';
const PARTS = ['a', 'b', 'c', 'd'];
const SESSION = { sessionTimeoutMs: 10_000 };

const COUNT: StandardSchema<unknown, { count: number }> = {
  '~standard': {
    version: 1,
    vendor: 'e2e',
    validate: (value) =>
      typeof value === 'object' &&
      value !== null &&
      'count' in value &&
      typeof value.count === 'number'
        ? { value: { count: value.count } }
        : { issues: [{ message: 'must be a number', path: ['count'] }] },
  },
};

function shownBy(view: TreeCache): string {
  const shown = [...view.entries()].map(([path, { data, stat }]) => {
    const { czxid, mzxid, pzxid } = stat;
    return `${path} ${decodeText(data)} ${czxid} ${mzxid} ${pzxid}`;
  });
  return shown.sort().join('\n');
}

/** Changes the tree until it is told to stop; each write is made once, whatever happens to the replicas. */
async function write(client: Client, stop: AbortSignal): Promise<number> {
  let writes = 0;
  for (; !stop.aborted; writes++) {
    const path = `${TREE}/${writes % 5}`;
    if ((await client.exists(path)).stat === null) await client.create(path, String(writes));
    else if (writes % 3 === 0) await client.delete(path);
    else await client.set(path, String(writes));
  }
  return writes;
}

describe('views of the tree, while the leader is killed and a follower stands still', () => {
  const shared = EnsembleUnderTest.shared({ voters: 3, split: false });

  it('show the same at every replica in the end, and no part has two owners', async () => {
    const ensemble = shared();
    const leader = await ensemble.leader();
    const [stopped] = ensemble.others(leader);
    if (stopped === undefined) throw new Error('there is no follower');
    const writer = await ensemble.connect(undefined, SESSION);
    await writer.create('/views');
    await writer.create(TREE);
    const clients = await Promise.all(
      ensemble.replicas.map((it) => ensemble.connect([it, ...ensemble.others(it)], SESSION)),
    );
    const caches = clients.map((client) => cache(client, TREE));
    const cells = clients.map((client) => config(client, '/views/config', COUNT));
    await Promise.all(caches.map(({ ready }) => ready));
    await cells[0]?.set({ count: 0 });
    const changes: GroupChange[] = [];
    void (async (): Promise<void> => {
      for await (const change of group(writer, '/views/group').watch()) changes.push(change);
    })().catch(() => undefined);
    const held = await Promise.all(
      clients.map((client, i) => group(client, '/views/group').join('', { id: String(i) })),
    );
    const offered = discovery(writer, '/views/services');
    await offered.register({ name: 'billing', id: 'one', address: '127.0.0.1', port: 80 });
    const pool = discovery(clients[0] ?? writer, '/views/services').resolve('billing');
    const working = new Set<string>();
    const overlaps: string[] = [];
    const partitioners = clients.map((client, i) =>
      partition(client, '/views/parts', {
        parts: PARTS,
        id: String(i),
        work: async (part, _held, leave) => {
          if (working.has(part)) overlaps.push(part);
          working.add(part);
          await new Promise<void>((resolve) => {
            leave.addEventListener('abort', () => resolve());
          });
          working.delete(part);
        },
      }),
    );

    const stop = new AbortController();
    const writing = write(writer, stop.signal);
    stopped.signal('SIGSTOP');
    await eventually('the others go on', async () => {
      await writer.set('/views', 'while it stands');
    });
    stopped.signal('SIGCONT');
    await leader.end('SIGKILL');
    await cells[1]?.set({ count: 1 });
    await leader.start();
    await ensemble.untilServing();
    stop.abort();
    expect(await writing).toBeGreaterThan(10);

    await Promise.all(caches.map((it) => it.synced()));
    expect(new Set(caches.map(shownBy)).size).toBe(1);
    await Promise.all(cells.map((it) => it.synced()));
    expect(cells.map(({ current }) => current)).toEqual(clients.map(() => ({ count: 1 })));
    await eventually('everybody sees everybody', () => {
      expect(
        changes
          .at(-1)
          ?.all.map(({ id }) => id)
          .sort(),
      ).toEqual(['0', '1', '2']);
    });
    expect(held.map(({ isHeld }) => isHeld)).toEqual([true, true, true]);
    await pool.synced();
    expect(pool.pick()?.id).toBe('one');
    await eventually('each part has an owner', () => {
      const owned = partitioners.flatMap((it) => it.owned);
      expect(owned.sort()).toEqual(PARTS);
    });
    expect(overlaps).toEqual([]);
    await Promise.all(partitioners.map((it) => it.close()));
    expect(working.size).toBe(0);
    const [first, second] = caches;
    if (first === undefined || second === undefined) throw new Error('there are no caches');
    await writer.create(`${TREE}/last`, 'one');
    await Promise.all([first.synced(), second.synced()]);
    expect(shownBy(first)).toBe(shownBy(second));
    expect(first.get(`${TREE}/last`)).toBeDefined();
  }, 240_000);
});
