import { connect, formatSessionId, formatZxid, PaddockError, readLog, step } from '@paddock/client';
import type { Client } from '@paddock/client';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { runPaddock } from '../src/command.ts';
import { Ensemble, TOPOLOGIES } from '../src/ensemble.ts';

describe.each(TOPOLOGIES)('the history of a znode, %s', (topology) => {
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

  it('tells who changed it, when, and in which transaction, the newest first', async () => {
    const servers = ensemble.address;
    const created = await client.create('/told', 'abc');
    const set = await client.set('/told', 'de');
    const many = await client.transaction({
      then: [step.create('/told/x', ''), step.set('/told', 'f')],
    });
    const other = await connect({ servers });
    const { path } = await other.create('/told/gone', '', { mode: 'ephemeral' });
    const owner = other.session;
    await other.close();
    await client.create('/toldnot');
    const { zxid } = await client.sync();

    const own = await readLog('/told', { servers });
    expect(own.changes).toMatchObject([
      { zxid: many.zxid, operation: 'dataSet', version: 2, dataLength: 1, cause: 'transaction' },
      { zxid: set.zxid, operation: 'dataSet', version: 1, dataLength: 2, cause: 'request' },
      { zxid: created.zxid, operation: 'created', dataLength: 3, session: client.session },
    ]);
    expect(own.changes.at(-1)?.time).toBe(created.stat.ctime);
    expect(own).toMatchObject({ logStart: 0, more: false });
    expect(own.through).toBeGreaterThanOrEqual(zxid);

    const subtree = await readLog('/told', { servers, subtree: true, oldestFirst: true });
    expect(subtree.changes.map((it) => [it.operation, it.path, it.session, it.cause])).toEqual([
      ['created', '/told', client.session, 'request'],
      ['dataSet', '/told', client.session, 'request'],
      ['created', '/told/x', client.session, 'transaction'],
      ['dataSet', '/told', client.session, 'transaction'],
      ['created', path, owner, 'request'],
      ['deleted', path, owner, 'sessionClosed'],
    ]);

    const since = await readLog('/told', { servers, since: created.zxid, before: many.zxid });
    expect(since.changes.map((it) => it.zxid)).toEqual([set.zxid]);
    const limited = await readLog('/told', { servers, limit: 1 });
    expect(limited.changes.map((it) => it.zxid)).toEqual([many.zxid]);
    expect(limited.more).toBe(true);
  });

  it('tells nothing of a refused write, and refuses what is no path', async () => {
    const servers = ensemble.address;
    await client.create('/nowhere/child').catch(() => undefined);
    expect((await readLog('/nowhere', { servers, subtree: true })).changes).toEqual([]);
    await expect(readLog('nowhere', { servers })).rejects.toBeInstanceOf(PaddockError);
    await expect(readLog('/a', { servers, limit: 10_001 })).rejects.toThrow('limit is 10001');
  });

  it('is told by the command', async () => {
    const { zxid } = await client.create('/command', 'abc');
    const args = ['log', '/command', '--server', ensemble.address];
    const people = await runPaddock(args);
    expect(people).toMatchObject({ code: 0 });
    expect(people.stdout).toContain(`${formatZxid(zxid)}  `);
    expect(people.stdout).toContain(formatSessionId(client.session ?? created()));
    expect(people.stderr).toContain('from its beginning');
    const programs = await runPaddock([...args, '--json']);
    const lines = programs.stdout
      .trim()
      .split('\n')
      .map((it): unknown => JSON.parse(it));
    expect(lines).toMatchObject([
      { zxid: formatZxid(zxid), path: '/command', operation: 'created', dataLength: 3 },
      { logStart: '0.0', more: false },
    ]);
    const refused = await runPaddock([...args, '--since', 'yesterday']);
    expect(refused).toMatchObject({ code: 2 });
  });

  it('is read to its end while writes go on', async () => {
    const servers = ensemble.address;
    await client.create('/busy');
    const data = 'x'.repeat(4000);
    const { zxid } = await Promise.all(
      Array.from({ length: 600 }, () => client.set('/busy', data)),
    ).then(() => client.sync());
    let writes = 0;
    const reading = { isOver: false };
    const writing = (async () => {
      while (!reading.isOver) {
        await client.set('/busy', data);
        writes++;
      }
    })();
    await vi.waitFor(() => expect(writes).toBeGreaterThan(0));
    const forwards = await readLog('/busy', { servers, oldestFirst: true, limit: 10_000 });
    reading.isOver = true;
    await writing;
    const versions = forwards.changes.map((it) => it.version);
    expect(versions.slice(0, 601)).toEqual(Array.from({ length: 601 }, (_, i) => i));
    const backwards = await readLog('/busy', { servers, before: zxid, limit: 10_000 });
    expect(backwards.changes.map((it) => it.version)).toEqual(
      Array.from({ length: 600 }, (_, i) => 599 - i),
    );
  });
});

function created(): never {
  throw new Error('the session is open');
}
