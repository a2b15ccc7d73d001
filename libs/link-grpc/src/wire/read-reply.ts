// The answer to a read, the busiest message of database → front-end.
import type { paddock } from '@paddock/contracts';
import { counterOf, epochOf } from '@paddock/model';
import type { DatabaseReply, ReadResult } from '@paddock/model';
import { bytesOf, ordinalOf, zxidOf } from './fields.ts';
import { readFailed, readStat, writeFailed, writeStat } from './stage-values.ts';
import { WireError } from './wire-error.ts';

type WireRead = paddock.frontend_database.v1.ReadReply.$Properties;
type ReadReply = Extract<DatabaseReply, { kind: 'readReply' }>;

/** A znode's data is bounded by the frame that it came in. */
const DATA_BYTES_MAX = Number.MAX_SAFE_INTEGER;

export function writeReadReply(reply: ReadReply): WireRead {
  const wire: WireRead = {
    read: reply.read,
    zxidEpoch: epochOf(reply.zxid),
    zxidCounter: counterOf(reply.zxid),
  };
  const result = reply.result;
  switch (result.kind) {
    case 'data':
      wire.stat = writeStat(result.stat);
      wire.data = result.data;
      break;
    case 'stat':
      wire.stat = writeStat(result.stat);
      wire.exists = true;
      break;
    case 'children':
      wire.stat = writeStat(result.stat);
      wire.children = { names: result.children.slice() };
      break;
    case 'failed':
      wire.failed = writeFailed(result);
      break;
  }
  return wire;
}

export function readReadReply(wire: paddock.frontend_database.v1.ReadReply.$Shape): ReadReply {
  return {
    kind: 'readReply',
    read: ordinalOf(wire.read, 'read number'),
    zxid: zxidOf(wire.zxidEpoch, wire.zxidCounter, 'read zxid'),
    result: readReadResult(wire),
  };
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
      return {
        kind: 'children',
        children: wire.children.names ?? [],
        stat: readStat(wire.stat),
      };
    case 'failed':
      return readFailed(wire.failed);
    case undefined:
      throw new WireError('read result', 'is missing');
  }
}
