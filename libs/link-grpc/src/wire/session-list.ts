// Lists of sessions and of watches: the same messages between the stages and for clients.
import type { paddock } from '@paddock/contracts';
import type { ReadResult, SessionInfo, WatchedPath } from '@paddock/model';
import { count64Of, frontendOf, sessionOf, stagePathOf, word, type Field } from './fields.ts';
import { watchKinds } from './words.ts';

export function writeSessionInfo(info: SessionInfo): paddock.client.v1.SessionInfo.$Properties {
  const { watches, isLocal, ...rest } = info;
  const known = { ...rest, local: isLocal };
  return watches === null ? known : { ...known, watches };
}

export function readSessionList(wire: {
  readonly sessions?: Field<readonly paddock.client.v1.SessionInfo.$Properties[]>;
  readonly more?: Field<boolean>;
}): ReadResult {
  const sessions = (wire.sessions ?? []).map(readSessionInfo);
  return { kind: 'sessions', sessions, more: wire.more ?? false };
}

function readSessionInfo(wire: paddock.client.v1.SessionInfo.$Properties): SessionInfo {
  return {
    session: sessionOf(count64Of(wire.session, 'session'), 'session'),
    timeoutMs: word(wire.timeoutMs),
    frontend: frontendOf(count64Of(wire.frontend, 'front-end'), 'front-end'),
    connection: count64Of(wire.connection, 'connection'),
    writes: count64Of(wire.writes, 'writes'),
    outcomes: word(wire.outcomes),
    ephemerals: word(wire.ephemerals),
    ephemeralBytes: count64Of(wire.ephemeralBytes, 'ephemeral bytes'),
    watches: wire.watches ?? null,
    isLocal: wire.local ?? false,
  };
}

export function readWatchList(wire: {
  readonly watches?: Field<readonly paddock.client.v1.WatchedPath.$Properties[]>;
  readonly more?: Field<boolean>;
}): ReadResult {
  const watches = (wire.watches ?? []).map(readWatchedPath);
  return { kind: 'watches', watches, more: wire.more ?? false };
}

function readWatchedPath(wire: paddock.client.v1.WatchedPath.$Properties): WatchedPath {
  const kinds = (wire.kinds ?? []).map((it) => watchKinds.read(it));
  return { path: stagePathOf(wire.path, 'watched path'), kinds };
}
