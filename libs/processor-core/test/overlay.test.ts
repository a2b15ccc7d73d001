import { describe, expect, it } from 'vitest';
import { Connection, servedWith } from './stage.ts';
import type { Stage } from './stage.ts';

function withZnodes(connection: Connection, ...paths: string[]): Stage {
  const stage = servedWith(connection, { overlayEntries: 20 });
  for (const path of paths) stage.send(connection.create(path));
  stage.settle();
  stage.takeOutcomes();
  return stage;
}

describe('the overlay', () => {
  it('H5: stays until the look-up stream has said that the change is applied', () => {
    const connection = new Connection(1);
    const stage = withZnodes(connection, '/a');
    stage.send(connection.set('/a', 0));
    stage.answerAll();
    // Applied, and not yet said: an answer from before may still be on its way.
    stage.database.applyNext(1);
    expect(stage.core.status().overlayZnodes).toBe(1);
    stage.send(connection.set('/a', 0));
    expect(stage.takeOutcomes()).toEqual(['setZnodeData', 'badVersion']);
    stage.apply();
    expect(stage.core.status().overlayZnodes).toBe(0);
  });

  it('H5: is newer than an answer that was true before the change', () => {
    const connection = new Connection(1);
    const other = new Connection(2);
    const stage = withZnodes(connection, '/a');
    stage.send(other.open(), connection.create('/e', 'ephemeral'));
    stage.settle();
    stage.takeOutcomes();
    // The close is asked first, and deletes what the set behind it looks up in the same turn.
    stage.send(connection.close(), other.set('/e', 0));
    stage.settle();
    expect(stage.takeOutcomes()).toEqual(['closeSession', 'noNode']);
  });

  it('H5: has look-ups parked at the highest zxid that has left it', () => {
    const connection = new Connection(1);
    const stage = withZnodes(connection, '/a');
    stage.send(connection.set('/a'));
    stage.settle();
    const { applied } = stage.database;
    stage.send(connection.set('/a'));
    expect(stage.lookUps).toMatchObject([{ floor: applied }]);
  });

  it('H5 variant: survives a database that restarts behind, which answers only from the floor on', () => {
    const connection = new Connection(1);
    const stage = withZnodes(connection, '/a');
    stage.send(connection.set('/a', 0));
    stage.settle();
    stage.takeOutcomes();
    stage.send(connection.set('/a', 0));
    const count = stage.database.appliedCount;
    stage.breakDatabase();
    stage.database.restart(count - 1);
    stage.connectDatabase();
    stage.answerAll();
    expect(stage.lookUps).toHaveLength(1);
    expect(stage.takeOutcomes()).toEqual([]);
    stage.settle();
    expect(stage.takeOutcomes()).toEqual(['badVersion']);
  });

  it('H5 variant: drops nothing on the word of the stream before', () => {
    const connection = new Connection(1);
    const stage = withZnodes(connection, '/a');
    stage.send(connection.set('/a', 0));
    stage.answerAll();
    const count = stage.database.appliedCount;
    stage.database.applyNext(1);
    stage.breakDatabase();
    stage.database.restart(count);
    stage.connectDatabase();
    expect(stage.core.status().overlayZnodes).toBe(1);
    stage.apply();
    expect(stage.core.status()).toMatchObject({
      overlayZnodes: 0,
      changesInFlight: 0,
      bytesHeld: 0,
    });
  });

  it('H5 variant: keeps what only the stream before has said, until the new one says it too', () => {
    const owner = new Connection(1);
    const other = new Connection(2);
    const stage = servedWith(owner);
    stage.send(other.open(), owner.create('/e', 'ephemeral'));
    stage.settle();
    stage.takeOutcomes();
    stage.send(other.delete('/e'));
    stage.answerAll();
    stage.send(other.create('/new'), other.set('/e'), owner.close());
    stage.apply();
    stage.breakDatabase();
    stage.database.restart(stage.database.appliedCount - 1);
    stage.connectDatabase();
    // The first answer settles what still needed /e; the second lists /e, which is there again and doomed.
    stage.databaseSays(stage.takeAnswer());
    stage.databaseSays(stage.takeAnswer());
    stage.settle();
    const outcomes = ['deleteZnode', 'createZnode', 'noNode', 'closeSession'];
    expect(stage.takeOutcomes()).toEqual(outcomes);
  });

  it('H5: is bounded: full, the front-ends are not read, until a push from the database drains it', () => {
    const connection = new Connection(1);
    const stage = withZnodes(connection);
    for (let i = 0; i < 20; i++) stage.send(connection.create(`/n${i}`));
    stage.answerAll();
    expect(stage.core.wantsRequests()).toBe(false);
    expect(stage.lookUps).toEqual([]);
    stage.apply();
    expect(stage.core.wantsRequests()).toBe(true);
  });

  it('is bounded in bytes, of requests that wait and of changes in flight', () => {
    const connection = new Connection(1);
    const stage = servedWith(connection, { queueBytes: 1000 });
    stage.send(connection.create('/a', 'persistent', 'x'.repeat(990)));
    expect(stage.core.wantsRequests()).toBe(false);
    stage.answerAll();
    expect(stage.core.wantsRequests()).toBe(false);
    stage.apply();
    expect(stage.core.wantsRequests()).toBe(true);
  });

  it('asks for a znode once, however many queued writes need it', () => {
    const connection = new Connection(1);
    const stage = servedWith(connection);
    stage.send(connection.create('/a'), connection.create('/b'));
    stage.send(connection.set('/a'), connection.create('/c'));
    const asked = stage.lookUps.map(({ query }) => query.kind === 'znodes' && query.paths);
    expect(asked).toEqual([['/', '/a', '/b'], ['/c']]);
  });

  it('lets a database go that answers what was not asked', () => {
    const connection = new Connection(1);
    const stage = servedWith(connection);
    stage.send(connection.create('/a'));
    const request = stage.lookUps[0];
    const zxid = stage.database.applied;
    const answer = { kind: 'znodes', records: [] } as const;
    stage.databaseSays({ kind: 'answer', lookUp: request?.lookUp ?? 0, zxid, answer });
    expect(stage.closings).toMatchObject([{ link: stage.databaseLink, end: { cause: 'refused' } }]);
    stage.connectDatabase();
    stage.settle();
    expect(stage.takeOutcomes()).toEqual(['createZnode']);
  });
});
