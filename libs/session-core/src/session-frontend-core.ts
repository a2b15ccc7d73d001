import { unreachable } from '@paddock/model';
import type { FrontendIncarnation } from '@paddock/model';
import { readPausedAgain, receiveRequest } from './client-requests.ts';
import { receiveDatabaseReply } from './database-replies.ts';
import type { SessionFrontendEffects } from './frontend-effects.ts';
import type { SessionFrontendEvent } from './frontend-event.ts';
import type {
  MissingNeighbour,
  SessionFrontendDependencies,
  SessionFrontendOptions,
  SessionFrontendStatus,
} from './frontend-status.ts';
import { passTime } from './frontend-tick.ts';
import { Frontend } from './frontend.ts';
import type { Proof } from './identities.ts';
import { requestAgain } from './processor-requests.ts';
import { overdueProof, receiveProof, TOO_LATE } from './proving.ts';
import { passVerdicts, receiveProcessorReply } from './processor-replies.ts';
import { endSession, forgetSession, NO_OUTCOMES } from './session-ending.ts';
import { connectClient } from './session-opening.ts';
import { advance } from './session-progress.ts';
import {
  askAgain,
  askWaiting,
  openOwnSessions,
  placeWaiting,
  receiveUnary,
  settleUnarySyncs,
} from './unary-requests.ts';

type EventOf<Kind extends SessionFrontendEvent['kind']> = Extract<
  SessionFrontendEvent,
  { kind: Kind }
>;

/**
 * The session front-end (paper 2.3, "guarantees"): holds the clients' connections, keeps each session's
 * order, asks the replica's database and forwards to the leader's processor. Nothing that it knows must survive it.
 */
export class SessionFrontendCore {
  readonly #front: Frontend;

  constructor(options: SessionFrontendOptions, dependencies: SessionFrontendDependencies) {
    this.#front = new Frontend(options, dependencies);
  }

  get incarnation(): FrontendIncarnation {
    return this.#front.incarnation;
  }

  /** Handles one event whole; what is to be done is added to `out`. */
  step(event: SessionFrontendEvent, out: SessionFrontendEffects): void {
    const front = this.#front;
    front.nowMs = front.clock.monotonicMs();
    if (front.nowMs >= front.holdUntilMs) {
      front.holdUntilMs = Infinity;
      front.hasProgressed = true;
    }
    this.#handle(event, out);
    this.#finish(out);
  }

  /** False: the requests of this client are not to be read now. */
  wantsClient(link: number): boolean {
    return this.#front.byLink.get(link)?.pausedHere !== true;
  }

  status(): SessionFrontendStatus {
    const { byConnection, byLink, database, heldBytes, processor, unary, watches } = this.#front;
    const missing: MissingNeighbour[] = [];
    if (!database.isUp) missing.push('database');
    if (!processor.isReady) missing.push('processor');
    const refusal = this.#front.refusal();
    let outstanding = unary.size;
    for (const session of byConnection.values()) {
      if (!session.isOwn) outstanding += session.operations.length;
    }
    return {
      serving: refusal === null,
      refusal: refusal ?? '',
      missing,
      sessions: byLink.size,
      outstanding,
      heldBytes,
      watches: watches.size,
      term: processor.term,
      applied: database.applied,
    };
  }

  #handle(event: SessionFrontendEvent, out: SessionFrontendEffects): void {
    const front = this.#front;
    switch (event.kind) {
      case 'clientReceived':
      case 'clientConnected':
      case 'clientEnded':
      case 'clientReadingPaused':
      case 'clientFull':
        this.#handleClient(event, out);
        break;
      case 'databaseReceived':
      case 'databaseConnected':
      case 'databaseEnded':
        this.#handleDatabase(event, out);
        break;
      case 'processorReceived':
      case 'processorConnected':
      case 'processorEnded':
        this.#handleProcessor(event, out);
        break;
      case 'credentialProved':
        this.#prove(event.number, event.proof, out);
        break;
      case 'unaryReceived':
        receiveUnary(front, event, out);
        break;
      case 'unaryCancelled':
        front.unary.cancel(event.call);
        break;
      case 'watchOpened':
        front.watches.open(event, front.nowMs, front.refusal(), front.database, out);
        break;
      case 'watchCancelled':
        front.watches.cancel(event.watch, front.database, out);
        break;
      case 'tick':
        front.processor.redial(front.nowMs, out);
        passTime(front, out);
        this.#endOverdueProofs(out);
        break;
      default:
        unreachable(event);
    }
  }

  #prove(number: number, proof: Proof, out: SessionFrontendEffects): void {
    const front = this.#front;
    receiveProof(front, number, proof, (session, request) =>
      receiveRequest(front, session, request, out),
    );
  }

  #endOverdueProofs(out: SessionFrontendEffects): void {
    for (const session of this.#front.proving.values()) {
      const number = overdueProof(this.#front, session);
      if (number !== null) this.#prove(number, TOO_LATE, out);
    }
  }

  #handleClient(
    event: EventOf<
      'clientReceived' | 'clientConnected' | 'clientEnded' | 'clientReadingPaused' | 'clientFull'
    >,
    out: SessionFrontendEffects,
  ): void {
    const front = this.#front;
    if (event.kind === 'clientConnected') {
      connectClient(front, event.link, event.identities);
      return;
    }
    const session = front.byLink.get(event.link);
    if (session === undefined) return;
    switch (event.kind) {
      case 'clientReceived':
        for (const message of event.messages) {
          receiveRequest(front, session, message, out);
          if (session.phase === 'ended') return;
        }
        break;
      case 'clientEnded':
        forgetSession(front, session, out);
        break;
      case 'clientReadingPaused':
        session.pausedByDriver = event.paused;
        break;
      case 'clientFull':
        session.answers.setFull(event.full, front.nowMs);
        if (!event.full) front.markDue(session);
        break;
    }
  }

  #handleDatabase(
    event: EventOf<'databaseReceived' | 'databaseConnected' | 'databaseEnded'>,
    out: SessionFrontendEffects,
  ): void {
    const front = this.#front;
    const { database } = front;
    if (event.kind === 'databaseConnected') {
      if (database.isOpen) this.#loseDatabase();
      database.connected(event.link);
      database.send({ kind: 'openStream', frontend: front.incarnation }, out);
      return;
    }
    if (event.link !== database.link) return;
    if (event.kind === 'databaseEnded') {
      if (database.isOpen) {
        const detail = { reason: event.end.reason };
        out.events.push({ level: 'warn', message: 'the database is lost', detail });
      }
      this.#loseDatabase();
      return;
    }
    for (const message of event.messages) receiveDatabaseReply(front, message, out);
  }

  /** Holds what was asked until the database is back: then each session attaches, and its reads go again (H15). */
  #loseDatabase(): void {
    const front = this.#front;
    const { database } = front;
    for (const session of front.byConnection.values()) {
      session.streamEnded(database.applied);
    }
    front.watches.streamEnded(database.applied);
    database.ended(front.nowMs);
  }

  #handleProcessor(
    event: EventOf<'processorReceived' | 'processorConnected' | 'processorEnded'>,
    out: SessionFrontendEffects,
  ): void {
    const front = this.#front;
    const { processor } = front;
    if (event.kind === 'processorConnected') {
      processor.connected(event.link);
      requestAgain(front, out);
      openOwnSessions(front, out);
      return;
    }
    if (!processor.isCurrent(event.link)) return;
    if (event.kind === 'processorEnded') {
      const detail = { reason: event.end.reason };
      const level = processor.hasAnswered ? 'warn' : 'debug';
      out.events.push({ level, message: 'the link to the processor is lost', detail });
      front.touches.lost();
      processor.ended(front.nowMs, out);
      return;
    }
    processor.heard();
    for (const message of event.messages) receiveProcessorReply(front, message, out);
  }

  /** What the event has set free moves on, each session once. */
  #finish(out: SessionFrontendEffects): void {
    const front = this.#front;
    if (front.unary.waiting.length > 0) placeWaiting(front);
    if (front.unary.mustAskAll) askAgain(front, out);
    if (front.unary.unasked.length > 0) askWaiting(front, out);
    if (front.hasProgressed) {
      front.hasProgressed = false;
      this.#freeBlocked();
      passVerdicts(front, out);
      settleUnarySyncs(front, out);
    }
    const { due } = front;
    for (let i = 0; i < due.length; i++) {
      const session = due[i];
      if (session === undefined) continue;
      session.isDue = false;
      advance(front, session, out);
      if (session.closeDelivered) {
        const reason = 'the session was closed';
        endSession(front, session, { cause: 'closed', reason, outcomes: NO_OUTCOMES }, out);
      }
    }
    due.length = 0;
    front.readIndexes.flush(front.processor, out);
    if (front.paused.size > 0) readPausedAgain(front, out);
    out.wakeAtMs = Math.min(front.processor.redialAtMs, front.holdUntilMs);
  }

  #freeBlocked(): void {
    const { blocked } = this.#front;
    for (const session of blocked) {
      session.isBlocked = false;
      this.#front.markDue(session);
    }
    blocked.length = 0;
  }
}
