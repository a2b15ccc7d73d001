import { isClientWrite, parseZnodePath, requestHash, ZXID_ZERO } from '@paddock/model';
import type {
  ClientOperation,
  ClientRead,
  ClientWrite,
  OperationResult,
  SessionRequest,
} from '@paddock/model';
import type { ClientSession } from './client-session.ts';
import type { SessionFrontendEffects } from './frontend-effects.ts';
import type { Frontend } from './frontend.ts';
import { acknowledgeLocal, LOCAL_CLOSED, refusalOfLocal, upgrade } from './local-sessions.ts';
import {
  checkRead,
  checkWrite,
  failed,
  isLinearizable,
  operationBytes,
  stalenessOf,
} from './operation-check.ts';
import { READ, SETTLED, SYNC, WRITE } from './outstanding-operations.ts';
import type { OutstandingOperation } from './outstanding-operations.ts';
import { proofOf, prove } from './proving.ts';
import { receiveReadOnly } from './read-only-sessions.ts';
import { tooManyRequests } from './refusals.ts';
import { endAsRefused } from './session-ending.ts';
import { addAuth, dropExpired } from './session-identities.ts';
import { openSession, resumeSession } from './session-opening.ts';

type Operations = Extract<SessionRequest, { kind: 'operations' }>;

export function receiveRequest(
  front: Frontend,
  session: ClientSession,
  request: SessionRequest,
  out: SessionFrontendEffects,
): void {
  session.alive = true;
  if (session.proving !== null && request.kind !== 'heartbeat') {
    session.proving.held.push(request);
    return;
  }
  dropExpired(front, session, out);
  switch (request.kind) {
    case 'open':
    case 'resume':
      if (session.phase !== 'waiting') {
        endAsRefused(front, session, 'the connection has its session already', out);
      } else if (request.kind === 'open') {
        openSession(front, session, request, out);
      } else {
        resumeSession(front, session, request, out);
      }
      break;
    case 'operations':
      receiveOperations(front, session, request, out);
      break;
    case 'heartbeat':
      if (request.number > session.heartbeat) session.heartbeat = request.number;
      // It is a sign of life of the connection alone.
      acknowledgeLocal(front, session, out);
      if (session.phase === 'readOnly') {
        out.clients.push(session.link, { kind: 'heartbeat', acknowledged: 0, covered: ZXID_ZERO });
      }
      break;
    case 'upgrade':
      upgrade(front, session, out);
      break;
    case 'unwatch':
      unwatch(front, session, request, out);
      break;
  }
}

/** What is not there is gone already: its event may have been under way. */
function unwatch(
  front: Frontend,
  session: ClientSession,
  { path, watch }: Extract<SessionRequest, { kind: 'unwatch' }>,
  out: SessionFrontendEffects,
): void {
  const parsed = parseZnodePath(path);
  if (!parsed.ok || !session.watches.remove(watch, parsed.path)) return;
  // An attach that is to come brings only what is left.
  if (!session.attached && !session.attachAsked) return;
  const { session: id, attachment } = session;
  front.database.send({ kind: 'unwatch', session: id, attachment, path: parsed.path, watch }, out);
}

/** Puts the operations behind the session's earlier ones (P2); they move when the step ends. */
function receiveOperations(
  front: Frontend,
  session: ClientSession,
  request: Operations,
  out: SessionFrontendEffects,
): void {
  if (session.phase === 'readOnly') {
    receiveReadOnly(front, session, request);
    boundOutstanding(front, session, out);
    return;
  }
  if (session.phase !== 'live' && session.phase !== 'opening') {
    endAsRefused(front, session, 'operations came before the session was opened or resumed', out);
    return;
  }
  // A client acknowledges what it was told; a larger number would cost it outcomes that it still needs (H21).
  const acked = Math.min(request.ackedThrough, session.settledThrough);
  if (acked > session.ackedThrough) acknowledge(session, acked);
  let sequence = request.firstSequence;
  // Sent before the client was told where to begin again: it will be sent again from there.
  if (session.isExpecting && sequence !== session.nextSequence) return;
  session.isExpecting = false;
  for (const [index, operation] of request.operations.entries()) {
    if (session.closing) break;
    if (operation.kind === 'addAuth' && proofOf(front, session, operation) === null) {
      const operations = request.operations.slice(index);
      prove(front, session, operation, { ...request, firstSequence: sequence, operations }, out);
      break;
    }
    const waitMs = waitOf(front, session, operation);
    if (waitMs > 0 && isClientWrite(operation)) {
      askAgainFrom(session, sequence, waitMs, out);
      break;
    } else if (waitMs > 0) {
      settle(front, session, operation, tooManyRequests(front, waitMs));
    } else if (isClientWrite(operation)) {
      const fault = takeWrite(front, session, sequence, operation);
      if (fault !== undefined) {
        endAsRefused(front, session, fault, out);
        return;
      }
      sequence++;
    } else {
      takeOther(front, session, operation);
    }
  }
  if (session.proving === null) session.told.length = 0;
  front.markDue(session);
  boundOutstanding(front, session, out);
}

/** How long the client has to wait before it may ask this; a close ends its asking. */
function waitOf(front: Frontend, session: ClientSession, operation: ClientOperation): number {
  if (operation.kind === 'closeSession') return 0;
  return front.rates.take(session.client, front.nowMs);
}

/** The write is not taken, and nothing behind it either, so that its number stays the next one (H2). */
function askAgainFrom(
  session: ClientSession,
  sequence: number,
  retryAfterMs: number,
  out: SessionFrontendEffects,
): void {
  session.isExpecting = true;
  out.clients.push(session.link, { kind: 'expect', sequence, retryAfterMs });
}

function acknowledge(session: ClientSession, through: number): void {
  session.ackedThrough = through;
  const { recorded } = session;
  if (recorded === null) return;
  for (const sequence of recorded.keys()) {
    if (sequence <= through) recorded.delete(sequence);
  }
  if (recorded.size === 0) session.recorded = null;
}

/** The reason to end the connection, where the sequence is not the one that is due (H2). */
function takeWrite(
  front: Frontend,
  session: ClientSession,
  sequence: number,
  operation: ClientWrite,
): string | undefined {
  if (sequence !== session.nextSequence) {
    if (takeDuplicate(front, session, sequence, operation)) return undefined;
    return `the next write is number ${session.nextSequence}, not ${sequence}`;
  }
  const refusal = refusalOfLocal(session, operation);
  if (refusal !== null) return refusal;
  if (session.scope === 'local') {
    session.nextSequence = sequence + 1;
    session.closing = true;
    settle(front, session, operation, LOCAL_CLOSED);
    return undefined;
  }
  const slot = hold(front, session, WRITE, operation);
  slot.write = checkWrite(operation, front.limits, front.identityProviders.schemes);
  slot.sequence = sequence;
  session.nextSequence = sequence + 1;
  session.waitsBehind = session.operations.tail - 1;
  if (operation.kind === 'closeSession') session.closing = true;
  return undefined;
}

/** A write that the resume has already told of: the same one has the same outcome, and runs no second time (P5). */
function takeDuplicate(
  front: Frontend,
  session: ClientSession,
  sequence: number,
  operation: ClientWrite,
): boolean {
  const outcome = session.recorded?.get(sequence);
  if (outcome === undefined) return false;
  const slot = hold(front, session, SETTLED, operation);
  const { schemes } = front.identityProviders;
  slot.answered = true;
  slot.zxid = outcome.zxid;
  slot.result =
    requestHash(checkWrite(operation, front.limits, schemes)) === outcome.requestHash
      ? outcome.result
      : failed('sequenceMismatch', `write ${sequence} of this session was a different one`);
  return true;
}

function takeOther(
  front: Frontend,
  session: ClientSession,
  operation: Exclude<ClientOperation, ClientWrite>,
): void {
  switch (operation.kind) {
    case 'sync': {
      const slot = hold(front, session, SYNC, operation);
      slot.sequence = session.nextSequence - 1;
      slot.floor = ZXID_ZERO;
      confirmFloor(front, session, slot);
      break;
    }
    case 'unknown':
      settle(front, session, operation, UNKNOWN);
      break;
    case 'addAuth':
      settle(front, session, operation, addAuth(front, session, operation));
      break;
    case 'whoAmI': {
      const { identities = [] } = session;
      settle(front, session, operation, { kind: 'identities', identities });
      break;
    }
    case 'getData':
    case 'exists':
    case 'getChildren':
    case 'getChildrenPage':
    case 'countDescendants':
    case 'readMany':
    case 'getSubtree':
    case 'getQuotas':
    case 'getEphemerals':
    case 'listSessions':
    case 'getWatches':
    case 'getAcl':
    case 'can':
      takeRead(front, session, operation);
      break;
  }
}

const UNKNOWN = failed('unimplemented', 'this version does not know the operation');

/** It waits for its turn to be answered, and for nothing else. */
function settle(
  front: Frontend,
  session: ClientSession,
  operation: ClientOperation,
  result: OperationResult,
): void {
  const slot = hold(front, session, SETTLED, operation);
  slot.answered = true;
  slot.zxid = ZXID_ZERO;
  slot.result = result;
}

function takeRead(front: Frontend, session: ClientSession, operation: ClientRead): void {
  const read = checkRead(operation, session.session);
  if (read.kind === 'failed') {
    settle(front, session, operation, read);
    return;
  }
  const refusal = session.watches.refusalOf(read, front.limits.watchesPerSession);
  if (refusal !== null) {
    settle(front, session, operation, refusal);
    return;
  }
  session.watches.asked(read);
  const slot = hold(front, session, READ, operation);
  slot.read = read;
  slot.sequence = session.nextSequence - 1;
  slot.floor = operation.atLeast;
  slot.stalenessMs = stalenessOf(operation);
  if (isLinearizable(operation)) confirmFloor(front, session, slot);
  else slot.floorKnown = true;
}

/** The newest operation waits for a floor that is confirmed after its arrival (H13). */
function confirmFloor(front: Frontend, session: ClientSession, slot: OutstandingOperation): void {
  const position = session.operations.tail - 1;
  slot.floorKnown = false;
  slot.deadlineMs = front.nowMs + front.timing.floorWaitMs;
  front.readIndexes.join(session, position);
  session.waitsBehind = position;
}

function hold(
  front: Frontend,
  session: ClientSession,
  kind: number,
  operation: ClientOperation,
): OutstandingOperation {
  const slot = session.operations.push(kind);
  slot.bytes = operationBytes(operation);
  slot.identities = session.identities;
  front.heldBytes += slot.bytes;
  return slot;
}

/** Too much of one session, or in all: its connection is not read until there is room. */
function boundOutstanding(
  front: Frontend,
  session: ClientSession,
  out: SessionFrontendEffects,
): void {
  const { limits } = front;
  const isFull =
    session.operations.length >= limits.outstandingPerSession ||
    front.heldBytes >= limits.queueBytes;
  if (!isFull || session.pausedHere) return;
  session.pausedHere = true;
  front.paused.add(session);
  out.clientReading.push({ link: session.link, paused: true });
}

/** At the end of a step: reads on where there is room again, with some room to spare. */
export function readPausedAgain(front: Frontend, out: SessionFrontendEffects): void {
  const { limits } = front;
  if (front.heldBytes > limits.queueBytes / 2) return;
  for (const session of front.paused) {
    if (session.operations.length > limits.outstandingPerSession / 2) continue;
    if (session.proving !== null) continue;
    session.pausedHere = false;
    front.paused.delete(session);
    out.clientReading.push({ link: session.link, paused: false });
  }
}
