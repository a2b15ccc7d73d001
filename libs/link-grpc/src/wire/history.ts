// protos/paddock/client/v1/history.proto: queries of the log and what is found.
import type { paddock } from '@paddock/contracts';
import {
  counterOf,
  epochOf,
  LOG_LIMIT_DEFAULT,
  LOG_LIMIT_MAX,
  NO_SESSION,
  trustedSessionId,
} from '@paddock/model';
import type { LoggedRestoration, LogExtent, LogQuery, PathChange, Zxid } from '@paddock/model';
import {
  clientPathOf,
  count64Of,
  ordinalOf,
  presentOf,
  stagePathOf,
  word,
  zxidOf,
} from './fields.ts';
import { WireError } from './wire-error.ts';
import { changeCauses, logOperations } from './words.ts';

/** A part of an answer to a query of the log. */
export type LogPart =
  | ({ readonly kind: 'begins' } & LogExtent)
  | { readonly kind: 'changes'; readonly changes: readonly FoundChange[] }
  | { readonly kind: 'ends'; readonly logStart: Zxid; readonly more: boolean };

/** What a client is told of a change. */
export type FoundChange = Omit<PathChange, 'znodeKind'>;

export function writeLogQuery(query: LogQuery): paddock.client.v1.LogRequest.$Properties {
  return {
    path: query.path,
    subtree: query.subtree,
    sinceEpoch: epochOf(query.since),
    sinceCounter: counterOf(query.since),
    beforeEpoch: epochOf(query.before),
    beforeCounter: counterOf(query.before),
    oldestFirst: !query.newestFirst,
    limit: query.limit,
  };
}

export function readLogQuery(request: paddock.client.v1.LogRequest.$Shape): LogQuery {
  const limit = word(request.limit);
  if (limit > LOG_LIMIT_MAX) throw new WireError('limit', `is ${limit}, above ${LOG_LIMIT_MAX}`);
  return {
    path: clientPathOf(request.path, 'path'),
    subtree: request.subtree === true,
    since: zxidOf(request.sinceEpoch, request.sinceCounter, 'since'),
    before: zxidOf(request.beforeEpoch, request.beforeCounter, 'before'),
    newestFirst: request.oldestFirst !== true,
    limit: limit === 0 ? LOG_LIMIT_DEFAULT : limit,
  };
}

export function writeLogPart(part: LogPart): paddock.client.v1.LogResponse.$Properties {
  switch (part.kind) {
    case 'begins':
      return {
        begins: {
          logStartEpoch: epochOf(part.logStart),
          logStartCounter: counterOf(part.logStart),
          throughEpoch: epochOf(part.through),
          throughCounter: counterOf(part.through),
        },
      };
    case 'changes':
      return { changes: { changes: part.changes.map(writeChange) } };
    case 'ends':
      return {
        ends: {
          logStartEpoch: epochOf(part.logStart),
          logStartCounter: counterOf(part.logStart),
          more: part.more,
        },
      };
  }
}

export function readLogPart(message: paddock.client.v1.LogResponse.$Shape): LogPart {
  switch (message.kind) {
    case 'begins': {
      const { begins } = message;
      return {
        kind: 'begins',
        logStart: zxidOf(begins.logStartEpoch, begins.logStartCounter, 'log start'),
        through: zxidOf(begins.throughEpoch, begins.throughCounter, 'log through'),
      };
    }
    case 'changes':
      return { kind: 'changes', changes: (message.changes.changes ?? []).map(readChange) };
    case 'ends': {
      const { ends } = message;
      const logStart = zxidOf(ends.logStartEpoch, ends.logStartCounter, 'log start');
      return { kind: 'ends', logStart, more: ends.more === true };
    }
    case undefined:
      throw new WireError('log response', 'has no kind');
  }
}

function writeChange(change: FoundChange): paddock.client.v1.LogChange.$Properties {
  return {
    zxidEpoch: epochOf(change.zxid),
    zxidCounter: counterOf(change.zxid),
    timeMs: change.time,
    session: change.session,
    sequence: change.sequence,
    path: change.path,
    operation: logOperations.write(change.operation),
    cause: changeCauses.write(change.cause),
    version: change.version,
    dataLength: change.dataLength,
    ...(change.restoration && { restoration: writeRestoration(change.restoration) }),
  };
}

function readChange(wire: paddock.client.v1.LogChange.$Properties): FoundChange {
  const session = count64Of(wire.session, 'log session');
  return {
    zxid: zxidOf(wire.zxidEpoch, wire.zxidCounter, 'log zxid'),
    time: count64Of(wire.timeMs, 'log time'),
    session: session === 0 ? NO_SESSION : trustedSessionId(session),
    sequence: count64Of(wire.sequence, 'log sequence'),
    path: stagePathOf(presentOf(wire.path, 'log path'), 'log path'),
    operation: logOperations.read(wire.operation),
    cause: changeCauses.read(wire.cause),
    version: wire.version ?? 0,
    dataLength: wire.dataLength ?? 0,
    restoration: wire.restoration ? readRestoration(wire.restoration) : null,
  };
}

function writeRestoration({
  backup,
  leader,
}: LoggedRestoration): paddock.client.v1.LogRestoration.$Properties {
  return { backupEpoch: epochOf(backup), backupCounter: counterOf(backup), leader };
}

function readRestoration(wire: paddock.client.v1.LogRestoration.$Properties): LoggedRestoration {
  return {
    backup: zxidOf(wire.backupEpoch, wire.backupCounter, 'zxid of a backup'),
    leader: ordinalOf(wire.leader, 'leader of a restoration'),
  };
}
