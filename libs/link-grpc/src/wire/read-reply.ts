// The answer to a read, as its generated class reads it.
import type { paddock } from '@paddock/contracts';
import type { DatabaseReply, ReadResult, Stat } from '@paddock/model';
import { readAccess } from './acl.ts';
import { bytesOf, countOf, ordinalOf, pathsOf, zxidOf } from './fields.ts';
import { readMany } from './client-values.ts';
import { readSubtree } from './subtree.ts';
import { readSessionList, readWatchList } from './session-list.ts';
import { readUses } from './quota.ts';
import { readFailed, readStat } from './stage-values.ts';
import { WireError } from './wire-error.ts';

type ReadReply = Extract<DatabaseReply, { kind: 'readReply' }>;

/** A znode's data is bounded by the frame that it came in. */
const DATA_BYTES_MAX = Number.MAX_SAFE_INTEGER;

export function readReadReply(wire: paddock.frontend_database.v1.ReadReply.$Shape): ReadReply {
  const reply = {
    kind: 'readReply',
    read: ordinalOf(wire.read, 'read number'),
    zxid: zxidOf(wire.zxidEpoch, wire.zxidCounter, 'read zxid'),
    result: readReadResult(wire),
  } as const;
  return wire.readOnly === true ? { ...reply, readOnly: true } : reply;
}

function readReadResult(wire: paddock.frontend_database.v1.ReadReply.$Shape): ReadResult {
  switch (wire.result) {
    case 'data': {
      const data = bytesOf(wire.data, DATA_BYTES_MAX, 'read data');
      return { kind: 'data', data, stat: readStat(wire.stat) };
    }
    case 'exists':
      return { kind: 'stat', stat: readStat(wire.stat) };
    case 'children':
      return readChildren(wire.children, readStat(wire.stat));
    case 'failed':
      return readFailed(wire.failed);
    case 'acl':
      return { kind: 'acl', acl: readAccess(wire.acl).acl, stat: readStat(wire.stat) };
    case 'permitted':
      return { kind: 'permitted', permitted: wire.permitted };
    case 'ephemerals':
      return { kind: 'ephemerals', paths: pathsOf(wire.ephemerals.paths) };
    case 'sessions':
      return readSessionList(wire.sessions);
    case 'watches':
      return readWatchList(wire.watches);
    case 'many':
      return readMany(wire.many);
    case 'subtree':
      return readSubtree(wire.subtree);
    case 'quotas':
      return { kind: 'quotas', quotas: readUses(wire.quotas.quotas) };
    case 'descendants': {
      const { descendants, subtreeBytes } = wire.descendants;
      return {
        kind: 'descendants',
        descendants: countOf(descendants, 'descendants'),
        subtreeBytes: countOf(subtreeBytes, 'subtree bytes'),
        stat: readStat(wire.stat),
      };
    }
    case undefined:
      throw new WireError('read result', 'is missing');
  }
}

/** Whether there are more is said of a page, and of nothing else. */
function readChildren(wire: paddock.frontend_database.v1.Children.$Shape, stat: Stat): ReadResult {
  const children = wire.names ?? [];
  const { more } = wire;
  if (more === null || more === undefined) return { kind: 'children', children, stat };
  return { kind: 'childrenPage', children, more, stat };
}
