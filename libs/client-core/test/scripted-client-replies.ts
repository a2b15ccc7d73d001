import { requestHash, trustedPath } from '@paddock/model';
import type { NumberedResult, Outcome, SessionReply, Stat } from '@paddock/model';
import { SESSION, zxid } from './scripted-client.ts';

export const STAT: Stat = {
  czxid: zxid(1),
  mzxid: zxid(1),
  pzxid: zxid(1),
  ctime: 0,
  mtime: 0,
  version: 0,
  cversion: 0,
  aversion: 0,
  ephemeralOwner: SESSION,
  dataLength: 0,
  numChildren: 0,
  kind: 'persistent',
  ttlMs: 0,
};

export function wrote(counter: number): NumberedResult {
  return { zxid: zxid(counter), result: { kind: 'dataSet', stat: STAT } };
}

export function read(counter: number): NumberedResult {
  return { zxid: zxid(counter), result: { kind: 'data', data: new Uint8Array(0), stat: STAT } };
}

export function absent(counter: number): NumberedResult {
  return { zxid: zxid(counter), result: { kind: 'failed', code: 'noNode', reason: '' } };
}

export function results(...of: NumberedResult[]): SessionReply {
  return { kind: 'results', results: of };
}

/** The recorded outcome of the write that `set(path)` makes. */
export function recorded(sequence: number, path: string): Outcome {
  const write = {
    kind: 'setData',
    path: trustedPath(path),
    data: new Uint8Array(2),
    version: -1,
  } as const;
  const hash = requestHash(write);
  return {
    sequence,
    zxid: zxid(sequence + 1),
    requestHash: hash,
    result: wrote(0).result as never,
  };
}

export function resumed(lastSequence: number, outcomes: readonly Outcome[] = []): SessionReply {
  return {
    kind: 'resumed',
    timeoutMs: 9000,
    zxid: zxid(50),
    lastSequence,
    outcomes,
    more: false,
  };
}

export function ended(
  cause: Extract<SessionReply, { kind: 'ended' }>['cause'],
  outcomes: readonly Outcome[] = [],
): SessionReply {
  return { kind: 'ended', cause, reason: `it is ${cause}`, outcomes };
}
