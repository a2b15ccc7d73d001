import { isEphemeral, makeSessionId, NO_SESSION, ZXID_ZERO } from '@paddock/model';
import type { ClientOperation, ReadOperation } from '@paddock/model';
import { ClientSession, NO_LINK } from './client-session.ts';
import type { SessionFrontendEffects } from './frontend-effects.ts';
import type { Frontend } from './frontend.ts';
import { checkRead, checkWrite, failed, isWrite, operationBytes } from './operation-check.ts';
import { WRITE } from './outstanding-operations.ts';
import { requestAttachment } from './processor-requests.ts';
import type { SessionEnding } from './session-ending.ts';
import type { UnaryCall } from './unary-calls.ts';

const SECRET_BYTES = 16;

/** Opens the sessions that unary writes run in. They are the front-end's own: nobody resumes them. */
export function openOwnSessions(front: Frontend, out: SessionFrontendEffects): void {
  const { sessions } = front.unary;
  while (sessions.length < front.limits.unarySessions) sessions.push(openOwnSession(front, out));
}

function openOwnSession(front: Frontend, out: SessionFrontendEffects): ClientSession {
  const secret = front.random.bytes(SECRET_BYTES);
  const session = new ClientSession(
    {
      link: NO_LINK,
      session: makeSessionId(front.random.safeInteger()),
      attachment: front.newAttachment(0),
      secret,
      secretHash: front.secretHash(secret),
      timeoutMs: front.timing.sessionTimeoutMs,
    },
    front.limits,
    front.nowMs,
  );
  session.phase = 'opening';
  front.byConnection.set(session.connection, session);
  requestAttachment(front, session, out);
  return session;
}

/** Takes a call without a session; a refusal concerns this call alone (H19). */
export function receiveUnary(
  front: Frontend,
  call: number,
  operation: ClientOperation,
  out: SessionFrontendEffects,
): void {
  const { unary, limits } = front;
  const refusal = refusalOf(front, operation);
  if (refusal !== undefined) {
    unary.refuse(call, refusal, out);
    return;
  }
  const deadlineMs = front.nowMs + front.timing.floorWaitMs;
  const bytes = operationBytes(operation);
  if (isWrite(operation)) {
    const write = checkWrite(operation, limits);
    if (write.kind === 'refused') {
      unary.refuse(call, failed(write.code, write.reason), out);
      return;
    }
    const added = unary.add(call, { write, read: null, floor: ZXID_ZERO, deadlineMs, bytes });
    if (!placeWrite(front, added)) unary.waiting.push(added);
  } else if (operation.kind === 'sync') {
    const added = unary.add(call, { write: null, read: null, floor: ZXID_ZERO, deadlineMs, bytes });
    front.readIndexes.join(null, added.ticket);
  } else if (operation.kind !== 'unknown') {
    const read = checkRead(operation);
    if (read.kind === 'failed') {
      unary.refuse(call, read, out);
      return;
    }
    const floor = operation.atLeast;
    askUnary(front, unary.add(call, { write: null, read, floor, deadlineMs, bytes }), out);
  }
}

function refusalOf(front: Frontend, operation: ClientOperation) {
  const { limits, unary } = front;
  if (operation.kind === 'unknown') {
    return failed('unimplemented', 'this version does not know the operation');
  }
  if (operation.kind === 'closeSession') {
    return failed('badArguments', 'a call without a session has none to close');
  }
  if (operation.kind === 'create' && isEphemeral(operation.mode)) {
    return failed('badArguments', 'an ephemeral znode belongs to a session: open one');
  }
  if ('watch' in operation && operation.watch) {
    return failed('badArguments', 'a call without a session cannot watch: open a watch stream');
  }
  if (!front.isServing()) return failed('notServing', 'this replica has no database at present');
  const callsMax = limits.outstandingPerSession * (limits.unarySessions + 1);
  if (front.heldBytes > limits.queueBytes || unary.size >= callsMax) {
    return failed('throttled', 'too many calls are waiting: call again later');
  }
  return undefined;
}

/** Puts a write into one of the own sessions, under its next sequence. False: none has room. */
function placeWrite(front: Frontend, call: UnaryCall): boolean {
  const session = front.unary.nextSession(front.limits.outstandingPerSession);
  if (session === undefined || call.write === null) return false;
  const slot = session.operations.push(WRITE);
  slot.write = call.write;
  slot.sequence = session.nextSequence++;
  slot.call = call.ticket;
  slot.bytes = call.bytes;
  front.heldBytes += call.bytes;
  session.waitsBehind = session.operations.tail - 1;
  front.markDue(session);
  return true;
}

/** At the end of a step: writes that waited for a session, in order. */
export function placeWaiting(front: Frontend): void {
  const { unary } = front;
  let placed = 0;
  for (const call of unary.waiting) {
    if (unary.get(call.ticket) !== undefined && !placeWrite(front, call)) break;
    placed++;
  }
  if (placed > 0) unary.waiting = unary.waiting.slice(placed);
}

function askUnary(front: Frontend, call: UnaryCall, out: SessionFrontendEffects): void {
  const { database, unary } = front;
  if (!database.isOpen || call.read === null) return;
  if (unary.unasked.length > 0 || !unary.answers.hasRoom) unary.unasked.push(call);
  else sendRead(front, call, call.read, out);
}

/** At the end of a step: reads whose answers have room now. */
export function askWaiting(front: Frontend, out: SessionFrontendEffects): void {
  const { database, unary } = front;
  if (!database.isOpen) return;
  let taken = 0;
  for (const call of unary.unasked) {
    if (!unary.answers.hasRoom) break;
    taken++;
    // Its caller may be gone by now.
    if (call.read === null || unary.get(call.ticket) === undefined) continue;
    sendRead(front, call, call.read, out);
  }
  if (taken > 0) unary.unasked = unary.unasked.slice(taken);
}

function sendRead(
  front: Frontend,
  call: UnaryCall,
  operation: ReadOperation,
  out: SessionFrontendEffects,
): void {
  const { database } = front;
  front.unary.answers.asked();
  database.reads.add(null, call.ticket);
  out.database.push(database.link, {
    kind: 'read',
    session: NO_SESSION,
    afterSequence: 0,
    floor: call.floor,
    operation,
  });
}

/** A new database stream knows of no read: all of them go again. */
export function askUnaryAgain(front: Frontend, out: SessionFrontendEffects): void {
  front.unary.answers.reset();
  front.unary.unasked = [];
  for (const call of front.unary.all()) askUnary(front, call, out);
}

/** Answers the syncs whose floor the database has reached. */
export function settleUnarySyncs(front: Frontend, out: SessionFrontendEffects): void {
  const { database, unary } = front;
  if (!database.isOpen) return;
  for (const call of unary.syncs) {
    if (!call.floorKnown || call.floor > database.applied) continue;
    unary.answered(call.ticket, call.floor, { kind: 'synced' }, out);
  }
}

/** On a tick: fails the calls that have waited too long and certainly never ran. */
export function failOverdueCalls(front: Frontend, out: SessionFrontendEffects): void {
  const { nowMs, unary } = front;
  const isServing = front.isServing();
  for (const call of unary.all()) {
    if (call.write !== null) continue;
    if (!isServing) {
      const result = failed('notServing', 'this replica has no database at present');
      unary.answered(call.ticket, ZXID_ZERO, result, out);
    } else if (nowMs >= call.deadlineMs) {
      const reason = 'the state that was asked for was not reached in time';
      unary.answered(call.ticket, ZXID_ZERO, failed('operationTimeout', reason), out);
    }
  }
  let overdue = 0;
  for (const call of unary.waiting) {
    if (isServing && nowMs < call.deadlineMs) break;
    overdue++;
    const result = failed('notServing', 'no session of this front-end could take the write');
    unary.answered(call.ticket, ZXID_ZERO, result, out);
  }
  if (overdue > 0) unary.waiting = unary.waiting.slice(overdue);
}

/**
 * An own session has ended. What its tombstone shows is answered, what is behind the last of it never ran and runs in
 * another session (H19); what the tombstone no longer tells is unknown, and said so.
 */
export function replaceOwnSession(
  front: Frontend,
  ended: ClientSession,
  ending: SessionEnding,
  out: SessionFrontendEffects,
): void {
  const { unary } = front;
  // Without a tombstone each of its writes may have run.
  let last = ending.cause === 'forgotten' && ended.greeted ? Infinity : ended.settledThrough;
  for (const outcome of ending.outcomes) {
    ended.settle(outcome);
    last = Math.max(last, outcome.sequence);
  }
  const { operations } = ended;
  for (let position = operations.head; position < operations.tail; position++) {
    const slot = operations.at(position);
    front.heldBytes -= slot.bytes;
    const call = unary.get(slot.call);
    if (call === undefined) continue;
    if (slot.result !== null) {
      unary.answered(call.ticket, slot.zxid, slot.result, out);
    } else if (slot.sequence > last) {
      unary.waiting.push(call);
    } else {
      const result = failed('connectionLoss', 'what became of the write is not known any more');
      unary.answered(call.ticket, ZXID_ZERO, result, out);
    }
  }
  const place = unary.sessions.indexOf(ended);
  if (place >= 0) unary.sessions[place] = openOwnSession(front, out);
}
