import { maxZxid, ZXID_ZERO } from '@paddock/model';
import type { NumberedResult, OperationResult, Zxid } from '@paddock/model';
import type { ClientSession } from './client-session.ts';
import type { SessionFrontendEffects } from './frontend-effects.ts';
import type { Frontend } from './frontend.ts';
import { failed } from './operation-check.ts';
import { READ, SYNC, WRITE } from './outstanding-operations.ts';
import type { OutstandingOperation } from './outstanding-operations.ts';
import { advanceReadOnly } from './read-only-sessions.ts';
import { tellIdentities } from './session-identities.ts';

const SYNCED: OperationResult = { kind: 'synced' };

const UNREACHED = 'no leader confirmed the sync, or this replica did not reach it, in time';
const UNCONFIRMED = 'no leader confirmed in time what is committed';

/** Carries a session as far as its neighbours' answers allow: asks, forwards, answers, in its order (P2). */
export function advance(
  front: Frontend,
  session: ClientSession,
  out: SessionFrontendEffects,
): void {
  if (session.phase === 'readOnly') advanceReadOnly(front, session, out);
  if (session.phase !== 'live') return;
  let cleared: number;
  do {
    // A sync that has failed lets the reads behind it go.
    cleared = session.clearCursor;
    askReads(front, session, out);
    identifyBehindReads(front, session, out);
    clearWrites(front, session);
  } while (session.clearCursor !== cleared && session.readCursor < session.operations.tail);
  forwardWrites(front, session, out);
  deliver(front, session, out);
  const { tail } = session.operations;
  const waits = session.clearCursor < tail ? session.waitsBehind >= session.clearCursor : false;
  if ((waits || session.forwardCursor < session.clearCursor) && !session.isBlocked) {
    session.isBlocked = true;
    front.blocked.push(session);
  }
}

/** Not before a read that was asked as who it was before. */
function identifyBehindReads(
  front: Frontend,
  session: ClientSession,
  out: SessionFrontendEffects,
): void {
  if (!session.mustIdentify || session.readCursor < session.operations.tail) return;
  if (session.attached && front.database.isUp) tellIdentities(front, session, out);
}

/**
 * Reads go to the database at once, as far as their answers have room; linearizable ones, and those behind a sync, when
 * the floor is known, which they then carry. What is behind them waits, too (H14).
 */
function askReads(front: Frontend, session: ClientSession, out: SessionFrontendEffects): void {
  const { operations } = session;
  while (session.readCursor < operations.tail) {
    const position = session.readCursor;
    const slot = operations.at(position);
    if (!slot.answered) {
      if (slot.kind === READ) {
        if (!slot.floorKnown) {
          if (!failOverdue(front, slot, UNCONFIRMED)) return;
          if (slot.read !== null) session.watches.unasked(slot.read);
        } else if (!askRead(front, session, slot, out)) {
          return;
        }
      } else if (slot.kind === SYNC) {
        if (!slot.floorKnown) return;
        session.syncFloor = maxZxid(session.syncFloor, slot.floor);
      }
    }
    session.readCursor = position + 1;
  }
}

/** False: not yet. */
function askRead(
  front: Frontend,
  session: ClientSession,
  slot: OutstandingOperation,
  out: SessionFrontendEffects,
): boolean {
  const { answers } = session;
  const { database } = front;
  if (!session.attached || !database.isUp) return false;
  if (slot.read === null || !answers.hasRoom(slot.read)) return false;
  answers.asked(slot.read);
  slot.number = database.reads.add(session, session.readCursor);
  slot.floor = maxZxid(slot.floor, maxZxid(session.floor, session.syncFloor));
  out.database.push(database.link, {
    kind: 'read',
    session: session.session,
    afterSequence: slot.sequence,
    floor: slot.floor,
    stalenessMs: slot.stalenessMs,
    operation: slot.read,
    identities: slot.identities,
  });
  return true;
}

/**
 * Moves on over what later writes need not wait for: a read that the database has parked or answered and whose floor
 * it has reached; a sync that is answered (H14). A read that waits for the replica to be fresh is parked beyond the
 * next transactions, and would show the session's own.
 */
function clearWrites(front: Frontend, session: ClientSession): void {
  const { operations } = session;
  const { database } = front;
  while (session.clearCursor < operations.tail) {
    const position = session.clearCursor;
    const slot = operations.at(position);
    if (!slot.answered) {
      if (slot.kind === READ) {
        if (position >= session.readCursor || slot.number > database.readsAccepted) return;
        if (slot.floor > database.applied || slot.stalenessMs !== Infinity) return;
      } else if (slot.kind === SYNC && !answerSync(front, session, slot)) {
        return;
      }
    }
    session.clearCursor = position + 1;
  }
}

function answerSync(front: Frontend, session: ClientSession, slot: OutstandingOperation): boolean {
  const { database } = front;
  // A new stream may have reached the floor before it has told this session what it missed (P4).
  if (slot.floorKnown && session.attached && slot.floor <= database.applied) {
    slot.result = SYNCED;
    slot.zxid = slot.floor;
  } else {
    return failOverdue(front, slot, UNREACHED);
  }
  slot.answered = true;
  return true;
}

/** False: it has time left. */
function failOverdue(front: Frontend, slot: OutstandingOperation, reason: string): boolean {
  if (front.nowMs < slot.deadlineMs) return false;
  slot.result = failed('operationTimeout', reason);
  slot.zxid = ZXID_ZERO;
  slot.answered = true;
  return true;
}

function forwardWrites(front: Frontend, session: ClientSession, out: SessionFrontendEffects): void {
  if (session.forwardCursor >= session.clearCursor) return;
  const { processor } = front;
  if (!processor.isReady) return;
  if (front.nowMs < session.holdUntilMs) {
    front.holdUntilMs = Math.min(front.holdUntilMs, session.holdUntilMs);
    return;
  }
  const { operations } = session;
  const ackedThrough = session.isOwn ? session.settledThrough : session.ackedThrough;
  while (session.forwardCursor < session.clearCursor) {
    const slot = operations.at(session.forwardCursor);
    if (slot.kind === WRITE && !slot.answered && slot.write !== null) {
      session.ackSent = ackedThrough;
      processor.send(
        {
          kind: 'write',
          session: session.session,
          attachment: session.attachment,
          sequence: slot.sequence,
          ackedThrough,
          operation: slot.write,
          identities: slot.identities,
        },
        out,
      );
    }
    session.forwardCursor++;
  }
}

/** Answers what is answered, from the oldest on, in batches. */
export function deliver(
  front: Frontend,
  session: ClientSession,
  out: SessionFrontendEffects,
): void {
  const { operations } = session;
  if (operations.head === operations.tail || !operations.at(operations.head).answered) return;
  const { batchBytes, batchOperations } = front.limits;
  let results: NumberedResult[] = [];
  let bytes = 0;
  while (operations.head < operations.tail) {
    const slot = operations.at(operations.head);
    const { result } = slot;
    if (!slot.answered || result === null) break;
    const zxid = deliveredZxid(session, slot);
    front.heldBytes -= slot.bytes;
    if (session.isOwn) {
      front.unary.answered(slot.call, zxid, result, out);
    } else {
      results.push({ zxid, result });
      bytes += slot.bytes;
      if (result.kind === 'closed') session.closeDelivered = true;
      if (results.length >= batchOperations || bytes >= batchBytes) {
        out.clients.push(session.link, { kind: 'results', results });
        results = [];
        bytes = 0;
      }
    }
    session.pop();
  }
  if (results.length > 0) out.clients.push(session.link, { kind: 'results', results });
}

/**
 * The session's floor is the highest zxid that it was told (P3); a sync, and what shows no state, names no less. The
 * close of a local session is in no log, and names none.
 */
function deliveredZxid(session: ClientSession, slot: OutstandingOperation): Zxid {
  const { kind, zxid, result } = slot;
  if (zxid > session.floor) session.floor = zxid;
  if (result?.kind === 'closed') return zxid;
  return kind === SYNC || zxid === ZXID_ZERO ? session.floor : zxid;
}
