import { barrier, counter, doubleBarrier } from '@paddock/recipes';
import type { Membership } from '@paddock/recipes';
import { describe, expect, it } from 'vitest';
import type { Application } from '../../src/recipes/application.ts';
import { failure } from './failure.ts';
import { QuietEnsemble } from './quiet-ensemble.ts';

describe('a counter', () => {
  it('has the sum of what all have added at the same time', async () => {
    const ensemble = await QuietEnsemble.start();
    const adding = ensemble.applications(8).map(async ({ client }) => {
      const hits = counter(client, '/hits');
      for (let i = 0; i < 10; i++) await hits.add(3n);
    });
    await ensemble.until(Promise.all(adding));
    const { value } = await ensemble.until(counter(ensemble.application().client, '/hits').get());
    expect(value).toBe(240n);
  });

  it('is eight bytes, the highest first, with a sign', async () => {
    const ensemble = await QuietEnsemble.start();
    const { client } = ensemble.application();
    const hits = counter(client, '/hits', { initial: 1n });
    expect((await ensemble.until(hits.get())).value).toBe(1n);
    expect(await ensemble.until(hits.add(-259n))).toMatchObject({ before: 1n, value: -258n });
    const { data } = await ensemble.until(client.get('/hits'));
    expect([...data]).toEqual([255, 255, 255, 255, 255, 255, 254, 254]);
    const ofOthers = counter(client, '/other');
    await ensemble.until(client.create('/other', '12'));
    await expect(ensemble.until(ofOthers.get())).rejects.toThrow('/other is no counter');
  });

  it('is set where it is what was expected, and left as it is where not', async () => {
    const ensemble = await QuietEnsemble.start();
    const { client } = ensemble.application();
    const hits = counter(client, '/hits');
    expect(await ensemble.until(hits.compareAndSet(5n, 6n))).toBe(false);
    expect(await ensemble.until(hits.compareAndSet(0n, 6n))).toBe(true);
    expect(await ensemble.until(hits.compareAndSet(0n, 7n))).toBe(false);
    expect((await ensemble.until(hits.get())).value).toBe(6n);
  });

  it('does not exceed 64 bits', async () => {
    const ensemble = await QuietEnsemble.start();
    const hits = counter(ensemble.application().client, '/hits', { initial: 2n ** 63n - 2n });
    await ensemble.until(hits.add(1n));
    await expect(ensemble.until(hits.add(1n))).rejects.toThrow(RangeError);
  });
});

describe('a barrier', () => {
  it('is passed by nobody while it is set, and by all who have waited when it is removed', async () => {
    const ensemble = await QuietEnsemble.start(3);
    const [owner, ...others] = ensemble.applications(11);
    if (owner === undefined) throw new Error();
    const gate = barrier(owner.client, '/gates/1');
    await ensemble.until(gate.set());
    await ensemble.until(gate.set());
    let through = 0;
    const waiting = others.map(({ client }) =>
      barrier(client, '/gates/1')
        .wait()
        .then(() => through++),
    );
    await ensemble.pass(2000);
    expect(through).toBe(0);
    await ensemble.until(gate.remove());
    await ensemble.until(Promise.all(waiting));
    await ensemble.until(gate.wait());
    await ensemble.until(gate.remove());
  });

  it('is waited for as long as was said', async () => {
    const ensemble = await QuietEnsemble.start();
    const gate = barrier(ensemble.application().client, '/gates/1');
    await ensemble.until(gate.set());
    const attempt = failure(gate.wait({ timeoutMs: 500 }));
    expect(await ensemble.until(attempt)).toBe('operationTimeout');
  });
});

describe('a double barrier', () => {
  const PATH = '/rounds';
  const size = 3;

  it('lets nobody begin before all have come, and nobody go on before all have left', async () => {
    const ensemble = await QuietEnsemble.start();
    const [a, b, c] = ensemble.applications(3);
    if (a === undefined || b === undefined || c === undefined) throw new Error();
    for (let round = 0; round < 3; round++) {
      const early = [a, b].map(({ client }) => doubleBarrier(client, PATH, { size }).enter());
      let begun = 0;
      for (const it of early) void it.then(() => begun++);
      await ensemble.pass(1000);
      expect(begun).toBe(0);
      const last = await ensemble.until(doubleBarrier(c.client, PATH, { size }).enter());
      const [first, second] = await ensemble.until(Promise.all(early));
      let ended = 0;
      const leaving = [first, second].map(async (it) => {
        await it?.leave();
        ended++;
      });
      await ensemble.pass(1000);
      expect(ended).toBe(0);
      await ensemble.until(last.leave());
      await ensemble.until(Promise.all(leaving));
      // Nothing is left that lets somebody of the next round in.
      expect((await ensemble.until(a.client.exists(`${PATH}/ready`))).stat).toBe(null);
    }
  });

  it('does not count those who have died, and does not wait for them', async () => {
    const ensemble = await QuietEnsemble.start();
    const [a, b, c, d] = ensemble.applications(4);
    if (a === undefined || b === undefined || c === undefined || d === undefined) throw new Error();
    void failure(doubleBarrier(d.client, PATH, { size }).enter());
    await ensemble.pass(500);
    d.vanish();
    await ensemble.pass(20_000);
    const early = [a, b].map(({ client }) => doubleBarrier(client, PATH, { size }).enter());
    let begun = 0;
    for (const it of early) void it.then(() => begun++);
    await ensemble.pass(1000);
    expect(begun).toBe(0);
    await ensemble.until(doubleBarrier(c.client, PATH, { size }).enter());
    const [first, second] = await ensemble.until(Promise.all(early));
    c.vanish();
    await ensemble.until(Promise.all([first?.leave(), second?.leave()]));
  });

  it('tells who has lost its membership that it has', async () => {
    const ensemble = await QuietEnsemble.start();
    const [a, b] = ensemble.applications(2);
    if (a === undefined || b === undefined) throw new Error();
    const barriers = [a, b].map(({ client }) => doubleBarrier(client, PATH, { size: 2 }));
    const entering = Promise.all(barriers.map((it) => it.enter()));
    const [first, second] = await ensemble.until(entering);
    if (first === undefined || second === undefined) throw new Error();
    await ensemble.until(b.client.delete(first.path));
    expect(await ensemble.until(failure(first.leave()))).toBe('lockLost');
    await ensemble.until(second.leave());
  });

  it.each([
    { names: 'new names', hasContainerGone: false },
    { names: 'the same names', hasContainerGone: true },
  ])(
    'is left by who learns late that all have, and have come again by $names',
    async ({ hasContainerGone }) => {
      const ensemble = await QuietEnsemble.start();
      const [late, ...others] = ensemble.applications(3);
      if (late === undefined) throw new Error();
      const enterAs = ({ client }: Application): Promise<Membership> =>
        doubleBarrier(client, PATH, { size }).enter();
      const coming = Promise.all(others.map(enterAs));
      await ensemble.pass(1000);
      const first = await ensemble.until(enterAs(late));
      const leaving = first.leave();
      await ensemble.pass(200);
      late.pause(3000);
      for (const it of await ensemble.until(coming)) await ensemble.until(it.release());
      // As the service does itself with a container that nobody uses: numbers begin again.
      const [one] = others;
      if (hasContainerGone && one !== undefined) await ensemble.until(one.client.delete(PATH));
      for (const it of others) void failure(enterAs(it));
      await ensemble.pass(2000);
      await ensemble.until(leaving);
    },
  );

  it('does not let somebody in by what those have left behind who have died within', async () => {
    const ensemble = await QuietEnsemble.start();
    const all = ensemble.applications(3);
    const entering = all.map(({ client }) => doubleBarrier(client, PATH, { size }).enter());
    await ensemble.until(Promise.all(entering));
    for (const it of all) it.vanish();
    await ensemble.pass(20_000);
    const next = ensemble.application();
    const attempt = failure(doubleBarrier(next.client, PATH, { size }).enter({ timeoutMs: 1000 }));
    expect(await ensemble.until(attempt)).toBe('operationTimeout');
  });
});
