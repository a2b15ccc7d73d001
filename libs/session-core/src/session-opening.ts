import {
  isSessionId,
  makeSessionId,
  maxZxid,
  NO_SESSION,
  parseZnodePath,
  resultBytes,
  ZXID_ZERO,
} from '@paddock/model';
import type {
  DatabaseReply,
  Outcome,
  ProvedIdentities,
  SessionRequest,
  WatchRegistration,
  Zxid,
} from '@paddock/model';
import { ClientSession } from './client-session.ts';
import type { SessionFrontendEffects } from './frontend-effects.ts';
import { addressOf, clientOf } from './client-names.ts';
import type { Frontend } from './frontend.ts';
import { beginLocal } from './local-sessions.ts';
import { proofOf, prove } from './proving.ts';
import { canServeReadOnly, serveReadOnly } from './read-only-sessions.ts';
import { tooManySessions } from './refusals.ts';
import { requestAttachment } from './processor-requests.ts';
import { become, showAll } from './session-identities.ts';
import { endAsElsewhere, endAsRefused, endSession, NO_OUTCOMES } from './session-ending.ts';

export type AttachAnswer = Extract<DatabaseReply, { kind: 'attachAnswer' }>;
type Open = Extract<SessionRequest, { kind: 'open' }>;
type Resume = Extract<SessionRequest, { kind: 'resume' }>;

const SECRET_BYTES = 16;
const NO_BYTES = new Uint8Array(0);
/** What an outcome or a watch adds to a message beside its path, near enough for a bound. */
const RECORD_BYTES = 96;

export function connectClient(front: Frontend, link: number, identities: ProvedIdentities): void {
  const session = new ClientSession(
    {
      link,
      session: NO_SESSION,
      attachment: front.newAttachment(0),
      secret: NO_BYTES,
      secretHash: NO_BYTES,
      timeoutMs: front.timing.sessionTimeoutMs,
    },
    front.limits,
    front.nowMs,
  );
  become(front, session, identities);
  session.client = clientOf(identities, `connection ${session.connection}`);
  session.address = addressOf(identities);
  front.byLink.set(link, session);
  front.byConnection.set(session.connection, session);
}

/** Draws id and secret; the database tells when the session is open (H4, H19). */
export function openSession(
  front: Frontend,
  session: ClientSession,
  open: Open,
  out: SessionFrontendEffects,
): void {
  if (!identify(front, session, open, out)) return;
  const { timeoutMs, acceptsReadOnly, floor = ZXID_ZERO, local } = open;
  const refusal = front.refusal();
  if (refusal !== null) {
    if (acceptsReadOnly === true && canServeReadOnly(front)) {
      serveReadOnly(front, session, floor, out);
    } else endAsElsewhere(front, session, refusal, out);
    return;
  }
  const excess = tooManySessions(front, session.address);
  if (excess !== null) {
    const { reason } = excess;
    const ending = { cause: 'refused', reason, outcomes: NO_OUTCOMES, refusal: excess } as const;
    endSession(front, session, ending, out);
    return;
  }
  const { timing } = front;
  const wish = Number.isFinite(timeoutMs) && timeoutMs > 0 ? timeoutMs : timing.sessionTimeoutMs;
  const atLeast = Math.max(Math.round(wish), timing.sessionTimeoutMinMs);
  session.session = makeSessionId(front.random.safeInteger());
  session.secret = front.random.bytes(SECRET_BYTES);
  session.secretHash = front.secretHash(session.secret);
  session.timeoutMs = Math.min(atLeast, timing.sessionTimeoutMaxMs);
  const fault = local === undefined ? undefined : beginLocal(session, local, floor);
  if (fault !== undefined) {
    endAsRefused(front, session, fault, out);
    return;
  }
  session.phase = 'opening';
  session.handshakeSinceMs = front.nowMs;
  requestAttachment(front, session, out);
  // Where the database is not there yet, all attach when it is.
  if (local !== undefined && front.database.isOpen) attach(front, session, out);
}

/** Asks for this connection's attachment to be installed; from its assignment on others are fenced (H3). */
export function resumeSession(
  front: Frontend,
  session: ClientSession,
  resume: Resume,
  out: SessionFrontendEffects,
): void {
  const fault = faultOf(resume);
  if (fault !== undefined) {
    endAsRefused(front, session, fault, out);
    return;
  }
  if (!identify(front, session, resume, out)) return;
  const refusal = front.refusal();
  if (refusal !== null) {
    if (resume.acceptsReadOnly === true && canServeReadOnly(front)) {
      serveReadOnly(front, session, resume.floor, out);
    } else endAsElsewhere(front, session, refusal, out);
    return;
  }
  session.session = resume.session;
  session.attachment = { ...session.attachment, attempt: resume.attempt };
  session.secretHash = front.secretHash(resume.secret);
  session.ackedThrough = resume.ackedThrough;
  session.ackSent = resume.ackedThrough;
  session.settledThrough = resume.ackedThrough;
  session.floor = resume.floor;
  for (const watch of resume.watches) session.watches.add(watch.kind, watch.path, watch.from);
  session.phase = 'resuming';
  session.handshakeSinceMs = front.nowMs;
  requestAttachment(front, session, out);
}

/** False: not now, since a credential is worked out first; or the connection has ended, since one proves nothing. */
function identify(
  front: Frontend,
  session: ClientSession,
  request: Open | Resume,
  out: SessionFrontendEffects,
): boolean {
  const { credentials } = request;
  if (credentials === undefined) return true;
  for (const credential of credentials) {
    if (proofOf(front, session, credential) !== null) continue;
    prove(front, session, credential, request, out);
    return false;
  }
  const refusal = showAll(front, session, credentials, request.kind === 'resume');
  session.told.length = 0;
  if (refusal === null) return true;
  const { code, reason } = refusal;
  if (code === 'throttled') endAsElsewhere(front, session, reason, out);
  else endAsRefused(front, session, reason, out, refusal);
  return false;
}

function faultOf(resume: Resume): string | undefined {
  if (!isSessionId(resume.session)) return `${String(resume.session)} is not a session id`;
  if (!Number.isSafeInteger(resume.attempt) || resume.attempt < 1) {
    return `attempts count from 1 on, not ${String(resume.attempt)}`;
  }
  if (!Number.isSafeInteger(resume.ackedThrough) || resume.ackedThrough < 0) {
    return `${String(resume.ackedThrough)} is not the sequence of a write`;
  }
  if (resume.secret.length === 0) return 'a resume needs the secret of the session';
  for (const watch of resume.watches) {
    const parsed = parseZnodePath(watch.path);
    if (!parsed.ok) return parsed.reason;
  }
  return undefined;
}

/** Brings the session to the database: what it has seen, what is unsettled, what it watches (H15). */
export function attach(front: Frontend, session: ClientSession, out: SessionFrontendEffects): void {
  if (session.attachAsked) return;
  session.attachAsked = true;
  session.attachFloor = session.floor;
  // Asked again because of mustAttach, it has waited since the first time.
  if (session.phase === 'live' && !session.mustAttach) session.handshakeSinceMs = front.nowMs;
  session.mustAttach = false;
  session.mustIdentify = false;
  // A resume that is not applied yet takes no events from the connection that it is going to replace.
  if (session.phase !== 'resuming' || !front.byId.has(session.session)) {
    front.byId.set(session.session, session);
  }
  const watches = session.watches.registrations(session.coveredThrough);
  let first = 0;
  do {
    const end = chunkEnd(watches, first, front, watchBytes);
    front.database.send(
      {
        kind: 'attach',
        session: session.session,
        attachment: session.attachment,
        floor: session.floor,
        firstUnsettled: session.settledThrough + 1,
        watches: watches.slice(first, end),
        more: end < watches.length,
        identities: session.identities,
        ...(session.scope === 'global' ? {} : { localTimeoutMs: session.timeoutMs }),
      },
      out,
    );
    first = end;
  } while (first < watches.length);
}

/** The opening has been applied; it counts as the session's attach (H15). */
export function greetOpened(
  front: Frontend,
  session: ClientSession,
  zxid: Zxid,
  timeoutMs: number,
  out: SessionFrontendEffects,
): void {
  goLive(front, session, zxid, timeoutMs);
  session.floor = maxZxid(session.floor, zxid);
  if (session.isOwn) return;
  tellMissed(session, out);
  out.clients.push(session.link, {
    kind: 'opened',
    session: session.session,
    secret: session.secret,
    timeoutMs,
    zxid,
    ...(session.scope === 'local' ? { isLocal: true } : {}),
  });
  out.events.push({
    level: 'info',
    message: session.scope === 'local' ? 'a local session was opened' : 'a session was opened',
    session: session.session,
    zxid,
  });
}

/** The resume has been applied and the database has told what the client missed. */
export function greetResumed(
  front: Frontend,
  session: ClientSession,
  answer: AttachAnswer,
  out: SessionFrontendEffects,
): void {
  const { lastSequence, outcomes, timeoutMs, zxid } = answer;
  goLive(front, session, zxid, timeoutMs);
  session.nextSequence = lastSequence + 1;
  session.settledThrough = lastSequence;
  session.floor = maxZxid(session.floor, zxid);
  if (outcomes.length > 0) {
    session.recorded = new Map(outcomes.map((outcome) => [outcome.sequence, outcome]));
  }
  // Before the outcomes, which may show what they announce (P4).
  tellMissed(session, out);
  let first = 0;
  do {
    const end = chunkEnd(outcomes, first, front, outcomeBytes);
    out.clients.push(session.link, {
      kind: 'resumed',
      timeoutMs,
      zxid,
      lastSequence,
      outcomes: outcomes.slice(first, end),
      more: end < outcomes.length,
    });
    first = end;
  } while (first < outcomes.length);
  out.events.push({
    level: 'info',
    message: 'a session was resumed',
    session: session.session,
    zxid,
    detail: { attempt: session.attachment.attempt },
  });
}

function tellMissed(session: ClientSession, out: SessionFrontendEffects): void {
  tellCompacted(session, session.heldCompacted, out);
  session.heldCompacted = [];
  for (const event of session.heldEvents) out.clients.push(session.link, { kind: 'event', event });
  session.heldEvents = [];
}

export function tellCompacted(
  session: ClientSession,
  watches: readonly WatchRegistration[],
  out: SessionFrontendEffects,
): void {
  if (watches.length === 0 || session.isOwn) return;
  out.clients.push(session.link, { kind: 'watchesCompacted', watches });
}

function goLive(front: Frontend, session: ClientSession, zxid: Zxid, timeoutMs: number): void {
  session.phase = 'live';
  session.greeted = true;
  session.attached = true;
  session.alive = true;
  session.timeoutMs = timeoutMs;
  session.attachedAt = zxid;
  front.byId.set(session.session, session);
  front.markDue(session);
}

/** The connection that this one has replaced, where it is one of this front-end's (H3). */
export function fencePredecessor(
  front: Frontend,
  session: ClientSession,
  out: SessionFrontendEffects,
): void {
  const known = front.byId.get(session.session);
  if (known === undefined || known === session) return;
  const reason = 'the session was resumed by another connection';
  endSession(front, known, { cause: 'fenced', reason, outcomes: NO_OUTCOMES }, out);
}

function chunkEnd<Item>(
  items: readonly Item[],
  first: number,
  front: Frontend,
  bytesOf: (item: Item) => number,
): number {
  const { batchBytes, batchOperations } = front.limits;
  let bytes = 0;
  let end = first;
  while (end < items.length && end - first < batchOperations) {
    const item = items[end];
    if (item !== undefined) bytes += bytesOf(item);
    if (bytes > batchBytes && end > first) break;
    end++;
  }
  return end;
}

function watchBytes(watch: WatchRegistration): number {
  return RECORD_BYTES + watch.path.length;
}

function outcomeBytes(outcome: Outcome): number {
  return RECORD_BYTES + resultBytes(outcome.result);
}
