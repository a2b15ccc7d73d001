import { describe, expect, it } from 'vitest';
import { Connection, servedWith } from './stage.ts';
import type { Stage } from './stage.ts';

function withZnodes(connection: Connection, ...paths: string[]): Stage {
  return withZnodesAnd(20, connection, ...paths);
}

/** Of 7 places and fewer none is for settled znodes. */
function withZnodesAnd(overlayEntries: number, connection: Connection, ...paths: string[]): Stage {
  const stage = servedWith(connection, { overlayEntries });
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
    const stage = withZnodesAnd(7, connection, '/a');
    stage.send(connection.set('/a'));
    stage.settle();
    const { applied } = stage.database;
    stage.send(connection.set('/a'));
    expect(stage.lookUps).toMatchObject([{ floor: applied }]);
  });

  it('H5 variant: survives a database that restarts behind, which answers only from the floor on', () => {
    const connection = new Connection(1);
    const stage = withZnodesAnd(7, connection, '/a');
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

  it('keeps what is needed again and again, and looks it up no more', () => {
    const connection = new Connection(1);
    const stage = withZnodesAnd(8, connection, '/a');
    stage.send(connection.set('/a', 0));
    stage.settle();
    stage.send(connection.set('/a', 1), connection.set('/a', 1));
    expect(stage.lookUps).toEqual([]);
    stage.settle();
    expect(stage.takeOutcomes()).toEqual(['setZnodeData', 'setZnodeData', 'badVersion']);
    expect(stage.core.status().overlayZnodes).toBe(0);
  });

  it('lets what is needed least leave first, and raises the floor by it (H5)', () => {
    const connection = new Connection(1);
    const stage = withZnodesAnd(8, connection, '/a', '/b');
    stage.send(connection.set('/a'));
    stage.settle();
    const { applied } = stage.database;
    stage.send(connection.set('/b'));
    stage.settle();
    // There is one place, and /b has it now.
    stage.send(connection.set('/b'));
    expect(stage.lookUps).toEqual([]);
    stage.settle();
    stage.send(connection.set('/a'));
    expect(stage.lookUps).toMatchObject([{ query: { kind: 'znodes', paths: ['/a'] } }]);
    expect(stage.lookUps[0]?.floor).toBeGreaterThanOrEqual(applied);
  });

  it('H5: lets no settled znode leave before a database that restarted behind has said its change', () => {
    const owner = new Connection(1);
    const other = new Connection(2);
    const stage = withZnodesAnd(16, owner, '/p', '/b', '/c');
    stage.send(other.open(), owner.create('/p/e', 'ephemeral'));
    stage.settle();
    // Twice, so that /b, /c, /p and /p/x are known for coming back; two of them have a place.
    for (let round = 0; round < 2; round++) {
      for (const path of ['/b', '/c']) stage.send(other.set(path));
      stage.send(other.create('/p/x'));
      stage.settle();
      stage.send(other.delete('/p/x'));
      stage.settle();
    }
    stage.send(other.create('/p/x'));
    stage.settle();
    stage.breakDatabase();
    stage.database.restart(stage.database.appliedCount - 1);
    stage.connectDatabase();
    // The refused sets settle first and want the places; the close's answer is of before the last creation below /p.
    stage.send(other.set('/b', 99), other.set('/c', 99), owner.close());
    stage.settle();
    const close = stage.database.transactions.at(-1)?.change;
    expect(close).toMatchObject({
      kind: 'closeSession',
      znodes: [{ path: '/p/e', parentCversion: 7 }],
    });
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
