import { NO_SESSION, ZXID_ZERO } from '@paddock/model';
import type { DatabaseReply, SessionInfo } from '@paddock/model';
import { describe, expect, test } from 'vitest';
import {
  attachment,
  attachOf,
  closing,
  DatabaseWorld,
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

const alice = session(5);
const here = attachment(FRONTEND_A);
const LOCAL = { localTimeoutMs: 9000 };

function world(limits = {}): DatabaseWorld {
  const it = new DatabaseWorld(limits, NEVER_STALE).start();
  it.connect(FRONTEND_A);
  it.create('/a');
  it.told(FRONTEND_A);
  return it;
}

function listed(it: DatabaseWorld, after = 0, limit = 100): Partial<SessionInfo>[] {
  const afterSession = after === 0 ? NO_SESSION : session(after);
  const operation = { kind: 'listSessions', path: path('/'), watch: false } as const;
  const list = { ...operation, afterSession, limit };
  it.told(FRONTEND_A);
  const terms = { afterSequence: 0, floor: ZXID_ZERO, stalenessMs: Infinity };
  it.ask(FRONTEND_A, { kind: 'read', session: NO_SESSION, ...terms, operation: list });
  const [reply] = only(it.told(FRONTEND_A), 'readReply');
  if (reply?.result.kind !== 'sessions') throw new Error('no list');
  return reply.result.sessions.map(({ session: id, isLocal, watches }) => ({
    session: id,
    isLocal,
    watches,
  }));
}

function events(replies: readonly DatabaseReply[]): unknown[] {
  return only(replies, 'event').map(({ event }) => [event.kind, event.path, event.zxid]);
}

describe('a local session', () => {
  test('H19 c: is attached without a row: no replica need know of it, and no digest has it', () => {
    const it = world();
    it.ask(FRONTEND_A, attachOf(alice, here, LOCAL), readOf(alice, '/a'));
    expect(it.told(FRONTEND_A)).toMatchObject([
      { kind: 'attachAnswer', verdict: { kind: 'local' }, timeoutMs: 9000, lastSequence: 0 },
      { kind: 'readReply', result: { kind: 'data' } },
      { kind: 'readsAccepted' },
    ]);
    expect(it.core.status()).toMatchObject({ attachedSessions: 1, sessions: 0 });
  });

  test('is told of its watches, and gone with its connection', () => {
    const it = world();
    it.ask(FRONTEND_A, attachOf(alice, here, LOCAL), readOf(alice, '/a', { watch: true }));
    it.told(FRONTEND_A);
    const at = it.apply(setting('/a', 1));
    expect(events(it.told(FRONTEND_A))).toEqual([['nodeDataChanged', '/a', at]]);
    it.ask(FRONTEND_A, readOf(alice, '/a', { watch: true }));
    it.ask(FRONTEND_A, { kind: 'detach', session: alice, attachment: here });
    expect(it.core.status()).toMatchObject({ attachedSessions: 0, watches: 0 });
  });

  test('P9: brings the watches of an earlier one, and learns what they have missed', () => {
    const it = world();
    const at = it.apply(setting('/a', 1));
    it.told(FRONTEND_A);
    const watches = [{ path: path('/a'), kind: 'data', from: zxid(1) }] as const;
    it.ask(FRONTEND_A, attachOf(alice, here, { ...LOCAL, floor: at, watches }));
    const told = it.told(FRONTEND_A);
    expect(kinds(told)).toEqual(['event', 'attachAnswer']);
    expect(events(told)).toEqual([['nodeDataChanged', '/a', at]]);
  });

  test('P9: is told that history is compacted, since a backup may have been restored since then', () => {
    const it = world({ snapshotTransactions: 1 });
    it.open(session(4), here);
    it.step({ kind: 'snapshotFailed', reason: 'to begin anew' });
    it.nowMs += 60_000;
    it.step({ kind: 'tick' });
    const { chunks, zxid: at } = it.finishSnapshot();
    const again = new DatabaseWorld({}, NEVER_STALE).start(chunks, at);
    again.connect(FRONTEND_A);
    again.told(FRONTEND_A);
    const watches = [{ path: path('/a'), kind: 'data', from: zxid(1) }] as const;
    again.ask(FRONTEND_A, attachOf(alice, attachment(FRONTEND_A, 2), { ...LOCAL, watches }));
    expect(again.told(FRONTEND_A)).toMatchObject([
      { kind: 'watchesCompacted', session: alice, watches: [{ path: '/a', kind: 'data' }] },
      { kind: 'attachAnswer', verdict: { kind: 'local' } },
    ]);
    again.ask(FRONTEND_A, attachOf(session(4), here, { watches }));
    expect(kinds(again.told(FRONTEND_A))).toEqual(['attachAnswer']);
  });

  test('H19 c: keeps its watches and its parked reads when it is upgraded, and has outcomes from then on', () => {
    const it = world();
    it.ask(
      FRONTEND_A,
      attachOf(alice, here, LOCAL),
      readOf(alice, '/a', { watch: true }),
      readOf(alice, '/a', { after: 1 }),
    );
    it.told(FRONTEND_A);
    it.open(alice, here);
    expect(kinds(it.told(FRONTEND_A))).toEqual(['sessionOpened', 'applied']);
    it.apply(setting('/a', 1), { session: alice, sequence: 1 });
    expect(kinds(it.told(FRONTEND_A))).toEqual(['event', 'outcome', 'readReply', 'applied']);
    expect(it.core.status()).toMatchObject({ attachedSessions: 1, sessions: 1 });
  });

  test('H15: a front-end that comes back in the middle of an upgrade is told that it is done, or over', () => {
    const it = world();
    it.disconnect(FRONTEND_A);
    it.open(alice, here);
    it.connect(FRONTEND_A);
    it.told(FRONTEND_A);
    it.ask(FRONTEND_A, attachOf(alice, here, LOCAL));
    expect(it.told(FRONTEND_A)).toMatchObject([{ verdict: { kind: 'attached' } }]);
    it.disconnect(FRONTEND_A);
    it.apply(closing(alice));
    it.connect(FRONTEND_A);
    it.told(FRONTEND_A);
    it.ask(FRONTEND_A, attachOf(alice, here, LOCAL));
    expect(it.told(FRONTEND_A)).toMatchObject([{ verdict: { kind: 'ended' } }]);
  });

  test('does not take over a session that has a row and another connection', () => {
    const it = world();
    it.open(alice, attachment(FRONTEND_B, 1, 2));
    it.told(FRONTEND_A);
    it.ask(FRONTEND_A, attachOf(alice, here, LOCAL));
    expect(it.told(FRONTEND_A)).toMatchObject([{ verdict: { kind: 'fenced' } }]);
  });

  test('is listed by the database that it is attached to, among the global ones and in their order', () => {
    const it = world();
    it.open(session(4), here);
    it.open(session(6), attachment(FRONTEND_B));
    it.ask(FRONTEND_A, attachOf(alice, attachment(FRONTEND_A, 2), LOCAL));
    it.ask(FRONTEND_A, attachOf(session(9), attachment(FRONTEND_A, 3), LOCAL));
    it.ask(FRONTEND_A, readOf(alice, '/a', { watch: true }));
    const all = [
      { session: 4, isLocal: false, watches: 0 },
      { session: 5, isLocal: true, watches: 1 },
      { session: 6, isLocal: false, watches: null },
      { session: 9, isLocal: true, watches: 0 },
    ];
    expect(listed(it)).toEqual(all);
    expect([...listed(it, 0, 2), ...listed(it, 5, 1), ...listed(it, 6, 5)]).toEqual(all);
    it.open(alice, attachment(FRONTEND_A, 2));
    expect(listed(it)[1]).toEqual({ session: 5, isLocal: false, watches: 1 });
  });
});
