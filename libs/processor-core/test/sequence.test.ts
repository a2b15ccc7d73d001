import { describe, expect, it } from 'vitest';
import { attachment, Connection, FRONTEND, servedWith, Stage } from './stage.ts';

describe('the sequence of a session', () => {
  it('H2 a: leaves no gap: what comes too early is asked for again, once for a pipeline', () => {
    const connection = new Connection(1);
    const stage = servedWith(connection);
    connection.next = 2;
    stage.send(connection.create('/b'), connection.create('/c'));
    stage.send(connection.create('/d'));
    expect(stage.takeReplies()).toMatchObject([{ kind: 'expect', sequence: 1, retryAfterMs: 0 }]);
    connection.next = 1;
    stage.send(connection.create('/a'), connection.create('/b'));
    stage.settle();
    expect(stage.proposed.map((it) => it.sequence)).toEqual([1, 2]);
    connection.next = 9;
    stage.send(connection.create('/x'));
    expect(stage.takeReplies()).toMatchObject([{ kind: 'expect', sequence: 3 }]);
  });

  it('H2 a: is told on every link that leaves a gap', () => {
    const connection = new Connection(1, attachment(), 5);
    const stage = servedWith(connection);
    stage.send(connection.create('/a'));
    stage.connectFrontend(2);
    stage.sendOn(2, connection.create('/a'));
    expect(stage.repliesByLink.get(FRONTEND)).toMatchObject([{ kind: 'expect', sequence: 1 }]);
    expect(stage.repliesByLink.get(2)).toMatchObject([{ kind: 'expect', sequence: 1 }]);
  });

  it('H2 b: drops a copy silently, whether the first is queued, proposed or applied', () => {
    const connection = new Connection(1);
    const stage = servedWith(connection);
    const create = connection.create('/a/n', 'persistentSequential');
    const parent = new Connection(2);
    stage.send(parent.open(), parent.create('/a'));
    stage.settle();
    stage.takeOutcomes();
    stage.takeReplies();
    stage.send(create);
    stage.send(create);
    stage.answerAll();
    stage.send(create);
    stage.settle();
    stage.send(create);
    stage.settle();
    expect(stage.takeOutcomes()).toEqual(['createZnode']);
    expect(stage.takeReplies()).toEqual([]);
  });

  it('H2: gives a write that the front-end refused its place and its outcome', () => {
    const connection = new Connection(1);
    const stage = servedWith(connection);
    const refused = { kind: 'refused', code: 'badArguments', reason: 'no path' } as const;
    stage.send(connection.create('/a'), connection.write(refused), connection.create('/b'));
    stage.settle();
    expect(stage.takeOutcomes()).toEqual(['createZnode', 'badArguments', 'createZnode']);
  });

  it('H2: gives a transaction that came out too large an outcome, before it has a zxid', () => {
    const connection = new Connection(1);
    const stage = servedWith(connection, { requestBytes: 600 });
    stage.send(connection.create('/a', 'persistent', 'x'.repeat(700)), connection.create('/b'));
    stage.settle();
    expect(stage.proposed.map((it) => it.zxid)).toEqual([
      stage.database.applied - 1,
      stage.database.applied,
    ]);
    expect(stage.takeOutcomes()).toEqual(['tooLarge', 'createZnode']);
  });

  it('H2: refuses by outcome a data larger than a znode holds, and a reason too long to record', () => {
    const connection = new Connection(1);
    const stage = servedWith(connection, { znodeDataBytes: 10, requestBytes: 600 });
    stage.send(connection.create('/a', 'persistent', 'x'.repeat(11)));
    stage.send(connection.create('/a'), connection.set('/a', -1, 'x'.repeat(11)));
    const reason = 'r'.repeat(1000);
    stage.send(connection.write({ kind: 'refused', code: 'badArguments', reason }));
    stage.settle();
    const outcomes = ['tooLarge', 'createZnode', 'tooLarge', 'tooLarge'];
    expect(stage.takeOutcomes()).toEqual(outcomes);
  });

  it('is known to a new term from the rows', () => {
    const connection = new Connection(1);
    const stage = servedWith(connection);
    stage.send(connection.create('/a'));
    stage.settle();
    const again = new Stage({}, stage.database);
    again.serve(stage.term, stage.database.applied);
    again.takeOutcomes();
    const copy = new Connection(1);
    again.send(copy.create('/a'), copy.create('/b'));
    again.settle();
    expect(again.takeOutcomes()).toEqual(['createZnode']);
  });
});
