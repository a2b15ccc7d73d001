import { formatTerm, isPersistent, maxZxid } from '@paddock/model';
import type { DatabaseReply, Outcome, TermAnnouncement, WatchEvent, Zxid } from '@paddock/model';
import { endAsFenced, endWithSession, receiveAttachAnswer } from './attach-answers.ts';
import type { ClientSession } from './client-session.ts';
import type { SessionFrontendEffects } from './frontend-effects.ts';
import type { Frontend } from './frontend.ts';
import { upgraded } from './local-sessions.ts';
import { voidVerdicts } from './processor-replies.ts';
import { endAsElsewhere, endAsRefused } from './session-ending.ts';
import { attach, fencePredecessor, greetOpened, tellCompacted } from './session-opening.ts';
import { advance } from './session-progress.ts';
import { answerUnaryRead, failOverdueCalls, forgetAsked } from './unary-requests.ts';

type Reply<Kind extends DatabaseReply['kind']> = Extract<DatabaseReply, { kind: Kind }>;

export function receiveDatabaseReply(
  front: Frontend,
  reply: DatabaseReply,
  out: SessionFrontendEffects,
): void {
  if (reply.kind !== 'serving') front.database.heard();
  switch (reply.kind) {
    case 'readReply':
      applied(front, reply.zxid);
      answerRead(front, reply, out);
      break;
    case 'outcome': {
      applied(front, reply.outcome.zxid);
      const session = front.sessionOf(reply.session, reply.attachment);
      if (session !== undefined) settle(front, session, reply.outcome, out);
      break;
    }
    case 'readsAccepted':
      front.database.readsAccepted = reply.reads;
      front.hasProgressed = true;
      break;
    case 'applied':
      applied(front, reply.zxid);
      break;
    case 'event':
      passEvent(front, reply, out);
      break;
    case 'watchesCompacted':
      passCompacted(front, reply, out);
      break;
    case 'streamOpened':
      openStream(front, reply, out);
      break;
    case 'termMarker':
      applied(front, reply.zxid);
      announce(front, reply.term, out);
      break;
    case 'termHeld':
      if (reply.held && !front.database.termHeld) front.touches.graceFrom(front.nowMs);
      front.database.termHeld = reply.held;
      break;
    case 'serving':
      setServing(front, reply, out);
      break;
    case 'watchOpened':
      front.watches.opened(reply.watch, reply.zxid, front.database.applied, out);
      break;
    case 'watchEvent':
      front.watches.event(reply, out);
      break;
    case 'watchProgress':
      front.watches.progress(reply.watch, reply.zxid, out);
      break;
    case 'watchEnded':
      front.watches.ended(reply, out);
      break;
    case 'attachAnswer':
    case 'sessionOpened':
    case 'sessionResumed':
    case 'sessionFenced':
    case 'sessionEnded':
      receiveSessionReply(front, reply, out);
      break;
  }
}

function receiveSessionReply(
  front: Frontend,
  reply: Reply<
    'attachAnswer' | 'sessionOpened' | 'sessionResumed' | 'sessionFenced' | 'sessionEnded'
  >,
  out: SessionFrontendEffects,
): void {
  applied(front, reply.zxid);
  const { attachment } = reply;
  const session = front.sessionOf(reply.session, attachment);
  if (session === undefined) {
    // The client has gone before its answer came: the database need not hold anything for it.
    if (reply.kind === 'sessionOpened' || reply.kind === 'sessionResumed') {
      front.database.send({ kind: 'detach', session: reply.session, attachment }, out);
    }
    return;
  }
  switch (reply.kind) {
    case 'attachAnswer':
      receiveAttachAnswer(front, session, reply, out);
      break;
    case 'sessionOpened':
      if (session.scope === 'upgrading') {
        upgraded(front, session, reply.zxid, out);
      } else if (session.phase === 'opening') {
        greetOpened(front, session, reply.zxid, reply.timeoutMs, out);
      }
      break;
    case 'sessionResumed':
      if (session.phase !== 'resuming') break;
      fencePredecessor(front, session, out);
      session.phase = 'attaching';
      // A database that restarts behind the resume must reach it again before it can answer the attach.
      session.floor = maxZxid(session.floor, reply.zxid);
      attach(front, session, out);
      break;
    case 'sessionFenced':
      endAsFenced(front, session, out);
      break;
    case 'sessionEnded':
      endWithSession(front, session, reply.end, reply.outcomes, out);
      break;
  }
}

/** What the database has applied, by whatever word of its stream: within a zxid events come first (H4). */
function applied(front: Frontend, zxid: Zxid): void {
  if (zxid <= front.database.applied) return;
  front.database.applied = zxid;
  front.highestApplied = maxZxid(front.highestApplied, zxid);
  front.hasProgressed = true;
}

function answerRead(front: Frontend, reply: Reply<'readReply'>, out: SessionFrontendEffects): void {
  const { reads } = front.database;
  const { read, result, zxid } = reply;
  if (!reads.isOpen(read)) return;
  const session = reads.owner(read);
  const place = reads.place(read);
  reads.close(read);
  if (session === null) {
    answerUnaryRead(front, place, reply, out);
    return;
  }
  if (session.phase === 'ended') return;
  const slot = session.operations.at(place);
  if (slot.read === null || slot.answered) return;
  session.answers.answered(slot.read, result);
  if (slot.read.watch) session.watches.registerRead(slot.read, result, zxid);
  if (result.kind === 'data') {
    slot.bytes += result.data.length;
    front.heldBytes += result.data.length;
  }
  slot.answered = true;
  slot.zxid = zxid;
  slot.result = result;
  front.markDue(session);
}

function settle(
  front: Frontend,
  session: ClientSession,
  outcome: Outcome,
  out: SessionFrontendEffects,
): void {
  if (!session.settle(outcome)) {
    const reason = `outcome ${outcome.sequence} came before that of an earlier write`;
    endAsRefused(front, session, reason, out);
    return;
  }
  front.markDue(session);
}

/** An event comes before any reply that shows its state, and after those that the database gave before it (P4). */
function passEvent(front: Frontend, reply: Reply<'event'>, out: SessionFrontendEffects): void {
  const session = front.byId.get(reply.session);
  if (session === undefined) return;
  const event: WatchEvent = reply.event;
  session.watches.spend(event);
  if (!session.greeted) {
    session.heldEvents.push(event);
    return;
  }
  advance(front, session, out);
  session.floor = maxZxid(session.floor, event.zxid);
  out.clients.push(session.link, { kind: 'event', event });
}

/** Of these the history cannot say whether the answers behind show what they waited for. */
function passCompacted(
  front: Frontend,
  { session: id, watches }: Reply<'watchesCompacted'>,
  out: SessionFrontendEffects,
): void {
  const session = front.byId.get(id);
  if (session === undefined) return;
  for (const { kind, path, from } of watches) {
    session.watches.remove(kind, path);
    if (isPersistent(kind)) session.watches.add(kind, path, from);
  }
  if (!session.greeted) {
    session.heldCompacted.push(...watches);
    return;
  }
  advance(front, session, out);
  // What is read after it must show all that this does not tell.
  for (const { from } of watches) session.floor = maxZxid(session.floor, from);
  tellCompacted(session, watches, out);
}

/** The database may be asked again: every session brings itself back before anything else of it goes (H15). */
function openStream(
  front: Frontend,
  reply: Reply<'streamOpened'>,
  out: SessionFrontendEffects,
): void {
  front.database.opened(reply.applied);
  front.highestApplied = maxZxid(front.highestApplied, reply.applied);
  front.hasProgressed = true;
  out.events.push({
    level: 'info',
    message: 'the database opened its stream',
    zxid: reply.applied,
  });
  if (reply.term !== null) announce(front, reply.term, out);
  for (const session of front.byConnection.values()) {
    if (session.phase !== 'waiting' && session.phase !== 'readOnly') attach(front, session, out);
  }
  front.watches.openAgain(front.database, out);
  forgetAsked(front);
}

function setServing(
  front: Frontend,
  { serving, reason }: Reply<'serving'>,
  out: SessionFrontendEffects,
): void {
  const { database } = front;
  const wasUp = database.isUp;
  if (serving) database.refusal = null;
  else database.refused(reason);
  if (wasUp === serving) return;
  if (serving) {
    out.events.push({ level: 'info', message: 'the database serves again' });
    for (const session of front.byConnection.values()) front.markDue(session);
    return;
  }
  const level = database.isNew ? 'info' : 'warn';
  out.events.push({ level, message: 'the database does not serve', detail: { reason } });
  const refusal = front.refusal();
  if (refusal !== null) sendElsewhere(front, refusal, out);
}

/** Nothing of the state is told any more: whoever can be served elsewhere goes there at once. */
function sendElsewhere(front: Frontend, reason: string, out: SessionFrontendEffects): void {
  for (const session of front.byConnection.values()) {
    // Own sessions are nobody's to be resumed; who has not said a word is told when it comes.
    if (session.isOwn || session.phase === 'waiting' || session.phase === 'readOnly') continue;
    endAsElsewhere(front, session, reason, out);
  }
  front.watches.endAll('notServing', reason, out);
  failOverdueCalls(front, out);
}

/** Of a newer term: older verdicts are void, and what is unsettled goes to its processor once that is dialled (H1). */
function announce(front: Frontend, term: TermAnnouncement, out: SessionFrontendEffects): void {
  if (!front.processor.announced(term, out)) return;
  voidVerdicts(front);
  front.touches.lost();
  front.touches.graceFrom(front.nowMs);
  out.events.push({
    level: 'info',
    message: 'a new term was announced',
    detail: { term: formatTerm(term.term), processor: term.processorAddress },
  });
}
