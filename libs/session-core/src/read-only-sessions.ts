import { isReadOnlyRead, maxZxid, NO_SESSION, ZXID_ZERO } from '@paddock/model';
import type { ClientOperation, SessionRequest, Zxid } from '@paddock/model';
import type { ClientSession } from './client-session.ts';
import type { SessionFrontendEffects } from './frontend-effects.ts';
import type { Frontend } from './frontend.ts';
import { checkRead, failed, operationBytes } from './operation-check.ts';
import { READ, SETTLED } from './outstanding-operations.ts';
import { endAsElsewhere } from './session-ending.ts';
import { deliver } from './session-progress.ts';

type Operations = Extract<SessionRequest, { kind: 'operations' }>;

/** Whether a connection that accepts it can be served here, and only so: there is a database, and it does not serve. */
export function canServeReadOnly(front: Frontend): boolean {
  return front.database.isOpen && front.refusal() !== null;
}

/**
 * The replica has lost the leader: the connection may read what is here, at or above what the client has seen, and
 * nothing else. No session is opened, resumed or kept alive by it: who has one has to be back with the leader in time.
 */
export function serveReadOnly(
  front: Frontend,
  session: ClientSession,
  floor: Zxid,
  out: SessionFrontendEffects,
): void {
  session.session = NO_SESSION;
  session.phase = 'readOnly';
  session.floor = floor;
  out.clients.push(session.link, { kind: 'readOnly', timeoutMs: session.timeoutMs });
  const detail = { reason: front.refusal() ?? '' };
  out.events.push({ level: 'info', message: 'a connection is read-only', detail });
}

/** In the order of the operations, as for a session; they move when the step ends. */
export function receiveReadOnly(
  front: Frontend,
  session: ClientSession,
  { operations }: Operations,
): void {
  for (const operation of operations) {
    const read = readOf(operation);
    const slot = session.operations.push(read.kind === 'failed' ? SETTLED : READ);
    slot.bytes = operationBytes(operation);
    front.heldBytes += slot.bytes;
    slot.number = NOT_ASKED;
    if (read.kind !== 'failed') {
      slot.read = read;
      slot.floor = 'atLeast' in operation ? operation.atLeast : ZXID_ZERO;
      continue;
    }
    slot.answered = true;
    slot.zxid = ZXID_ZERO;
    slot.result = read;
  }
  front.markDue(session);
}

/** The numbers of reads count from 1 on. */
const NOT_ASKED = 0;

function readOf(operation: ClientOperation): ReturnType<typeof checkRead> {
  return isReadOnlyRead(operation) ? checkRead(operation, NO_SESSION) : REFUSED;
}

const REFUSED = failed(
  'notReadOnly',
  'this replica has lost the leader: it answers local reads without a watch, and nothing else',
);

/** Asks for one read after the other: each shows no less than the one before (P3). */
export function advanceReadOnly(
  front: Frontend,
  session: ClientSession,
  out: SessionFrontendEffects,
): void {
  deliver(front, session, out);
  const { operations } = session;
  const { database } = front;
  if (operations.head === operations.tail || !database.isOpen) return;
  const slot = operations.at(operations.head);
  if (slot.read === null || slot.number !== NOT_ASKED || !session.answers.hasRoom(slot.read)) {
    return;
  }
  session.answers.asked(slot.read);
  slot.number = database.reads.add(session, operations.head);
  out.database.push(database.link, {
    kind: 'read',
    session: NO_SESSION,
    afterSequence: 0,
    floor: maxZxid(slot.floor, session.floor),
    stalenessMs: Infinity,
    operation: slot.read,
    acceptsReadOnly: true,
    identities: session.identities,
  });
}

/** On a tick: there is nothing to read any more, or a session can be had again. */
export function endReadOnly(
  front: Frontend,
  session: ClientSession,
  out: SessionFrontendEffects,
): void {
  if (front.database.isOpen && front.refusal() !== null) return;
  endAsElsewhere(front, session, 'this replica is not read-only any more', out);
}
