import { connect, decodeText, WatchStream } from '@paddock/client';
import type { Client } from '@paddock/client';
import { paddock } from '@paddock/contracts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ConfiguredReplica } from '../src/configured-replica.ts';
import { eventually } from '../src/eventually.ts';
import { RawGrpc } from '../src/raw-grpc.ts';
import { RawSession } from '../src/raw-session.ts';
import type { StageProcess } from '../src/stage-process.ts';
import { WriteLoad } from '../src/write-load.ts';

const { CreateMode, EndCause } = paddock.client.v1;

describe('two front-ends on one database', () => {
  let replica: ConfiguredReplica;
  let first = '';
  let second = '';

  beforeAll(async () => {
    replica = await ConfiguredReplica.start('split');
    first = replica.address;
    second = (await replica.addFrontend('second')).address('client');
  }, 120_000);

  afterAll(() => replica.stop());

  async function atBoth(): Promise<readonly [Client, Client]> {
    return [await connect({ servers: first }), await connect({ servers: second })];
  }

  it('show each the writes that came through the other', async () => {
    const [a, b] = await atBoth();
    await a.create('/seen', 'by a');
    await b.sync();
    expect(decodeText((await b.get('/seen')).data)).toBe('by a');
    const { zxid } = await b.set('/seen', 'by b', { version: 0 });
    expect(decodeText((await a.get('/seen', { atLeast: zxid })).data)).toBe('by b');
    await a.close();
    await b.close();
  });

  it('order the writes of all their clients in one sequence', async () => {
    const [a, b] = await atBoth();
    await a.create('/order');
    const paths = await Promise.all(
      Array.from({ length: 200 }, (_, n) =>
        (n % 2 === 0 ? a : b).create('/order/entry-', '', { mode: 'persistentSequential' }),
      ),
    );
    expect(new Set(paths.map(({ path }) => path)).size).toBe(200);
    const byZxid = [...paths].sort((x, y) => x.zxid - y.zxid).map(({ path }) => path);
    expect(byZxid).toEqual([...byZxid].sort());
    await a.close();
    await b.close();
  });

  it('fire watches across', async () => {
    const [a, b] = await atBoth();
    const watch = new WatchStream();
    await b.exists('/across', { watch });
    await a.create('/across');
    expect((await watch.next()).value).toMatchObject({ kind: 'nodeCreated', path: '/across' });
    await b.list('/across', { watch });
    await a.create('/across/ephemeral', '', { mode: 'ephemeral' });
    expect((await watch.next()).value).toMatchObject({ kind: 'nodeChildrenChanged' });
    await b.list('/across', { watch });
    await a.close();
    expect((await watch.next()).value).toMatchObject({ kind: 'nodeChildrenChanged' });
    expect((await b.list('/across')).children).toEqual([]);
    await b.close();
  });

  it('fence a connection at one when its session is resumed at the other', async () => {
    const atFirst = new RawGrpc(first);
    const atSecond = new RawGrpc(second);
    const old = new RawSession(atFirst);
    const { session, secret } = await old.open();
    old.operate({ create: { path: '/fenced', mode: CreateMode.CREATE_MODE_EPHEMERAL } });
    expect((await old.result(0)).create?.path).toBe('/fenced');

    const resumed = new RawSession(atSecond);
    resumed.send({
      resume: { session: session ?? 0, secret: secret ?? new Uint8Array(), attempt: 2 },
    });
    const answer = await resumed.first('the resume', (message) => message.resumed);
    expect(Number(answer.lastSequence)).toBe(1);
    expect((answer.outcomes ?? []).map(({ sequence }) => Number(sequence))).toEqual([1]);
    const fenced = await old.first('the fence', (message) => message.ended);
    expect(fenced.cause).toBe(EndCause.END_CAUSE_FENCED);
    await old.stream.ended();

    // The same write again is the same write, whoever asks; the next one has the next number.
    const operations = [
      { create: { path: '/fenced', mode: CreateMode.CREATE_MODE_EPHEMERAL } },
      { setData: { path: '/fenced', version: 0 } },
    ];
    resumed.send({ operations: { firstSequence: 1, operations } });
    expect((await resumed.result(0)).create?.stat?.version).toBe(0);
    expect((await resumed.result(1)).setData?.stat?.version).toBe(1);
    resumed.operate({ closeSession: {} });
    atFirst.close();
    atSecond.close();
  });

  it('hand a session over when one is killed: its ephemeral stays, its pipeline runs exactly once', async () => {
    const third = await replica.addFrontend('third');
    const witness = await connect({ servers: first });
    const client = await connectFirstTo(third, second);
    const { session } = client;
    await client.create('/handed', '', { mode: 'ephemeral' });
    await client.create('/handed-log');
    const watch = new WatchStream();
    await client.exists('/handed-signal', { watch });
    const loads = new WriteLoad([client]);
    await loads.start();
    await loads.untilAcknowledged(200);
    const pipeline = Array.from({ length: 500 }, (_, n) =>
      client.create('/handed-log/entry-', String(n), { mode: 'persistentSequential' }),
    );
    // Some of it is answered, some on its way, some not sent.
    await pipeline[100];
    await third.end('SIGKILL');
    replica.processes.delete('third');
    await loads.untilAcknowledged(200);
    await loads.stop();
    expect(loads.failures).toEqual([]);
    const paths = (await Promise.all(pipeline)).map(({ path }) => path);
    expect(new Set(paths).size).toBe(500);
    await witness.sync();
    expect((await witness.list('/handed-log')).children).toHaveLength(500);
    await loads.verify(witness);
    expect(client.session).toBe(session);
    expect((await witness.get('/handed')).stat.ephemeralOwner).toBe(session);
    await witness.create('/handed-signal');
    expect((await watch.next()).value).toMatchObject({ kind: 'nodeCreated' });
    await client.close();
    await eventually('the ephemeral went with its session', async () => {
      expect((await witness.exists('/handed')).stat).toBeNull();
    });
    await witness.close();
  }, 180_000);
});

/** A client draws the server that it dials first: drawn until it is the wanted one. */
async function connectFirstTo(wanted: StageProcess, other: string): Promise<Client> {
  for (;;) {
    const client = await connect({
      servers: [wanted.address('client'), other],
      sessionTimeoutMs: 40_000,
    });
    if ((await wanted.connections()) === 1) return client;
    await client.close();
  }
}
