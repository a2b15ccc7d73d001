import {
  isClientWrite,
  isEphemeral,
  makeSessionId,
  maxZxid,
  NO_SESSION,
  ROOT,
  ZXID_ZERO,
} from '@paddock/model';
import type { ClientOperation, DatabaseReply, Failed, ReadOperation, Zxid } from '@paddock/model';
import { clientOf } from './client-names.ts';
import { ClientSession, NO_LINK } from './client-session.ts';
import { answerBytes } from './session-answers.ts';
import type { SessionFrontendEffects } from './frontend-effects.ts';
import type { SessionFrontendEvent } from './frontend-event.ts';
import type { Frontend } from './frontend.ts';
import {
  checkRead,
  checkWrite,
  failed,
  isLinearizable,
  operationBytes,
  stalenessOf,
} from './operation-check.ts';
import { WRITE } from './outstanding-operations.ts';
import { requestAttachment } from './processor-requests.ts';
import { tooManyRequests } from './refusals.ts';
import { standingOf } from './standing.ts';
import type { SessionEnding } from './session-ending.ts';
import type { UnaryCall } from './unary-calls.ts';

type UnaryReceived = Extract<SessionFrontendEvent, { readonly kind: 'unaryReceived' }>;

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
  { call, operation, ...by }: UnaryReceived,
  out: SessionFrontendEffects,
): void {
  const { unary, limits, nowMs } = front;
  const { identities } = standingOf(by.identities, nowMs);
  const waitMs = isNextPage(operation) ? 0 : front.rates.take(clientOf(identities, ''), nowMs);
  const refusal = waitMs > 0 ? tooManyRequests(front, waitMs) : refusalOf(front, operation);
  if (refusal !== undefined) {
    unary.refuse(call, refusal, out);
    return;
  }
  if (operation.kind === 'whoAmI') {
    unary.refuse(call, { kind: 'identities', identities: identities ?? [] }, out);
    return;
  }
  const common = {
    identities,
    floor: ZXID_ZERO,
    floorKnown: false,
    stalenessMs: Infinity,
    deadlineMs: nowMs + front.timing.floorWaitMs,
    bytes: operationBytes(operation),
    acceptsReadOnly: acceptsReadOnly(operation),
  };
  if (isClientWrite(operation)) {
    const write = checkWrite(operation, limits, front.identityProviders.schemes);
    if (write.kind === 'refused') {
      unary.refuse(call, { ...write, kind: 'failed' }, out);
      return;
    }
    const added = unary.add(call, { ...common, write, read: null });
    if (!placeWrite(front, added)) unary.waiting.push(added);
  } else if (operation.kind === 'sync') {
    const added = unary.add(call, { ...common, write: null, read: null });
    front.readIndexes.join(null, added.ticket);
  } else if (operation.kind !== 'unknown' && operation.kind !== 'addAuth') {
    const read = checkRead(operation, NO_SESSION);
    if (read.kind === 'failed') {
      unary.refuse(call, read, out);
      return;
    }
    const floorKnown = !isLinearizable(operation);
    const stalenessMs = stalenessOf(operation);
    const floor = operation.atLeast;
    const added = unary.add(call, { ...common, write: null, read, floor, floorKnown, stalenessMs });
    if (floorKnown) askUnary(front, added, out);
    else front.readIndexes.join(null, added.ticket);
  }
}

/** Of a subtree, all pages are one request. */
function isNextPage(operation: ClientOperation): boolean {
  return operation.kind === 'getSubtree' && operation.snapshot > 0;
}

/** A sync is answered when the database has reached it; a read is asked for now. */
export function tellUnaryFloor(
  front: Frontend,
  call: UnaryCall,
  floor: Zxid,
  out: SessionFrontendEffects,
): void {
  call.floor = maxZxid(call.floor, floor);
  call.floorKnown = true;
  askUnary(front, call, out);
}

function refusalOf(front: Frontend, operation: ClientOperation) {
  const { limits, unary } = front;
  if (operation.kind === 'unknown') {
    return failed('unimplemented', 'this version does not know the operation');
  }
  if (operation.kind === 'closeSession') {
    return failed('badArguments', 'a call without a session has none to close');
  }
  if (operation.kind === 'addAuth') {
    const reason = 'a call without a session proves who it is by its own metadata';
    return failed('badArguments', reason);
  }
  if (createsEphemeral(operation)) {
    return failed('badArguments', 'an ephemeral znode belongs to a session: open one');
  }
  if ('watch' in operation && operation.watch) {
    return failed('badArguments', 'a call without a session cannot watch: open a watch stream');
  }
  const refusal = front.refusal();
  const isRefused = !(acceptsReadOnly(operation) && front.database.isOpen);
  if (refusal !== null && isRefused) return failed('notServing', refusal);
  const callsMax = limits.outstandingPerSession * (limits.unarySessions + 1);
  if (front.heldBytes > limits.queueBytes || unary.size >= callsMax) {
    const use = unary.size;
    const limit = { kind: 'outstanding', path: '', limit: callsMax, use, more: 1 } as const;
    return {
      ...failed('throttled', 'too many calls are waiting: call again later'),
      ...(use < callsMax ? {} : { limit }),
      retryAfterMs: front.timing.tickMs,
    };
  }
  return undefined;
}

/** Of a read that asks for more than what the replica has it says nothing: nobody can tell how fresh that is. */
function acceptsReadOnly(operation: ClientOperation): boolean {
  if (!('atLeast' in operation) || operation.acceptsReadOnly !== true) return false;
  return operation.consistency === undefined || operation.consistency.kind === 'local';
}

function createsEphemeral(operation: ClientOperation): boolean {
  if (operation.kind === 'create') return isEphemeral(operation.mode);
  if (operation.kind !== 'transaction') return false;
  const steps = [...operation.then, ...operation.otherwise];
  return steps.some((it) => it.kind === 'create' && isEphemeral(it.mode));
}

/** Puts a write into one of the own sessions, under its next sequence. False: none has room. */
function placeWrite(front: Frontend, call: UnaryCall): boolean {
  const session = front.unary.nextSession(front.limits.outstandingPerSession);
  if (session === undefined || call.write === null) return false;
  const slot = session.operations.push(WRITE);
  slot.write = call.write;
  slot.identities = call.identities;
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
  if (call.read === null || !call.floorKnown) return;
  if (isForReadOnly(front, call)) {
    if (call.askedOf !== database.link) sendRead(front, call, call.read, out);
    return;
  }
  if (!database.isUp || unary.mustAskAll) return;
  if (unary.unasked.length > 0 || !unary.answers.hasRoom) unary.unasked.push(call);
  else sendRead(front, call, call.read, out);
}

/** Whether it goes to a database that does not serve: that one knows whether it may answer. */
function isForReadOnly(front: Frontend, call: UnaryCall): boolean {
  return call.acceptsReadOnly && front.database.isOpen && front.refusal() !== null;
}

/** At the end of a step: reads whose answers have room now. */
export function askWaiting(front: Frontend, out: SessionFrontendEffects): void {
  const { database, unary } = front;
  if (!database.isUp) return;
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
  const { database, unary } = front;
  if (operation.kind === 'getSubtree' && operation.snapshot > 0) {
    if (!unary.subtrees.has(operation.snapshot)) {
      unary.answered(call.ticket, ZXID_ZERO, SUBTREE_LOST, out);
      return;
    }
  }
  unary.answers.asked();
  call.askedOf = database.link;
  database.reads.add(null, call.ticket);
  out.database.push(database.link, {
    kind: 'read',
    session: NO_SESSION,
    afterSequence: 0,
    floor: call.floor,
    stalenessMs: call.stalenessMs,
    operation,
    ...(call.acceptsReadOnly ? { acceptsReadOnly: true } : {}),
    identities: call.identities,
  });
}

const SUBTREE_LOST = failed(
  'connectionLoss',
  'the database that told the subtree is lost: begin again',
);
/** Of a read that nobody waits for. */
const NO_TICKET = 0;

/** The database has answered a read of a call. */
export function answerUnaryRead(
  front: Frontend,
  ticket: number,
  { zxid, result, readOnly }: Extract<DatabaseReply, { readonly kind: 'readReply' }>,
  out: SessionFrontendEffects,
): void {
  const { unary } = front;
  unary.answers.answered(answerBytes(result));
  if (result.kind === 'subtree') {
    if (!result.more) unary.subtrees.delete(result.snapshot);
    else if (unary.get(ticket) === undefined) closeSubtree(front, result.snapshot, out);
    else unary.subtrees.add(result.snapshot);
  }
  unary.answered(ticket, zxid, result, out, readOnly);
}

/** Nobody wants the rest of it. */
function closeSubtree(front: Frontend, snapshot: number, out: SessionFrontendEffects): void {
  const { database, unary } = front;
  unary.answers.asked();
  database.reads.add(null, NO_TICKET);
  unary.subtrees.delete(snapshot);
  out.database.push(database.link, {
    kind: 'read',
    session: NO_SESSION,
    afterSequence: 0,
    floor: ZXID_ZERO,
    stalenessMs: Infinity,
    operation: { kind: 'getSubtree', path: ROOT, watch: false, snapshot, bytes: 0 },
  });
}

/** A new database stream knows of no read: all of them go again, once it is known to serve. */
export function forgetAsked({ unary }: Frontend): void {
  unary.answers.reset();
  unary.unasked = [];
  unary.subtrees.clear();
  unary.mustAskAll = true;
}

/** At the end of a step. */
export function askAgain(front: Frontend, out: SessionFrontendEffects): void {
  if (!front.database.isUp) return;
  front.unary.mustAskAll = false;
  for (const call of front.unary.all()) askUnary(front, call, out);
}

/** Answers the syncs whose floor the database has reached. */
export function settleUnarySyncs(front: Frontend, out: SessionFrontendEffects): void {
  const { database, unary } = front;
  if (!database.isUp) return;
  for (const call of unary.syncs) {
    if (!call.floorKnown || call.floor > database.applied) continue;
    unary.answered(call.ticket, call.floor, { kind: 'synced' }, out);
  }
}

/**
 * On a tick, and when the database stops serving: fails the calls that certainly never ran, if they have waited too
 * long or nobody can answer them here; writes that may have run wait for their time, since the replica may come back.
 */
export function failOverdueCalls(front: Frontend, out: SessionFrontendEffects): void {
  const { nowMs, unary } = front;
  const refusal = front.refusal();
  let overdue = 0;
  for (const call of unary.waiting) {
    if (refusal === null && nowMs < call.deadlineMs) break;
    overdue++;
    const reason = refusal ?? 'no session of this front-end could take the write';
    unary.answered(call.ticket, ZXID_ZERO, failed('notServing', reason), out);
  }
  if (overdue > 0) unary.waiting = unary.waiting.slice(overdue);
  for (const call of unary.all()) {
    const isOverdue = nowMs >= call.deadlineMs;
    let result: Failed | null = null;
    if (call.write !== null) {
      if (refusal !== null && isOverdue) {
        result = failed('connectionLoss', `${refusal}; whether the write took effect is unknown`);
      }
    } else if (!isOverdue && isForReadOnly(front, call)) {
      askUnary(front, call, out);
    } else if (refusal !== null) {
      result = failed('notServing', refusal);
    } else if (isOverdue) {
      const reason = 'the state that was asked for was not reached in time';
      result = failed('operationTimeout', reason);
    }
    if (result !== null) unary.answered(call.ticket, ZXID_ZERO, result, out);
  }
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
