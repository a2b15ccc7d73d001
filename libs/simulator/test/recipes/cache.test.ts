import { decodeText, PaddockError, step } from '@paddock/client';
import { cache } from '@paddock/recipes';
import type { TreeCache, ViewChange } from '@paddock/recipes';
import { describe, expect, it } from 'vitest';
import type { Application } from '../../src/recipes/application.ts';
import { QuietEnsemble } from './quiet-ensemble.ts';

const PATH = '/services';

async function started(): Promise<{
  ensemble: QuietEnsemble;
  first: Application;
  second: Application;
}> {
  const ensemble = await QuietEnsemble.start();
  const [first, second] = ensemble.applications(2);
  if (first === undefined || second === undefined) throw new Error('there is nobody');
  await ensemble.until(first.client.create(PATH));
  return { ensemble, first, second };
}

function shownBy(view: TreeCache): readonly string[] {
  return [...view.entries()].map(([path, { data }]) => `${path} ${decodeText(data)}`).sort();
}

function textOf({ kind, znode }: ViewChange): string {
  return `${kind} ${znode.path}=${decodeText(znode.data)}`;
}

describe('a cache of a tree', () => {
  it('shows a znode and all below it, and follows them', async () => {
    const { ensemble, first, second } = await started();
    await ensemble.until(first.client.multi([step.create(`${PATH}/a/b`, '1', { parents: true })]));
    const view = cache(second.client, PATH);
    expect(view.state).toBe('loading');
    await ensemble.until(view.ready);
    expect(shownBy(view)).toEqual([`${PATH} `, `${PATH}/a `, `${PATH}/a/b 1`]);
    await ensemble.until(first.client.set(`${PATH}/a/b`, '2'));
    await ensemble.until(first.client.create(`${PATH}/c`, '3'));
    await ensemble.until(view.synced());
    expect(shownBy(view)).toEqual([`${PATH} `, `${PATH}/a `, `${PATH}/a/b 2`, `${PATH}/c 3`]);
    expect(view.get(PATH)?.stat.numChildren).toBe(2);
    expect(view.childrenOf().map(({ path }) => path)).toEqual([`${PATH}/a`, `${PATH}/c`]);
    await ensemble.until(first.client.multi([step.delete(PATH, { recursive: true })]));
    await ensemble.until(view.synced());
    expect([view.size, view.state]).toEqual([0, 'live']);
  });

  it('lost watch between read and watch: what changes while it begins to look is not missed', async () => {
    for (let delayMs = 0; delayMs < 40; delayMs++) {
      const { ensemble, first, second } = await started();
      await ensemble.until(first.client.create(`${PATH}/a`, 'old'));
      const view = cache(second.client, PATH);
      await ensemble.pass(delayMs / 4);
      const [{ zxid }] = await ensemble.until(
        Promise.all([
          first.client.set(`${PATH}/a`, 'new'),
          first.client.create(`${PATH}/a/b`),
          view.ready,
        ]),
      );
      await ensemble.pass(1000);
      expect(view.zxid).toBeGreaterThanOrEqual(zxid);
      expect(shownBy(view)).toEqual([`${PATH} `, `${PATH}/a new`, `${PATH}/a/b `]);
    }
  });

  it('tells what is there, and then what changes', async () => {
    const { ensemble, first, second } = await started();
    const view = cache(second.client, PATH);
    await ensemble.until(view.ready);
    const changes = view.changes();
    const next = async (): Promise<string> => {
      const { value } = await ensemble.until(changes.next());
      return value === undefined ? 'the end' : textOf(value);
    };
    expect(await next()).toBe(`added ${PATH}=`);
    await ensemble.until(first.client.create(`${PATH}/a`, '1'));
    expect([await next(), await next()].sort()).toEqual([`added ${PATH}/a=1`, `changed ${PATH}=`]);
    for (let i = 2; i < 9; i++) await ensemble.until(first.client.set(`${PATH}/a`, String(i)));
    await ensemble.until(view.synced());
    // Who is slow is told what it has come to.
    expect(await next()).toBe(`changed ${PATH}/a=8`);
    await ensemble.until(first.client.delete(`${PATH}/a`));
    expect([await next(), await next()].sort()).toEqual([
      `changed ${PATH}=`,
      `removed ${PATH}/a=8`,
    ]);
    view.close();
    expect(await next()).toBe('the end');
  });

  it('costs one watch, and none once it is closed', async () => {
    const { ensemble, first, second } = await started();
    for (let i = 0; i < 30; i++) await ensemble.until(first.client.create(`${PATH}/${i}`));
    const view = cache(second.client, PATH);
    await ensemble.until(view.ready);
    expect(view.size).toBe(31);
    expect((await ensemble.until(second.client.watches('/'))).watches).toHaveLength(1);
    view.close();
    expect((await ensemble.until(second.client.watches('/'))).watches).toHaveLength(0);
    expect([view.state, view.size]).toEqual(['ended', 31]);
  });

  it('of a part of the tree, by a view, has the paths of that', async () => {
    const { ensemble, first, second } = await started();
    await ensemble.until(
      first.client.multi([step.create(`${PATH}/app/a/b`, '1', { parents: true })]),
    );
    const view = cache(second.client.chroot(`${PATH}/app`), '/a');
    await ensemble.until(view.ready);
    await ensemble.until(first.client.create(`${PATH}/app/a/c`, '2'));
    await ensemble.until(view.synced());
    expect(shownBy(view)).toEqual(['/a ', '/a/b 1', '/a/c 2']);
    const whole = cache(second.client.chroot(`${PATH}/app`), '/');
    await ensemble.until(whole.ready);
    await ensemble.until(first.client.delete(`${PATH}/app/a/c`));
    await ensemble.until(whole.synced());
    expect(shownBy(whole)).toEqual(['/ ', '/a ', '/a/b 1']);
    expect(whole.childrenOf().map(({ path }) => path)).toEqual(['/a']);
  });

  it('says when it may be behind, and that it has ended when its session has', async () => {
    const { ensemble, second } = await started();
    const view = cache(second.client, PATH);
    await ensemble.until(view.ready);
    ensemble.isolate(second);
    await ensemble.pass(6000);
    expect(view.state).toBe('behind');
    second.client.abandon('the test has it so');
    await ensemble.pass(10);
    expect([view.state, view.size]).toEqual(['ended', 1]);
    const failure = view
      .changes()
      .return()
      .then(() => view.synced());
    await expect(ensemble.until(failure)).rejects.toBeInstanceOf(PaddockError);
  });

  it('ends where the tree has more than it was allowed to keep', async () => {
    const { ensemble, first, second } = await started();
    const view = cache(second.client, PATH, { maxZnodes: 3 });
    await ensemble.until(view.ready);
    const changes = view.changes();
    for (const name of ['a', 'b', 'c']) {
      await ensemble.until(first.client.create(`${PATH}/${name}`));
    }
    await ensemble.pass(1000);
    expect(view.state).toBe('ended');
    const ended = (async (): Promise<void> => {
      for await (const _ of changes);
    })();
    await expect(ensemble.until(ended)).rejects.toMatchObject({ code: 'tooLarge' });
  });
});
