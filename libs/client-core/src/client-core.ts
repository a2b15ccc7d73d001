import { maxZxid, unreachable, ZXID_ZERO } from '@paddock/model';
import type { NumberedResult, SessionId, SessionReply, Zxid } from '@paddock/model';
import type { Clock, LinkEnd } from '@paddock/ports';
import type { ClientEffects, ClientState } from './client-effects.ts';
import type { ClientEvent } from './client-event.ts';
import type { ClientDependencies, ClientOptions } from './client-options.ts';
import { Connection } from './connection.ts';
import { Credentials } from './credentials.ts';
import { greetingOf } from './greeting.ts';
import type { Session } from './greeting.ts';
import { Heartbeats } from './heartbeats.ts';
import { LocalSession } from './local-session.ts';
import { ReadOnlyConnection } from './read-only.ts';
import { RequestQueue } from './request-queue.ts';
import { RequestSender } from './request-sender.ts';
import { endedBy, isGone, LISTING_TOO_LARGE, OUTCOME_GONE } from './session-failure.ts';
import { resultAtEnd, toldOf } from './session-failure.ts';
import type { Ending } from './session-failure.ts';
import { WatchTable } from './watch-table.ts';

type Reply<Kind extends SessionReply['kind']> = Extract<SessionReply, { kind: Kind }>;

/**
 * The rules of a client for one session: requests in order, each write exactly once whatever breaks (P2, P5),
 * watches that outlive their connection (P9), and an account of when the session may be lost (H17).
 */
export class ClientCore<Tag> {
  readonly #options: ClientOptions;
  readonly #clock: Clock;
  readonly #connection: Connection;
  readonly #queue: RequestQueue<Tag>;
  readonly #sender: RequestSender<Tag>;
  readonly #watches = new WatchTable<Tag>();
  readonly #heartbeats = new Heartbeats();
  readonly #readOnly = new ReadOnlyConnection();
  readonly #local = new LocalSession();
  #state: ClientState = 'connecting';
  #session: Session | null = null;
  #timeoutMs: number;
  #attempt = 1;
  #floor: Zxid = ZXID_ZERO;
  #ending: Ending | null = null;
  readonly #credentials: Credentials;

  constructor(options: ClientOptions, dependencies: ClientDependencies) {
    this.#options = options;
    this.#clock = dependencies.clock;
    this.#connection = new Connection(options, dependencies.random);
    this.#queue = new RequestQueue(options);
    const { watchBytes } = options;
    const watches = this.#watches;
    this.#sender = new RequestSender(this.#queue, watches, watchBytes, this.#readOnly, this.#local);
    this.#timeoutMs = options.sessionTimeoutMs;
    this.#credentials = new Credentials(options.credentials);
  }

  /** By the clock: a process that was stopped is `lost` before it has heard anything. */
  get state(): ClientState {
    return this.#isLostBy(this.#clock.monotonicMs()) ? 'lost' : this.#state;
  }

  get session(): SessionId | null {
    return this.#session?.id ?? null;
  }

  /** Whether the session is a local one now. */
  get isLocal(): boolean {
    return this.#local.isLocal;
  }

  /** Milliseconds, as granted by the service; as wished before that. */
  get timeoutMs(): number {
    return this.#timeoutMs;
  }

  /** Requests that are not settled. */
  get pending(): number {
    return this.#queue.length;
  }

  /** Why the last connection ended or did not come about; empty when none has. */
  get lastFailure(): string {
    return this.#connection.lastFailure;
  }

  step(event: ClientEvent<Tag>, out: ClientEffects<Tag>): void {
    const nowMs = this.#clock.monotonicMs();
    // First of all: what waited in a socket while this process slept may not be believed before this (H13, H17).
    this.#account(nowMs, out);
    switch (event.kind) {
      case 'connected':
        for (const it of event.credentials ?? []) this.#credentials.add(it);
        this.#connected(event.link, nowMs, out);
        break;
      case 'received':
        if (event.link === this.#connection.link) this.#received(event.replies, nowMs, out);
        break;
      case 'ended':
        if (event.link === this.#connection.link) this.#linkEnded(event.end, nowMs, out);
        break;
      case 'submit':
        this.#sender.submit(event.submissions, this.#state, this.#ending);
        break;
      case 'unwatch':
        this.#sender.unwatch(event.tag, this.#connection, out);
        break;
      case 'giveUp':
        this.#queue.giveUp(event.tag, out.deliveries);
        break;
      case 'tick':
        break;
      case 'abandon':
        if (!this.#isOver) this.#end({ ...event, kind: 'abandoned' }, event.reason, out);
        break;
      default:
        unreachable(event);
    }
    this.#proceed(nowMs, out);
    this.#queue.settle(out.deliveries);
  }

  get #isOver(): boolean {
    return this.#state === 'expired' || this.#state === 'closed';
  }

  #connected(link: number, nowMs: number, out: ClientEffects<Tag>): void {
    if (this.#connection.phase !== 'dialling') {
      out.hangUps.push(link);
      return;
    }
    this.#connection.greeted(link, nowMs);
    this.#sender.greeted();
    if (this.#session !== null) this.#attempt++;
    const lasting = this.#local.isLocal ? null : this.#session;
    const greeting = greetingOf(lasting, this.#options, this.#credentials.shown, {
      attempt: this.#attempt,
      ackedThrough: this.#queue.acknowledged,
      floor: this.#floor,
      watches: this.#watches.registrations(),
    });
    out.requests.push(link, greeting);
  }

  #received(replies: readonly SessionReply[], nowMs: number, out: ClientEffects<Tag>): void {
    this.#connection.received(nowMs);
    for (const reply of replies) {
      this.#reply(reply, nowMs, out);
      if (this.#connection.link === -1) return;
    }
  }

  #reply(reply: SessionReply, nowMs: number, out: ClientEffects<Tag>): void {
    switch (reply.kind) {
      case 'opened':
        this.#opened(reply, nowMs, out);
        break;
      case 'upgraded':
        if (this.#local.upgraded()) this.#saw(reply.zxid);
        else this.#breach('upgrades a session that was not asked for', nowMs, out);
        break;
      case 'resumed':
        this.#resumed(reply, nowMs, out);
        break;
      case 'readOnly':
        this.#readsOnly(reply.timeoutMs, nowMs, out);
        break;
      case 'results':
        this.#results(reply.results, nowMs, out);
        break;
      case 'event':
        this.#saw(reply.event.zxid);
        this.#watches.fire(reply.event, out.deliveries);
        break;
      case 'watchesCompacted':
        // Told with what was seen before: missed events of the time that is compacted may follow.
        this.#watches.compacted(reply.watches, this.#floor, out.deliveries);
        for (const { from } of reply.watches) this.#saw(from);
        break;
      case 'heartbeat':
        this.#heartbeats.acknowledged(reply.acknowledged);
        this.#watches.covered(reply.covered);
        this.#account(nowMs, out);
        break;
      case 'expect':
        if (this.#queue.rewind(reply.sequence)) this.#connection.hold(nowMs + reply.retryAfterMs);
        else {
          this.#breach(`asks again for write ${reply.sequence}, which it has answered`, nowMs, out);
        }
        break;
      case 'ended':
        this.#endedByService(reply, nowMs, out);
        break;
      default:
        unreachable(reply);
    }
  }

  #opened(reply: Reply<'opened'>, nowMs: number, out: ClientEffects<Tag>): void {
    const isWanted = this.#session === null || this.#local.isLocal;
    if (this.#connection.phase !== 'greeting' || !isWanted) {
      this.#breach('opens a session that was not asked for', nowMs, out);
      return;
    }
    this.#session = { id: reply.session, secret: reply.secret };
    this.#local.opened(reply.isLocal === true);
    // A close that was lost with an earlier local session is the first write again.
    this.#queue.resumeBehind(0, OUTCOME_GONE);
    this.#saw(reply.zxid);
    this.#live(reply.timeoutMs, nowMs, out);
  }

  #resumed(reply: Reply<'resumed'>, nowMs: number, out: ClientEffects<Tag>): void {
    const queue = this.#queue;
    if (this.#connection.phase !== 'greeting' || this.#session === null) {
      this.#breach('resumes a session that was not asked for', nowMs, out);
      return;
    }
    const fault = queue.faultOfResume(reply);
    if (fault !== null) {
      this.#end({ kind: 'mismatched', reason: fault }, fault, out);
      return;
    }
    for (const outcome of reply.outcomes) this.#saw(outcome.zxid);
    if (reply.more) return;
    queue.resumeBehind(reply.lastSequence, OUTCOME_GONE);
    this.#saw(reply.zxid);
    this.#live(reply.timeoutMs, nowMs, out);
    queue.settle(out.deliveries);
  }

  #readsOnly(timeoutMs: number, nowMs: number, out: ClientEffects<Tag>): void {
    if (this.#connection.phase !== 'greeting' || this.#options.readOnly !== true) {
      this.#breach('serves read-only, which was not accepted', nowMs, out);
      return;
    }
    const stayMs = this.#readOnly.begun(this.#timeoutMs);
    const hasOthers = this.#options.servers.length > 1;
    this.#connection.answered(nowMs, hasOthers ? nowMs + stayMs : Infinity);
    this.#heartbeats.listened(timeoutMs, nowMs);
    if (this.#state !== 'lost') this.#enter('readOnly', `by ${this.#connection.server}`, out);
  }

  #live(timeoutMs: number, nowMs: number, out: ClientEffects<Tag>): void {
    this.#connection.answered(nowMs);
    this.#readOnly.over();
    this.#timeoutMs = timeoutMs;
    this.#heartbeats.started(timeoutMs, this.#connection.greetedMs);
    if (nowMs >= this.#heartbeats.lostMs) this.#account(nowMs, out);
    else this.#enter('connected', `by ${this.#connection.server}`, out);
  }

  #results(results: readonly NumberedResult[], nowMs: number, out: ClientEffects<Tag>): void {
    if (this.#connection.phase !== 'live') {
      this.#breach('answers before the session is open', nowMs, out);
      return;
    }
    for (const { zxid, result } of results) {
      if (this.#readOnly.isOn && result.kind === 'failed' && result.code === 'notServing') {
        this.#hangUp(result.reason, nowMs, out);
        return;
      }
      const request = this.#queue.answer(zxid, result, this.#readOnly.isOn);
      if (request === null) {
        this.#breach('answers more than was asked', nowMs, out);
        return;
      }
      this.#saw(zxid);
      if (!this.#readOnly.isOn) this.#watches.answered(request, zxid, result);
      this.#credentials.answered(request.operation, result);
      if (result.kind === 'closed') {
        this.#queue.settle(out.deliveries);
        this.#end({ kind: 'closed' }, 'by its own request', out);
        return;
      }
    }
    this.#queue.settle(out.deliveries);
  }

  #endedByService(reply: Reply<'ended'>, nowMs: number, out: ClientEffects<Tag>): void {
    switch (reply.cause) {
      case 'resumeElsewhere':
        this.#hangUp(reply.reason, nowMs, out);
        break;
      case 'fenced':
        // Before the answer to our own resume it speaks of an older connection of ours.
        if (this.#connection.phase === 'live') {
          this.#end({ kind: 'moved' }, 'resumed by another client', out);
        } else this.#hangUp(reply.reason, nowMs, out);
        break;
      case 'closed':
      case 'restored':
      case 'expired': {
        if (this.#local.isLocal) {
          this.#hangUp(reply.reason, nowMs, out);
          break;
        }
        const fault = this.#queue.faultOfEnd(reply.outcomes, OUTCOME_GONE);
        for (const outcome of reply.outcomes) this.#saw(outcome.zxid);
        if (fault === null) this.#end({ kind: reply.cause }, reply.reason, out);
        else this.#end({ kind: 'mismatched', reason: fault }, fault, out);
        break;
      }
      case 'forgotten':
      case 'refused':
        this.#end(endedBy(reply.cause, reply), reply.reason, out);
        break;
      default:
        unreachable(reply.cause);
    }
  }

  #linkEnded({ cause, reason }: LinkEnd, nowMs: number, out: ClientEffects<Tag>): void {
    if (cause === 'refused' && this.#connection.phase === 'live') {
      // The service took the session and could not read what followed: the same again would end the same way.
      this.#end({ kind: 'refused', reason }, reason, out);
      return;
    }
    if (cause === 'tooLarge') this.#queue.failListing(LISTING_TOO_LARGE);
    this.#disconnected(reason, nowMs, out);
  }

  /** The server breaks the rules of the stream: another connection may do better. */
  #breach(what: string, nowMs: number, out: ClientEffects<Tag>): void {
    out.events.push({ level: 'error', message: 'server breaks the protocol', detail: { what } });
    this.#hangUp(`the server ${what}`, nowMs, out);
  }

  #hangUp(reason: string, nowMs: number, out: ClientEffects<Tag>): void {
    if (this.#connection.link !== -1) out.hangUps.push(this.#connection.link);
    this.#disconnected(reason, nowMs, out);
  }

  #disconnected(reason: string, nowMs: number, out: ClientEffects<Tag>): void {
    this.#connection.broken(reason, nowMs, this.#timeoutMs);
    this.#queue.disconnected();
    this.#heartbeats.stopped();
    this.#readOnly.ended();
    this.#local.ended();
    if (this.#state !== 'connected' && this.#state !== 'readOnly') return;
    this.#enter(this.#session === null ? 'connecting' : 'suspended', this.lastFailure, out);
  }

  #end(ending: Ending, reason: string, out: ClientEffects<Tag>): void {
    if (this.#connection.link !== -1) out.hangUps.push(this.#connection.link);
    this.#connection.finished();
    this.#heartbeats.stopped();
    this.#ending = ending;
    const isExpiry = isGone(ending.kind) && !this.#sender.isClosing;
    this.#queue.settle(out.deliveries);
    this.#enter(isExpiry ? 'expired' : 'closed', reason, out);
    this.#queue.failAll((request) => resultAtEnd(ending, request));
    this.#queue.settle(out.deliveries);
    this.#watches.end(this.#floor, out.deliveries);
  }

  #enter(state: ClientState, reason: string, out: ClientEffects<Tag>): void {
    if (this.#state === state) return;
    this.#state = state;
    out.deliveries.push({ kind: 'stateChanged', state, reason, ...toldOf(this.#ending) });
  }

  #saw(zxid: Zxid): void {
    this.#floor = maxZxid(this.#floor, zxid);
  }

  /** Lost, or no longer: by the acknowledged signs of life alone (H17). */
  #account(nowMs: number, out: ClientEffects<Tag>): void {
    const isLive = this.#connection.phase === 'live' && !this.#readOnly.isOn;
    if (this.#isLostBy(nowMs)) {
      this.#enter('lost', 'no sign of life was acknowledged for a session timeout', out);
    } else if (this.#state === 'lost' && isLive) {
      this.#enter('connected', `by ${this.#connection.server}`, out);
    }
  }

  #isLostBy(nowMs: number): boolean {
    return this.#session !== null && !this.#isOver && nowMs >= this.#heartbeats.lostMs;
  }

  #proceed(nowMs: number, out: ClientEffects<Tag>): void {
    out.deadlineMs = Infinity;
    if (this.#isOver) return;
    if (nowMs >= this.#connection.patienceMs(this.#timeoutMs)) {
      this.#hangUp(this.#readOnly.isOn ? 'it has no leader' : 'it does not answer', nowMs, out);
    }
    if (nowMs >= this.#connection.dialMs) out.dial = this.#connection.dial();
    if (this.#connection.phase === 'live') {
      const { link, heldUntilMs } = this.#connection;
      if (nowMs >= heldUntilMs) this.#sender.send(link, out);
      if (nowMs >= this.#heartbeats.dueMs) {
        this.#sender.acknowledge(link, out);
        out.requests.push(link, { kind: 'heartbeat', number: this.#heartbeats.send(nowMs) });
      }
    }
    const ofConnection = this.#connection.deadlineMs(nowMs, this.#timeoutMs);
    const { dueMs, lostMs } = this.#heartbeats;
    const isCounted = this.#session !== null && this.#state !== 'lost';
    out.deadlineMs = Math.min(ofConnection, dueMs, isCounted ? lostMs : Infinity);
  }
}
