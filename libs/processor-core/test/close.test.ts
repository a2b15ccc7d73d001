import { encodeTransaction } from '@paddock/codec';
import { describe, expect, it } from 'vitest';
import { DEFAULT_LIMITS } from '@paddock/model';
import { Connection, servedWith } from './stage.ts';

describe('the close of a session', () => {
  it('H6 a: leaves a foreign znode that has taken the path of its ephemeral', () => {
    const owner = new Connection(1);
    const other = new Connection(2);
    const stage = servedWith(owner);
    stage.send(other.open(), owner.create('/e', 'ephemeral'));
    stage.settle();
    stage.takeOutcomes();
    stage.send(other.delete('/e'), other.create('/e'), owner.close());
    stage.settle();
    expect(stage.takeOutcomes()).toEqual(['deleteZnode', 'createZnode', 'closeSession']);
    expect(stage.database.znodes.get('/e' as never)?.record.ephemeralOwner).toBe(0);
  });

  it('H6 a: leaves it also when the queue waits between the answer and the close', () => {
    const owner = new Connection(1);
    const other = new Connection(2);
    const stage = servedWith(owner);
    stage.send(other.open(), owner.create('/e', 'ephemeral'), owner.create('/p'));
    stage.settle();
    stage.takeOutcomes();
    stage.send(other.delete('/e'), other.create('/p/n', 'persistentSequential'), owner.close());
    const [znodes, ephemerals] = [stage.takeAnswer(), stage.takeAnswer()];
    stage.databaseSays(znodes);
    stage.databaseSays(ephemerals);
    // The sequential name is being looked up; meanwhile the deletion is applied, and leaves the overlay.
    stage.apply();
    stage.settle();
    const outcomes = ['deleteZnode', 'createZnode', 'closeSession'];
    expect(stage.takeOutcomes()).toEqual(outcomes);
  });

  it('H6 b: takes along what was pipelined before it and refuses what comes behind', () => {
    const owner = new Connection(1);
    const stage = servedWith(owner);
    stage.send(owner.create('/e', 'ephemeral'), owner.create('/p'), owner.close());
    stage.send(owner.create('/late', 'ephemeral'));
    stage.settle();
    expect(stage.takeOutcomes()).toEqual(['createZnode', 'createZnode', 'closeSession']);
    expect([...stage.database.znodes.keys()]).toEqual(['/', '/p']);
  });

  it('H6 b: by expiry refuses a create that is pipelined behind it', () => {
    const owner = new Connection(1);
    const stage = servedWith(owner);
    for (let i = 0; i < 21; i++) stage.tick();
    expect(stage.lookUps.map((it) => it.query.kind)).toEqual(['reapable', 'ephemerals']);
    stage.send(owner.create('/late', 'ephemeral'));
    stage.settle();
    expect(stage.takeOutcomes()).toEqual(['closeSession']);
    expect(stage.takeReplies()).toMatchObject([{ kind: 'verdict', code: 'unknownSession' }]);
  });

  it('H6 c: always fits a transaction, because the create is refused that would make it not', () => {
    const owner = new Connection(1);
    const stage = servedWith(owner, { requestBytes: 400, ephemeralBytesPerSession: 1e6 });
    for (let i = 0; i < 40; i++) stage.send(owner.create(`/e${i}`, 'ephemeral'));
    stage.settle();
    const outcomes = stage.takeOutcomes();
    const made = outcomes.filter((it) => it === 'createZnode').length;
    expect(made).toBeGreaterThan(5);
    expect(outcomes.filter((it) => it === 'quotaExceeded')).toHaveLength(40 - made);
    // What is deleted makes room again.
    stage.send(owner.delete('/e0'), owner.create('/e99', 'ephemeral'));
    stage.send(owner.create('/persistent'), owner.close());
    stage.settle();
    const close = stage.proposed.at(-1);
    expect(stage.takeOutcomes().slice(0, 2)).toEqual(['deleteZnode', 'createZnode']);
    if (close === undefined) throw new RangeError('no close was proposed');
    expect(close.change).toMatchObject({ kind: 'closeSession', end: 'closed' });
    expect(encodeTransaction(close).length).toBeLessThanOrEqual(400);
  });

  it('H6 c: reckons with the bytes that a new term reads from the row', () => {
    const bound = DEFAULT_LIMITS.ephemeralBytesPerSession;
    const owner = new Connection(1);
    const stage = servedWith(owner);
    const row = stage.database.sessions.get(owner.session);
    if (row === undefined) throw new RangeError('the session has no row');
    stage.database.sessions.set(owner.session, { ...row, ephemeralBytes: bound - 10 });
    stage.grant(stage.term, stage.database.applied);
    stage.settle();
    stage.takeOutcomes();
    stage.send(owner.create('/e', 'ephemeral'), owner.create('/p'));
    stage.settle();
    expect(stage.takeOutcomes()).toEqual(['quotaExceeded', 'createZnode']);
  });

  it('H6 d: says the cversion of each parent after each deletion', () => {
    const owner = new Connection(1);
    const stage = servedWith(owner);
    stage.send(owner.create('/p'), owner.create('/p/a', 'ephemeral'));
    stage.settle();
    stage.send(owner.create('/p/b', 'ephemeral'), owner.close());
    stage.settle();
    expect(stage.proposed.at(-1)?.change).toMatchObject({
      znodes: [
        { path: '/p/a', parentCversion: 3 },
        { path: '/p/b', parentCversion: 4 },
      ],
    });
  });
});
