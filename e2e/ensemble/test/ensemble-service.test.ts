import { decodeText, WatchStream } from '@paddock/client';
import { describe, expect, it } from 'vitest';
import { EnsembleUnderTest } from '../src/ensemble-under-test.ts';

const ENSEMBLES = [
  { voters: 3, observers: 1 },
  { voters: 5, observers: 0 },
];

describe.each(ENSEMBLES)('$voters voters and $observers observers', ({ voters, observers }) => {
  const shared = EnsembleUnderTest.shared({ voters, observers });

  it('elect one leader, and each shows what was written at any', async () => {
    const ensemble = shared();
    const clients = await Promise.all(ensemble.replicas.map((it) => ensemble.connect([it])));
    for (const [index, writer] of clients.entries()) {
      const path = `/by-${index}`;
      const { zxid } = await writer.create(path, `from ${index}`);
      for (const reader of clients) {
        const read = await reader.get(path, { atLeast: zxid });
        expect(decodeText(read.data)).toBe(`from ${index}`);
      }
      const now = await writer.set(path, 'linearizable');
      for (const reader of clients) {
        const read = await reader.get(path, { consistency: { kind: 'linearizable' } });
        expect(decodeText(read.data)).toBe('linearizable');
        expect(read.zxid).toBeGreaterThanOrEqual(now.zxid);
      }
    }
    const { broadcaster } = await ensemble.statusOf(await ensemble.leader());
    const members = broadcaster.configuration?.members ?? [];
    expect(members.filter(({ role }) => role === 'voter')).toHaveLength(voters);
    await ensemble.untilEqual();
  }, 180_000);

  it('tell watches at one replica of changes at another, before any read that shows them', async () => {
    const ensemble = shared();
    const clients = await Promise.all(ensemble.replicas.map((it) => ensemble.connect([it])));
    const [writer] = clients;
    const watches = await Promise.all(
      clients.map(async (client) => {
        const watch = new WatchStream();
        await client.exists('/signal', { watch });
        return watch;
      }),
    );
    const told: string[] = [];
    const written = await writer?.create('/signal', 'given');
    await Promise.all(
      clients.map(async (client, index) => {
        const event = watches[index]?.next().then(({ value }) => {
          told.push(`event ${index}`);
          return value;
        });
        await client.get('/signal', written === undefined ? {} : { atLeast: written.zxid });
        told.push(`read ${index}`);
        expect(await event).toMatchObject({ kind: 'nodeCreated', zxid: written?.zxid });
        expect(told.indexOf(`event ${index}`)).toBeLessThan(told.indexOf(`read ${index}`));
      }),
    );
  }, 180_000);

  it('show the ephemeral of a session everywhere, until it ends', async () => {
    const ensemble = shared();
    const [holder, other] = await ensemble.clients(2);
    await holder?.create('/held', '', { mode: 'ephemeral' });
    await other?.sync();
    expect((await other?.exists('/held'))?.stat?.ephemeralOwner).toBe(holder?.session);
    await holder?.close();
    await other?.sync();
    expect((await other?.exists('/held'))?.stat).toBeNull();
  }, 60_000);
});
