import { describe, expect, it } from 'vitest';
import { attachment, Connection, FRONTEND, servedWith } from './stage.ts';

describe('an attachment', () => {
  it('H3 a: fences the one before from the acceptance of the resume on', () => {
    const old = new Connection(1, attachment(1));
    const stage = servedWith(old);
    stage.send(old.create('/a'), old.create('/b'));
    const fresh = new Connection(1, attachment(2), 3);
    stage.send(fresh.resume(), old.create('/late'), fresh.create('/c'));
    stage.settle();
    const outcomes = ['createZnode', 'createZnode', 'resumeSession', 'createZnode'];
    expect(stage.takeOutcomes()).toEqual(outcomes);
    expect(stage.takeReplies()).toMatchObject([
      { kind: 'verdict', code: 'sessionMoved', attachment: old.attachment },
    ]);
  });

  it('H3 b: an old write of the same number never stands in for a new one', () => {
    const old = new Connection(1, attachment(1));
    const stage = servedWith(old);
    const stalled = old.create('/stalled');
    const fresh = new Connection(1, attachment(2));
    stage.send(fresh.resume());
    stage.send(stalled, fresh.create('/new'));
    stage.settle();
    expect(stage.proposed.map((it) => it.change)).toMatchObject([
      { kind: 'resumeSession' },
      { kind: 'createZnode', path: '/new' },
    ]);
  });

  it('H3 c: of a lower attempt is refused when it arrives behind a higher one', () => {
    const stage = servedWith(new Connection(1, attachment(1)));
    const second = new Connection(1, attachment(5, 2, 8));
    const third = new Connection(1, attachment(4, 3, 9));
    stage.send(third.resume(), second.resume());
    stage.send(third.create('/a'));
    stage.settle();
    expect(stage.takeOutcomes()).toEqual(['resumeSession', 'createZnode']);
    expect(stage.takeReplies()).toMatchObject([
      { kind: 'verdict', code: 'sessionMoved', attachment: second.attachment },
    ]);
  });

  it('H3: sent again unchanged is the same resume', () => {
    const stage = servedWith(new Connection(1, attachment(1)));
    const fresh = new Connection(1, attachment(2));
    stage.send(fresh.resume(), fresh.resume());
    stage.settle();
    stage.send(fresh.resume());
    stage.settle();
    expect(stage.takeOutcomes()).toEqual(['resumeSession']);
    expect(stage.takeReplies()).toEqual([]);
  });

  it('H3: is not given for another secret, and nothing is given away', () => {
    const owner = new Connection(1, attachment(1));
    const stage = servedWith(owner);
    const thief = { ...new Connection(1, attachment(2)).resume(), secretHash: new Uint8Array(32) };
    stage.send(thief, owner.create('/a'));
    stage.settle();
    expect(stage.takeReplies()).toMatchObject([{ kind: 'verdict', code: 'noAuth' }]);
    expect(stage.takeOutcomes()).toEqual(['createZnode']);
  });

  it('H3: trims only up to what its client has acknowledged', () => {
    const old = new Connection(1, attachment(1));
    const stage = servedWith(old);
    stage.send(old.create('/a'), old.create('/b'), old.create('/c'));
    stage.send(new Connection(1, attachment(2)).resume(2));
    stage.settle();
    expect(stage.proposed.at(-1)?.change).toMatchObject({ ackedThrough: 2 });
  });

  it('that has ended is told once for a pipeline', () => {
    const old = new Connection(1, attachment(1));
    const stage = servedWith(old);
    stage.send(new Connection(1, attachment(2)).resume());
    stage.send(old.create('/a'), old.create('/b'), old.create('/c'));
    expect(stage.takeReplies()).toHaveLength(1);
  });
});

describe('a session', () => {
  it('H19 b: opened twice with the same secret is one session; another secret is refused', () => {
    const connection = new Connection(1);
    const stage = servedWith(connection);
    stage.send(connection.open());
    expect(stage.takeReplies()).toEqual([]);
    const other = { ...connection.open(), secretHash: new Uint8Array(32) };
    stage.send(other);
    stage.settle();
    expect(stage.takeReplies()).toMatchObject([{ kind: 'verdict', code: 'noAuth' }]);
    expect(stage.takeOutcomes()).toEqual([]);
  });

  it('is granted a timeout within the bounds, and a window that holds what may be outstanding', () => {
    const stage = servedWith(new Connection(1), { windowCount: 10, outstandingPerSession: 20 });
    stage.send(new Connection(2).open(1), new Connection(3).open(1e9), new Connection(4).open(NaN));
    const changes = stage.proposed.map((it) => it.change);
    expect(changes).toMatchObject([
      { timeoutMs: 4000, windowCount: 20 },
      { timeoutMs: 40_000 },
      { timeoutMs: 4000 },
    ]);
  });

  it('H4 b: that is being closed is refused at a basis that has the close', () => {
    const connection = new Connection(1);
    const stage = servedWith(connection);
    stage.send(connection.close());
    stage.send(connection.create('/late'));
    expect(stage.takeReplies()).toEqual([]);
    stage.settle();
    const basis = stage.proposed.at(-1)?.zxid;
    expect(stage.takeOutcomes()).toEqual(['closeSession']);
    expect(stage.takeReplies()).toMatchObject([
      { kind: 'verdict', code: 'unknownSession', basis, term: stage.term },
    ]);
  });

  it('H4: that nobody knows is refused at the last zxid assigned', () => {
    const stage = servedWith(new Connection(1));
    stage.send(new Connection(2).create('/a'));
    const basis = stage.core.status().lastAssigned;
    expect(stage.takeReplies()).toMatchObject([{ kind: 'verdict', code: 'unknownSession', basis }]);
  });

  it('H4: has no verdict sent to a front-end that has gone, also when its link number is used again', () => {
    const connection = new Connection(1);
    const stage = servedWith(connection);
    stage.send(connection.close(), connection.create('/late'));
    stage.endFrontend(FRONTEND);
    stage.connectFrontend(FRONTEND);
    stage.settle();
    expect(stage.takeReplies()).toEqual([]);
  });
});
