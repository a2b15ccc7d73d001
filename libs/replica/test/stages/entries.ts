import { encodeTermMarker, encodeTransaction } from '@paddock/codec';
import {
  makeFrontendIncarnation,
  makeSessionId,
  makeTerm,
  makeZxid,
  NO_SESSION,
} from '@paddock/model';
import type { Attachment, Change, LogEntry, Term, Zxid } from '@paddock/model';

export const TERM = makeTerm(1, 1);
export const SESSION = makeSessionId(77);
export const FRONTEND = makeFrontendIncarnation(501);
export const ATTACHMENT: Attachment = { frontend: FRONTEND, connection: 1, attempt: 0 };
export const SECRET_HASH = new Uint8Array(32).fill(7);

export function zxid(counter: number): Zxid {
  return makeZxid(1, counter);
}

export function markerEntry(
  counter: number,
  processorAddress: string,
  term: Term = TERM,
): LogEntry {
  const payload = encodeTermMarker({ term, processorAddress });
  return { zxid: zxid(counter), kind: 'termMarker', payload };
}

/** A transaction; of a session's write, with its sequence. */
export function dataEntry(counter: number, change: Change, sequence = 0): LogEntry {
  const session = sequence === 0 ? NO_SESSION : SESSION;
  const rest = { session, sequence, requestHash: 0, ackedThrough: 0, change };
  return {
    zxid: zxid(counter),
    kind: 'data',
    payload: encodeTransaction({ time: 1000 + counter, ...rest }),
  };
}

export const OPENING: Change = {
  kind: 'openSession',
  session: SESSION,
  timeoutMs: 9000,
  secretHash: SECRET_HASH,
  attachment: ATTACHMENT,
  windowCount: 100,
  windowBytes: 10_000,
};
