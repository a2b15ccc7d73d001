import { describe, expect, it } from 'vitest';
import { makeTerm, makeZxid, requestHash } from '@paddock/model';
import { NaiveDatabase } from './naive-database.ts';
import { attachment, Connection, servedWith, Stage } from './stage.ts';

describe('the window of outcomes', () => {
  it('H21 b: is trimmed by the acknowledgements of idle sessions, gathered to one transaction', () => {
    const first = new Connection(1);
    const second = new Connection(2);
    const stage = servedWith(first);
    stage.send(second.open(), first.create('/a'), first.create('/b'), second.create('/c'));
    stage.settle();
    stage.takeOutcomes();
    stage.send(first.acknowledge(1), first.acknowledge(2), second.acknowledge(1));
    expect(stage.takeOutcomes()).toEqual([]);
    stage.tick();
    const [transaction, ...rest] = stage.proposed;
    expect(rest).toEqual([]);
    expect(transaction?.change).toEqual({
      kind: 'acknowledgeOutcomes',
      acknowledgements: [
        { session: 2, through: 1 },
        { session: 1, through: 2 },
      ],
    });
    stage.takeOutcomes();
    stage.tick();
    expect(stage.takeOutcomes()).toEqual([]);
  });

  it('H21: is never trimmed ahead of what was accepted, nor by a fenced connection', () => {
    const connection = new Connection(1);
    const stage = servedWith(connection);
    stage.send(connection.create('/a'), connection.acknowledge(99));
    stage.send(new Connection(1, attachment(9)).acknowledge(1));
    stage.settle();
    stage.tick();
    expect(stage.proposed.at(-1)?.change).toMatchObject({
      acknowledgements: [{ session: 1, through: 1 }],
    });
  });

  it('H21: takes the acknowledgement that a write carries along, and no second time', () => {
    const connection = new Connection(1);
    const stage = servedWith(connection);
    stage.send(connection.create('/a'));
    stage.send(connection.acknowledge(1), connection.write({ kind: 'closeSession' }, 2, 1));
    stage.settle();
    expect(stage.proposed.at(-1)).toMatchObject({ sequence: 2, ackedThrough: 1 });
    stage.takeOutcomes();
    stage.tick();
    expect(stage.takeOutcomes()).toEqual([]);
  });

  it('H21 d: keeps a hash of each request', () => {
    const connection = new Connection(1);
    const stage = servedWith(connection);
    const refused = { kind: 'refused', code: 'noAuth', reason: 'why' } as const;
    stage.send(connection.write(refused), connection.close());
    stage.settle();
    const hashes = stage.proposed.map((it) => it.requestHash);
    expect(hashes).toEqual([requestHash(refused), requestHash({ kind: 'closeSession' })]);
  });
});

describe('tombstones', () => {
  it('H20: are dropped by a transaction after a bounded number of others', () => {
    const stage = servedWith(new Connection(1), { tombstoneTransactions: 10 });
    const connection = new Connection(2);
    const ended = new Connection(3);
    stage.send(connection.open(), ended.open(), ended.close());
    stage.settle();
    const closed = stage.proposed.at(-1)?.zxid ?? 0;
    for (let i = 0; i < 9; i++) stage.send(connection.create(`/n${i}`));
    stage.settle();
    stage.tick();
    expect(stage.takeOutcomes()).not.toContain('dropTombstones');
    stage.send(connection.create('/last'));
    stage.settle();
    stage.tick();
    const change = stage.proposed.at(-1)?.change;
    expect(change).toEqual({ kind: 'dropTombstones', through: closed });
    stage.takeOutcomes();
    for (let i = 0; i < 30; i++) stage.send(connection.set('/last'));
    stage.settle();
    stage.tick();
    expect(stage.takeOutcomes()).not.toContain('dropTombstones');
  });

  it('H20: of earlier epochs are dropped once this one is old enough', () => {
    const database = new NaiveDatabase(makeZxid(1, 50));
    database.oldestTombstone = makeZxid(1, 40);
    const stage = new Stage({ tombstoneTransactions: 5 }, database).serve(makeTerm(2, 1));
    const connection = new Connection(1);
    stage.send(connection.open());
    stage.tick();
    expect(stage.takeOutcomes()).toEqual(['openSession']);
    for (let i = 0; i < 6; i++) stage.send(connection.create(`/n${i}`));
    stage.settle();
    stage.tick();
    expect(stage.proposed.at(-1)?.change).toEqual({
      kind: 'dropTombstones',
      through: makeZxid(2, 3),
    });
  });
});
