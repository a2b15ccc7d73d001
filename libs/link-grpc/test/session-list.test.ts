import { makeFrontendIncarnation, makeSessionId, ZXID_ZERO } from '@paddock/model';
import { describe, expect, it } from 'vitest';
import { readSessions } from '../src/wire/client-operation.ts';
import { readSessionList, writeSessionInfo } from '../src/wire/session-list.ts';

describe('a call that lists sessions', () => {
  it('begins at the lowest id, and asks for as many as go, where it says nothing else', () => {
    const read = { kind: 'listSessions', path: '/', atLeast: ZXID_ZERO };
    expect(readSessions({})).toEqual({ ...read, afterSession: 0, limit: 0 });
    expect(readSessions({ after: 2 ** 53 - 1, limit: 7, linearizable: true })).toEqual({
      ...read,
      afterSession: 2 ** 53 - 1,
      limit: 7,
      consistency: { kind: 'linearizable' },
    });
  });

  it('tells a session without watches from one whose watches another replica knows', () => {
    const info = {
      session: makeSessionId(2 ** 53 - 1),
      timeoutMs: 10_000,
      frontend: makeFrontendIncarnation(2 ** 40),
      connection: 3,
      writes: 2 ** 40,
      outcomes: 1,
      ephemerals: 4,
      ephemeralBytes: 99,
      isLocal: true,
    };
    const sessions = [
      { ...info, watches: 0 },
      { ...info, watches: null },
    ];
    const written = sessions.map(writeSessionInfo);
    expect(written.map((it) => 'watches' in it)).toEqual([true, false]);
    const list = { kind: 'sessions', sessions, more: true };
    expect(readSessionList({ sessions: written, more: true })).toEqual(list);
  });
});
