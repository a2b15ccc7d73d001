import type { DatabaseReply, WatchRegistration, Zxid } from '@paddock/model';
import { describe, expect, test } from 'vitest';
import {
  attachment,
  attachOf,
  DatabaseWorld,
  deletion,
  FRONTEND_A,
  FRONTEND_B,
  kinds,
  NEVER_STALE,
  only,
  path,
  readOf,
  session,
  setting,
  zxid,
} from './database-world.ts';

const alice = session(1);
const here = attachment(FRONTEND_A);

function world(limits = {}): DatabaseWorld {
  const it = new DatabaseWorld(limits, NEVER_STALE).start();
  it.connect(FRONTEND_A);
  it.open(alice, here);
  it.create('/a', { session: alice, sequence: 1 });
  it.told(FRONTEND_A);
  return it;
}

function watchOf(kind: WatchRegistration['kind'], name: string, from: Zxid): WatchRegistration {
  return { kind, path: path(name), from };
}

function events(replies: readonly DatabaseReply[]): unknown[] {
  return only(replies, 'event').map(({ event }) => [event.kind, event.path, event.zxid]);
}

/** The front-end's stream breaks, the changes come, the stream is back. */
function away(it: DatabaseWorld, changes: () => void): void {
  it.disconnect(FRONTEND_A);
  changes();
  it.connect(FRONTEND_A);
  it.told(FRONTEND_A);
}

/** A database that has restarted from a snapshot at what `it` has applied, with a front-end. */
function restarted(it: DatabaseWorld): DatabaseWorld {
  it.step({ kind: 'snapshotFailed', reason: 'to begin anew' });
  it.nowMs += 60_000;
  it.step({ kind: 'tick' });
  const { chunks, zxid: at } = it.finishSnapshot();
  const again = new DatabaseWorld().start(chunks, at);
  again.connect(FRONTEND_A);
  again.told(FRONTEND_A);
  return again;
}

describe('an attach', () => {
  test('H15 a: waits until its floor is applied, and so do the reads behind it', () => {
    const it = world();
    const again = new DatabaseWorld({}, NEVER_STALE).start();
    again.connect(FRONTEND_A);
    again.told(FRONTEND_A);
    again.ask(FRONTEND_A, attachOf(alice, here, { floor: zxid(2) }), readOf(alice, '/a'));
    expect(again.told(FRONTEND_A)).toEqual([{ kind: 'readsAccepted', reads: 1 }]);
    for (const entry of it.log) again.deliver(entry);
    const told = again.told(FRONTEND_A).filter((reply) => reply.kind !== 'applied');
    expect(kinds(told)).toEqual(['sessionOpened', 'outcome', 'attachAnswer', 'readReply']);
    expect(told[3]).toMatchObject({ zxid: zxid(2), result: { kind: 'data' } });
  });

  test('H15 b: learns the outcomes that were recorded while nobody was connected', () => {
    const it = world();
    away(it, () => {
      it.apply(setting('/a', 1), { session: alice, sequence: 2 });
      it.apply(setting('/a', 2), { session: alice, sequence: 3 });
    });
    it.ask(FRONTEND_A, attachOf(alice, here, { firstUnsettled: 2 }));
    expect(it.told(FRONTEND_A)).toMatchObject([
      {
        kind: 'attachAnswer',
        verdict: { kind: 'attached' },
        lastSequence: 3,
        timeoutMs: 10_000,
        outcomes: [{ sequence: 2 }, { sequence: 3 }],
      },
    ]);
  });

  test('H15 b: nothing is sent of a session before it is attached again', () => {
    const it = world();
    away(it, () => undefined);
    it.apply(setting('/a', 1), { session: alice, sequence: 2 });
    expect(kinds(it.told(FRONTEND_A))).toEqual(['applied']);
  });

  test('H15 c: after a snapshot a watch learns from the zxids of the znode what it has missed', () => {
    const it = world({ snapshotTransactions: 1 });
    for (const name of ['/same', '/gone', '/again', '/parent']) it.create(name);
    const seen = it.core.status().applied;
    const set = it.apply(setting('/a', 1));
    it.apply(deletion('/gone'));
    it.apply(deletion('/again'));
    const created = it.create('/again');
    const child = it.create('/parent/x');
    const again = restarted(it);
    const floor = again.core.status().historyFloor;
    again.ask(
      FRONTEND_A,
      attachOf(alice, here, {
        floor: seen,
        watches: [
          watchOf('data', '/a', seen),
          watchOf('data', '/same', seen),
          watchOf('data', '/gone', seen),
          watchOf('exists', '/again', seen),
          watchOf('children', '/parent', seen),
          watchOf('exists', '/never', seen),
        ],
      }),
    );
    const told = again.told(FRONTEND_A);
    expect(events(told)).toEqual([
      ['nodeDataChanged', '/a', set],
      ['nodeCreated', '/again', created],
      ['nodeDeleted', '/gone', floor],
      ['nodeChildrenChanged', '/parent', child],
    ]);
    const { applied } = again.core.status();
    expect(only(told, 'watchesCompacted')[0]?.watches).toEqual([
      watchOf('exists', '/never', applied),
    ]);
    expect(again.core.status().watches).toBe(1);
  });

  test('P9: a watch hears of the end of its znode, also of one that came and went once more', () => {
    const it = world({ eventHistory: 2 });
    const seen = it.core.status().applied;
    let gone: Zxid = seen;
    away(it, () => {
      gone = it.apply(deletion('/a'));
      it.create('/a');
      it.apply(deletion('/a'));
    });
    const watches = [watchOf('data', '/a', seen), watchOf('children', '/a', seen)];
    it.ask(FRONTEND_A, attachOf(alice, here, { watches }));
    expect(events(it.told(FRONTEND_A))).toContainEqual(['nodeDeleted', '/a', gone]);
  });

  test('H15 d, P9: events that are replayed from the log enter the history', () => {
    const it = world();
    const seen = it.core.status().applied;
    const set = it.apply(setting('/a', 1));
    it.apply(setting('/a', 2));
    const again = new DatabaseWorld({}, NEVER_STALE).start();
    again.deliver(...it.log);
    again.connect(FRONTEND_A);
    again.told(FRONTEND_A);
    again.ask(
      FRONTEND_A,
      attachOf(alice, here, { floor: set, watches: [watchOf('data', '/a', seen)] }),
    );
    expect(events(again.told(FRONTEND_A))).toEqual([['nodeDataChanged', '/a', set]]);
  });

  test('P9: a watch that missed nothing is set again, and one that missed events gets the first', () => {
    const it = world();
    const seen = it.core.status().applied;
    let changes: Zxid[] = [];
    away(it, () => {
      changes = [it.apply(deletion('/a')), it.create('/a'), it.create('/b'), it.create('/a/x')];
    });
    it.ask(
      FRONTEND_A,
      attachOf(alice, here, {
        watches: [
          watchOf('children', '/', seen),
          watchOf('exists', '/b', seen),
          watchOf('data', '/a', seen),
          watchOf('children', '/a', changes[3] ?? seen),
        ],
      }),
    );
    expect(events(it.told(FRONTEND_A))).toEqual([
      ['nodeChildrenChanged', '/', changes[0]],
      ['nodeDeleted', '/a', changes[0]],
      ['nodeCreated', '/b', changes[2]],
    ]);
    const next = it.create('/a/y');
    expect(events(it.told(FRONTEND_A))).toEqual([['nodeChildrenChanged', '/a', next]]);
  });

  test('P4: missed events come before the outcomes that may show them', () => {
    const it = world();
    const seen = it.core.status().applied;
    away(it, () => {
      it.apply(setting('/a', 1));
      it.apply(setting('/a', 2), { session: alice, sequence: 2 });
    });
    it.ask(FRONTEND_A, attachOf(alice, here, { watches: [watchOf('data', '/a', seen)] }));
    expect(kinds(it.told(FRONTEND_A))).toEqual(['event', 'attachAnswer']);
  });

  test('H15: reads wait until all the chunks of its watches are back', () => {
    const it = world();
    const seen = it.core.status().applied;
    away(it, () => undefined);
    it.ask(
      FRONTEND_A,
      attachOf(alice, here, { watches: [watchOf('data', '/a', seen)], more: true }),
      readOf(alice, '/a'),
    );
    expect(kinds(it.told(FRONTEND_A))).toEqual(['readsAccepted']);
    it.ask(FRONTEND_A, attachOf(alice, here, { watches: [watchOf('children', '/', seen)] }));
    expect(kinds(it.told(FRONTEND_A))).toEqual(['attachAnswer', 'readReply']);
    expect(it.core.status()).toMatchObject({ watches: 2, parkedReads: 0 });
  });

  test('H3: an older attachment is fenced, and one to come is unknown', () => {
    const it = world();
    it.apply({
      kind: 'resumeSession',
      session: alice,
      attachment: attachment(FRONTEND_B, 1, 5),
      ackedThrough: 0,
    });
    it.told(FRONTEND_A);
    it.ask(
      FRONTEND_A,
      attachOf(alice, here),
      attachOf(alice, attachment(FRONTEND_A, 2, 6)),
      attachOf(session(99), here),
    );
    expect(it.told(FRONTEND_A)).toMatchObject([
      { verdict: { kind: 'fenced' } },
      { verdict: { kind: 'unknown' } },
      { verdict: { kind: 'unknown' } },
    ]);
  });

  test('H3: what the replaced connection had asked does not wait in the queue of the next one', () => {
    const it = world();
    const next = attachment(FRONTEND_A, 2, 1);
    it.apply({ kind: 'resumeSession', session: alice, attachment: next, ackedThrough: 0 });
    it.told(FRONTEND_A);
    // Sent behind a write that the fence has refused: its turn will never come.
    it.ask(FRONTEND_A, readOf(alice, '/a', { after: 9, watch: true }));
    expect(it.told(FRONTEND_A)).toMatchObject([
      { kind: 'readReply', result: { code: 'sessionMoved' } },
      { kind: 'readsAccepted' },
    ]);
    it.ask(FRONTEND_A, attachOf(alice, next), readOf(alice, '/a'));
    expect(kinds(it.told(FRONTEND_A))).toEqual(['attachAnswer', 'readReply', 'readsAccepted']);
    expect(it.core.status()).toMatchObject({ parkedReads: 0, watches: 0 });
  });

  test('H15: a floor beyond the known epoch is refused once there was time to learn of it', () => {
    const it = world();
    away(it, () => undefined);
    it.ask(FRONTEND_A, attachOf(alice, here, { floor: zxid(1, 9) }), readOf(alice, '/a'));
    it.holdTerm();
    it.nowMs = 9000;
    it.step({ kind: 'tick' });
    expect(kinds(it.told(FRONTEND_A))).toEqual(['readsAccepted', 'termHeld']);
    it.nowMs = 10_000;
    it.step({ kind: 'tick' });
    const told = it.told(FRONTEND_A);
    expect(told).toMatchObject([
      { kind: 'attachAnswer', verdict: { kind: 'refused' } },
      { kind: 'readReply', result: { code: 'sessionMoved' } },
    ]);
    expect(it.core.status().parkedReads).toBe(0);
  });

  test('H15: no floor is refused while nobody can know of its epoch', () => {
    const it = world();
    away(it, () => undefined);
    it.ask(FRONTEND_A, attachOf(alice, here, { floor: zxid(1, 9) }));
    for (it.nowMs = 10_000; it.nowMs < 100_000; it.nowMs += 10_000) it.step({ kind: 'tick' });
    expect(it.told(FRONTEND_A)).toEqual([]);
  });

  test('H15: a database that replays its way to a later epoch refuses nobody', () => {
    const it = world();
    it.deliver(it.marker(4));
    const floor = it.create('/late');
    const again = new DatabaseWorld({}, NEVER_STALE).start();
    again.connect(FRONTEND_A);
    again.ask(FRONTEND_A, attachOf(alice, here, { floor }));
    again.told(FRONTEND_A);
    again.deliver(...it.log);
    const answers = only(again.told(FRONTEND_A), 'attachAnswer');
    expect(answers).toMatchObject([{ verdict: { kind: 'attached' }, zxid: floor }]);
  });

  test('a floor within the known epoch is waited for as long as it takes', () => {
    const it = world();
    away(it, () => undefined);
    it.ask(FRONTEND_A, attachOf(alice, here, { floor: zxid(3) }));
    it.nowMs = 60_000;
    it.step({ kind: 'tick' });
    expect(it.told(FRONTEND_A)).toEqual([]);
    it.create('/b');
    expect(kinds(it.told(FRONTEND_A))).toEqual(['attachAnswer', 'applied']);
  });

  test('a detach takes a pending attach and the reads behind it along', () => {
    const it = world();
    away(it, () => undefined);
    it.ask(FRONTEND_A, attachOf(alice, here, { floor: zxid(3) }), readOf(alice, '/a'), {
      kind: 'detach',
      session: alice,
      attachment: here,
    });
    it.told(FRONTEND_A);
    it.create('/b');
    expect(kinds(it.told(FRONTEND_A))).toEqual(['applied']);
    expect(it.core.status()).toMatchObject({ parkedReads: 0, attachedSessions: 0 });
  });
});
