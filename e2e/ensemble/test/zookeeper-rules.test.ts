// What users of ZooKeeper rely on, rule by rule, through the public client. The sections are those of its contract:
// 1.4 error codes, 1.5 znodes, 1.6 watches, 1.7 multi, 1.9 quotas.
import { connect, PaddockError, step, WatchStream } from '@paddock/client';
import type { Client, TransactionStep } from '@paddock/client';
import { ERROR_CODES } from '@paddock/model';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Ensemble, TOPOLOGIES } from '../src/ensemble.ts';

async function codeOf(request: Promise<unknown>): Promise<string> {
  const error: unknown = await request.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(PaddockError);
  return error instanceof PaddockError ? error.code : '';
}

/** The next events of a stream, as text. */
async function take(stream: WatchStream, count: number): Promise<string[]> {
  const told: string[] = [];
  while (told.length < count) {
    const { value, done } = await stream.next();
    if (done === true) break;
    told.push(`${value.kind} ${value.path}`);
  }
  return told;
}

describe.each(TOPOLOGIES)('ZooKeeper, %s', (topology) => {
  let ensemble: Ensemble;
  let client: Client;
  let other: Client;

  beforeAll(async () => {
    ensemble = await Ensemble.start({ topology });
    client = await connect({ servers: ensemble.address });
    other = await connect({ servers: ensemble.address });
  });

  afterAll(async () => {
    await other.close();
    await client.close();
    expect(await ensemble.stop()).toBe(0);
  });

  it('1.4: error codes have its numbers', () => {
    expect(ERROR_CODES).toMatchObject({
      systemError: -1,
      connectionLoss: -4,
      marshallingError: -5,
      unimplemented: -6,
      operationTimeout: -7,
      badArguments: -8,
      unknownSession: -12,
      noNode: -101,
      noAuth: -102,
      badVersion: -103,
      noChildrenForEphemerals: -108,
      nodeExists: -110,
      notEmpty: -111,
      sessionExpired: -112,
      sessionMoved: -118,
      quotaExceeded: -125,
      throttled: -127,
    });
  });

  describe('1.5: znodes', () => {
    it('a path begins with a slash, does not end in one, and has neither empty, "." nor ".." names', async () => {
      for (const path of ['', 'a', '/a/', '//a', '/a//b', '/.', '/a/../b', '/a/.']) {
        expect(await codeOf(client.create(path)), path).toBe('badArguments');
        expect(await codeOf(client.get(path)), path).toBe('badArguments');
      }
    });

    it('a path has no control characters, surrogates, private or special ones', async () => {
      for (const unit of [0, 1, 0x1f, 0x7f, 0x9f, 0xd800, 0xdfff, 0xe000, 0xf8ff, 0xfff0, 0xffff]) {
        const path = `/a${String.fromCharCode(unit)}`;
        expect(await codeOf(client.create(path)), unit.toString(16)).toBe('badArguments');
      }
      for (const name of ['/a b', '/~', '/ä', '/日本', '/a.b', '/...']) await client.create(name);
    });

    it('the root is there and cannot be deleted', async () => {
      expect((await client.get('/')).data).toHaveLength(0);
      expect(await codeOf(client.delete('/'))).toBe('badArguments');
      expect(await codeOf(client.create('/'))).not.toBe('');
    });

    it('an ephemeral names its owner, has no children, and goes with its session', async () => {
      const passing = await connect({ servers: ensemble.address });
      const { stat } = await passing.create('/ephemeral', '', { mode: 'ephemeral' });
      expect(stat.ephemeralOwner).toBe(passing.session);
      expect(await codeOf(client.create('/ephemeral/a'))).toBe('noChildrenForEphemerals');
      await passing.close();
      await client.sync();
      expect((await client.exists('/ephemeral')).stat).toBeNull();
    });

    it('a sequence is ten digits of a counter of the parent, which deletions do not put back', async () => {
      await client.create('/sequence');
      const create = async (): Promise<string> =>
        (await client.create('/sequence/n-', '', { mode: 'persistentSequential' })).path;
      expect(await create()).toBe('/sequence/n-0000000000');
      await client.create('/sequence/other');
      await client.delete('/sequence/n-0000000000');
      // Every creation counts, as in ZooKeeper, also of what has no number.
      expect(await create()).toBe('/sequence/n-0000000002');
    });

    it('a sequential name may be the number alone', async () => {
      await client.create('/numbers');
      const { path } = await client.create('/numbers/', '', { mode: 'persistentSequential' });
      expect(path).toBe('/numbers/0000000000');
    });

    it('a stat counts changes of data and of children, and names their transactions', async () => {
      const { zxid: made } = await client.create('/stat', 'abc');
      const child = await client.create('/stat/a');
      await client.create('/stat/b');
      const gone = await client.delete('/stat/a');
      const { zxid: set } = await client.set('/stat', 'abcde');
      const { stat } = await client.get('/stat');
      expect(stat).toMatchObject({ czxid: made, mzxid: set, pzxid: gone.zxid, version: 1 });
      expect(stat).toMatchObject({ cversion: 3, numChildren: 1, dataLength: 5 });
      expect(stat.mtime).toBeGreaterThanOrEqual(stat.ctime);
      // A change of a child's data is none of its parent.
      await client.set('/stat/b', 'x');
      expect((await client.get('/stat')).stat).toEqual(stat);
      expect(child.stat).toMatchObject({ pzxid: child.zxid, cversion: 0 });
    });

    it('version -1 is any, and another one must be the one that is there', async () => {
      await client.create('/versions');
      expect((await client.set('/versions', '1', { version: -1 })).stat.version).toBe(1);
      expect(await codeOf(client.set('/versions', '2', { version: 0 }))).toBe('badVersion');
      expect(await codeOf(client.delete('/versions', { version: 0 }))).toBe('badVersion');
      await client.delete('/versions', { version: 1 });
    });

    it('a parent must be there, a znode not twice, and what has children stays', async () => {
      expect(await codeOf(client.create('/no/where'))).toBe('noNode');
      await client.create('/twice');
      expect(await codeOf(client.create('/twice'))).toBe('nodeExists');
      await client.create('/twice/a');
      expect(await codeOf(client.delete('/twice'))).toBe('notEmpty');
      expect(await codeOf(client.delete('/twice/b'))).toBe('noNode');
      expect(await codeOf(client.set('/twice/b', ''))).toBe('noNode');
    });

    it('a container and a znode with a TTL show what they are, with no owner', async () => {
      const container = await client.create('/kinds-c', '', { mode: 'container' });
      const ttl = await client.create('/kinds-t', '', { ttlMs: 600_000 });
      expect(container.stat).toMatchObject({ kind: 'container', ephemeralOwner: 0 });
      expect(ttl.stat).toMatchObject({ kind: 'ttl', ttlMs: 600_000, ephemeralOwner: 0 });
      const long = client.create('/kinds-l', '', { ttlMs: 2 ** 40 });
      expect(await codeOf(long)).toBe('badArguments');
    });
  });

  describe('1.6: watches', () => {
    it('a creation is told to who watches the existence, and to who watches the list', async () => {
      await client.create('/made');
      const watch = new WatchStream();
      await client.exists('/made/a', { watch });
      await client.list('/made', { watch });
      await other.create('/made/a');
      expect((await take(watch, 2)).sort()).toEqual([
        'nodeChildrenChanged /made',
        'nodeCreated /made/a',
      ]);
    });

    it('a deletion is told to who watches data, existence, or the list of it and of its parent', async () => {
      await client.create('/gone');
      await client.create('/gone/a');
      const data = new WatchStream();
      const existence = new WatchStream();
      const own = new WatchStream();
      const parent = new WatchStream();
      await client.get('/gone/a', { watch: data });
      await other.exists('/gone/a', { watch: existence });
      const third = await connect({ servers: ensemble.address });
      await third.list('/gone/a', { watch: own });
      await client.list('/gone', { watch: parent });
      await other.delete('/gone/a');
      expect(await take(data, 1)).toEqual(['nodeDeleted /gone/a']);
      expect(await take(existence, 1)).toEqual(['nodeDeleted /gone/a']);
      expect(await take(own, 1)).toEqual(['nodeDeleted /gone/a']);
      expect(await take(parent, 1)).toEqual(['nodeChildrenChanged /gone']);
      await third.close();
    });

    it('a change of data is told to who watches data or existence, and to no list', async () => {
      await client.create('/changed');
      await client.create('/changed/a');
      const [data, lists] = [new WatchStream(), new WatchStream()];
      await client.get('/changed/a', { watch: data });
      await client.list('/changed', { watch: lists });
      await other.set('/changed/a', 'x');
      expect(await take(data, 1)).toEqual(['nodeDataChanged /changed/a']);
      await other.create('/changed/b');
      expect(await take(lists, 1)).toEqual(['nodeChildrenChanged /changed']);
    });

    it('a one-shot watch is told once, and a read of what is not there sets none but existence', async () => {
      const watch = new WatchStream();
      expect(await codeOf(client.get('/once', { watch }))).toBe('noNode');
      await client.exists('/once', { watch });
      await client.create('/once');
      await client.set('/once', '1');
      await client.exists('/once', { watch });
      await client.set('/once', '2');
      expect(await take(watch, 2)).toEqual(['nodeCreated /once', 'nodeDataChanged /once']);
    });

    it('a persistent watch is told of every change of a znode and of its list, until it is removed', async () => {
      await client.create('/stays');
      const watcher = await client.watch('/stays');
      await other.set('/stays', '1');
      await other.create('/stays/a');
      await other.set('/stays/a', 'not told');
      await other.delete('/stays/a');
      await other.delete('/stays');
      await other.create('/stays');
      expect(await take(watcher, 5)).toEqual([
        'nodeDataChanged /stays',
        'nodeChildrenChanged /stays',
        'nodeChildrenChanged /stays',
        'nodeDeleted /stays',
        'nodeCreated /stays',
      ]);
      watcher.close();
    });

    it('a recursive watch is told of all below and of no list, beside others on the same path', async () => {
      await client.create('/modes');
      const recursive = await client.watch('/modes', { recursive: true });
      const persistent = await client.watch('/modes');
      const oneShot = new WatchStream();
      await client.list('/modes', { watch: oneShot });
      await other.create('/modes/a');
      await other.create('/modes/a/b');
      expect(await take(recursive, 2)).toEqual(['nodeCreated /modes/a', 'nodeCreated /modes/a/b']);
      expect(await take(persistent, 1)).toEqual(['nodeChildrenChanged /modes']);
      expect(await take(oneShot, 1)).toEqual(['nodeChildrenChanged /modes']);
      recursive.close();
      persistent.close();
    });
  });

  describe('1.7: multi', () => {
    it('all steps have one zxid, each sees those before it', async () => {
      const { results, zxid } = await client.transaction({
        then: [step.create('/multi'), step.create('/multi/a'), step.set('/multi/a', 'x')],
      });
      expect(results.map(({ kind }) => kind)).toEqual(['created', 'created', 'dataSet']);
      const { stat } = await client.get('/multi/a');
      expect(stat).toMatchObject({ czxid: zxid, mzxid: zxid, version: 1 });
    });

    it('one that fails undoes all, and is named with its reason', async () => {
      await client.create('/undone');
      const attempts: readonly (readonly [TransactionStep<string>, string])[] = [
        [step.create('/undone'), 'nodeExists'],
        [step.set('/undone/b', ''), 'noNode'],
        [step.delete('/undone', { version: 9 }), 'badVersion'],
        [step.check('/undone', { version: 9 }), 'badVersion'],
        [step.check('/undone/b'), 'noNode'],
      ];
      for (const [failing, code] of attempts) {
        const steps = [step.create('/undone/a'), failing, step.create('/undone/c')];
        await expect(client.multi(steps)).rejects.toMatchObject({ code, step: 1 });
      }
      expect((await client.list('/undone')).children).toEqual([]);
      expect((await client.get('/undone')).stat).toMatchObject({ version: 0, cversion: 0 });
    });

    it('sequential names of one multi count on', async () => {
      await client.create('/counted');
      const create = step.create('/counted/n-', '', { mode: 'persistentSequential' });
      const made = await client.multi([create, create]);
      expect(made).toMatchObject([
        { path: '/counted/n-0000000000' },
        { path: '/counted/n-0000000001' },
      ]);
    });

    it('watchers are told of what it came to, step by step', async () => {
      await client.create('/told');
      const watcher = await client.watch('/told', { recursive: true });
      await other.multi([step.create('/told/a'), step.set('/told', 'x'), step.delete('/told/a')]);
      expect(await take(watcher, 3)).toEqual([
        'nodeCreated /told/a',
        'nodeDataChanged /told',
        'nodeDeleted /told/a',
      ]);
      watcher.close();
    });
  });

  describe('1.9: quotas', () => {
    const limits = async (path: string): Promise<number[]> => {
      const { quota } = await client.getQuota(path, { consistency: { kind: 'linearizable' } });
      return quota === null ? [] : [quota.count, quota.bytes];
    };

    it('a quota counts the znodes of a subtree, its root included, and the bytes of their data', async () => {
      await client.create('/used', '12');
      await client.create('/used/a', '345');
      await client.setQuota('/used', { countSoft: 100 });
      expect(await limits('/used')).toEqual([2, 5]);
      await client.create('/used/a/b', '6');
      await client.set('/used/a', '');
      expect(await limits('/used')).toEqual([3, 3]);
      await client.delete('/used/a/b');
      expect(await limits('/used')).toEqual([2, 2]);
    });

    it('a hard limit refuses with quotaExceeded what would exceed it, a soft one nothing', async () => {
      await client.create('/bounds');
      await client.setQuota('/bounds', { countHard: 2, bytesHard: 3, bytesSoft: 1 });
      await client.set('/bounds', '123');
      expect(await codeOf(client.set('/bounds', '1234'))).toBe('quotaExceeded');
      await client.create('/bounds/a');
      expect(await codeOf(client.create('/bounds/b'))).toBe('quotaExceeded');
      // What makes it less, or leaves it as it is, is never refused.
      await client.set('/bounds', '1');
      await client.delete('/bounds/a');
    });

    it('a multi is held to the quota as a whole, and refused as a whole', async () => {
      await client.create('/whole');
      await client.setQuota('/whole', { countHard: 2 });
      const tooMany = client.multi([step.create('/whole/a'), step.create('/whole/b')]);
      await expect(tooMany).rejects.toMatchObject({ code: 'quotaExceeded' });
      expect((await client.list('/whole')).children).toEqual([]);
      await client.create('/whole/a');
      await client.multi([step.delete('/whole/a'), step.create('/whole/b')]);
    });

    it('no limit is none, and without limits there is no quota', async () => {
      await client.create('/free');
      await client.setQuota('/free', { countHard: 1 });
      await client.setQuota('/free', { bytesSoft: 1 });
      await client.create('/free/a', 'more than one');
      await client.removeQuota('/free');
      expect(await limits('/free')).toEqual([]);
    });

    it('a quota of a znode that is not there is refused', async () => {
      expect(await codeOf(client.setQuota('/nothing', { countHard: 1 }))).toBe('noNode');
    });

    it('a quota within another: each holds, unlike in ZooKeeper, which allows one on a way', async () => {
      await client.create('/outer');
      await client.create('/outer/inner');
      await client.setQuota('/outer', { countHard: 3 });
      await client.setQuota('/outer/inner', { countHard: 3 });
      await client.create('/outer/inner/a');
      expect(await codeOf(client.create('/outer/inner/b'))).toBe('quotaExceeded');
    });
  });
});
