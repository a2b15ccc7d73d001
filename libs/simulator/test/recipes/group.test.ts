import { decodeText } from '@paddock/client';
import { discovery, group, rendezvous } from '@paddock/recipes';
import type { GroupChange } from '@paddock/recipes';
import { describe, expect, it } from 'vitest';
import type { Application } from '../../src/recipes/application.ts';
import { failure } from './failure.ts';
import { QuietEnsemble } from './quiet-ensemble.ts';

const PATH = '/workers';

async function pair(): Promise<{
  readonly ensemble: QuietEnsemble;
  readonly first: Application;
  readonly second: Application;
}> {
  const ensemble = await QuietEnsemble.start();
  const [first, second] = ensemble.applications(2);
  if (first === undefined || second === undefined) throw new Error('there is nobody');
  return { ensemble, first, second };
}

function textOf({ added, removed, updated, all }: GroupChange): string {
  const ids = (members: GroupChange['all']): string => members.map(({ id }) => id).join();
  return `+${ids(added)} -${ids(removed)} ~${ids(updated)} =${ids(all)}`;
}

describe('a group', () => {
  it('is joined, read and left by a client whose calls have no time at all', async () => {
    const { ensemble, first, second } = await pair();
    const hasty = first.client.with({ deadlineMs: 1 });
    const held = await ensemble.until(group(hasty, PATH).join('', { id: 'a' }));
    expect(await ensemble.until(group(hasty, PATH).members())).toHaveLength(1);
    await ensemble.until(held.release());
    expect(await ensemble.until(group(second.client, PATH).members())).toEqual([]);
  });

  it('tells who is there, who comes, who goes, and who has other data', async () => {
    const { ensemble, first, second } = await pair();
    const changes = group(second.client, PATH).watch();
    const next = async (): Promise<string> => {
      const { value } = await ensemble.until(changes.next());
      return value === undefined ? 'the end' : textOf(value);
    };
    expect(await next()).toBe('+ - ~ =');
    const members = group(first.client, PATH);
    const held = await ensemble.until(members.join('idle', { id: 'a' }));
    expect(held.path).toBe(`${PATH}/a`);
    expect(await next()).toBe('+a - ~ =a');
    const other = await ensemble.until(members.join('idle', { id: 'b' }));
    expect(await next()).toBe('+b - ~ =a,b');
    await ensemble.until(held.client.set(held.path, 'busy'));
    expect(await next()).toBe('+ - ~a =a,b');
    const there = await ensemble.until(group(second.client, PATH).members());
    expect(there.map(({ id, data }) => `${id} ${decodeText(data)}`)).toEqual(['a busy', 'b idle']);
    await ensemble.until(other.release());
    expect(await next()).toBe('+ -b ~ =a');
    first.vanish();
    expect(await next()).toBe('+ -a ~ =');
    await changes.return();
    expect(await next()).toBe('the end');
  });

  it('has one member of an id: who comes again waits for what it was before', async () => {
    const { ensemble, first, second } = await pair();
    const before = await ensemble.until(group(first.client, PATH).join('', { id: 'a' }));
    const joining = group(second.client, PATH).join('', { id: 'a' });
    const impatient = failure(group(second.client, PATH).join('', { id: 'a', timeoutMs: 500 }));
    expect(await ensemble.until(impatient)).toBe('operationTimeout');
    first.vanish();
    const after = await ensemble.until(joining);
    expect(after.token).toBeGreaterThan(before.token);
  });

  it('is not left by one member for another one of the same id', async () => {
    const { ensemble, first, second } = await pair();
    const before = await ensemble.until(group(first.client, PATH).join('', { id: 'a' }));
    await ensemble.until(second.client.delete(before.path));
    const after = await ensemble.until(group(second.client, PATH).join('', { id: 'a' }));
    await ensemble.until(before.release());
    await ensemble.pass(1000);
    expect([before.isHeld, after.isHeld]).toEqual([false, true]);
  });

  it('has a member come back by another session, and after its znode was removed', async () => {
    const { ensemble, first, second } = await pair();
    const tokens: number[] = [];
    const failures: unknown[] = [];
    const member = group(first.client, PATH).stay({
      id: 'a',
      reconnect: () => Promise.resolve(ensemble.application().client),
      joined: ({ token }) => tokens.push(token),
      failed: (error) => failures.push(error),
    });
    await ensemble.pass(1000);
    expect(member.held?.token).toBe(tokens[0]);
    await ensemble.until(second.client.delete(`${PATH}/a`));
    await ensemble.pass(1000);
    expect(tokens).toHaveLength(2);
    first.client.abandon('the test has it so');
    await ensemble.pass(60_000);
    expect(tokens).toHaveLength(3);
    expect(member.held?.token).toBe(tokens[2]);
    expect(failures).toEqual([]);
    await ensemble.until(member.close());
    expect(await ensemble.until(group(second.client, PATH).members())).toEqual([]);
  });

  it('gives those a number who have no id', async () => {
    const { ensemble, first } = await pair();
    const members = group(first.client, PATH);
    for (let i = 0; i < 2; i++) await ensemble.until(members.join());
    const there = await ensemble.until(members.members());
    expect(there.map(({ id }) => id)).toEqual(['member-0000000000', 'member-0000000001']);
  });
});

describe('a rendezvous', () => {
  it('is waited for until somebody is there, and is over with him', async () => {
    const { ensemble, first, second } = await pair();
    const meeting = rendezvous(second.client, '/jobs/7/master').meet();
    const missed = failure(rendezvous(second.client, '/jobs/7/master').meet({ timeoutMs: 100 }));
    expect(await ensemble.until(missed)).toBe('operationTimeout');
    const held = await ensemble.until(
      rendezvous(first.client, '/jobs/7/master').announce('10.0.0.1:90'),
    );
    const { data, zxid } = await ensemble.until(meeting);
    expect([decodeText(data), zxid]).toEqual(['10.0.0.1:90', held.token]);
    await ensemble.until(held.release());
    const late = failure(rendezvous(second.client, '/jobs/7/master').meet({ timeoutMs: 500 }));
    expect(await ensemble.until(late)).toBe('operationTimeout');
  });
});

describe('service discovery', () => {
  it('finds what is registered, for as long as it is there', async () => {
    const { ensemble, first, second } = await pair();
    const offered = discovery(first.client, '/services', { now: () => 7 });
    const held = await ensemble.until(
      offered.register({
        name: 'billing',
        id: 'a',
        address: '10.0.0.1',
        port: 80,
        payload: { zone: 'b' },
      }),
    );
    expect(held.path).toBe('/services/billing/a');
    const found = discovery(second.client, '/services');
    expect(await ensemble.until(found.names())).toEqual(['billing']);
    const pool = found.resolve('billing');
    await ensemble.until(pool.ready);
    expect(pool.pick()).toEqual({
      ...{ name: 'billing', id: 'a', address: '10.0.0.1', port: 80, sslPort: null },
      ...{ payload: { zone: 'b' }, registrationTimeUTC: 7, serviceType: 'DYNAMIC', enabled: true },
    });
    await ensemble.until(first.client.create('/services/billing/broken', 'no JSON'));
    await ensemble.until(offered.register({ name: 'billing', id: 'b', enabled: false }));
    await ensemble.until(pool.synced());
    expect(pool.instances.map(({ id }) => id)).toEqual(['a']);
    first.vanish();
    await ensemble.pass(60_000);
    expect([pool.pick(), pool.state]).toEqual([null, 'live']);
  });

  it('leaves out for a while what has failed too often', async () => {
    const { ensemble, first, second } = await pair();
    const offered = discovery(first.client, '/services');
    for (const id of ['a', 'b']) await ensemble.until(offered.register({ name: 'billing', id }));
    const pool = discovery(second.client, '/services').resolve('billing', {
      down: { threshold: 2, ms: 5000 },
    });
    await ensemble.until(pool.ready);
    const called: string[] = [];
    const call = (): Promise<string> =>
      failure(
        pool.call(({ id }) => {
          called.push(id);
          return id === 'a' ? Promise.reject(new Error('is down')) : Promise.resolve();
        }),
      );
    for (let i = 0; i < 6; i++) await ensemble.until(call());
    expect(called).toEqual(['a', 'b', 'a', 'b', 'b', 'b']);
    await ensemble.pass(6000);
    for (let i = 0; i < 2; i++) await ensemble.until(call());
    expect(called.slice(6).sort()).toEqual(['a', 'b']);
    for (const id of ['a', 'a', 'b', 'b']) pool.failed({ id });
    expect(await ensemble.until(call())).toBe('noNode');
  });
});
