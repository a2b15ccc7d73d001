import { maxZxid, unreachable, ZXID_ZERO } from '@paddock/model';
import type { NumberedResult, SessionId, SessionReply, Zxid } from '@paddock/model';
import type { Clock, LinkEnd } from '@paddock/ports';
import type { ClientEffects, ClientState } from './client-effects.ts';
import type { ClientEvent, Submission } from './client-event.ts';
import type { ClientDependencies, ClientOptions } from './client-options.ts';
import { Connection } from './connection.ts';
import { Credentials } from './credentials.ts';
import { Heartbeats } from './heartbeats.ts';
import { failed, RequestQueue } from './request-queue.ts';
import { RequestSender } from './request-sender.ts';
import { LISTING_TOO_LARGE, OUTCOME_GONE, refusedBy, resultAtEnd } from './session-failure.ts';
import type { Ending } from './session-failure.ts';
import { WatchTable } from './watch-table.ts';

type Resumed = Extract<SessionReply, { kind: 'resumed' }>;
type Opened = Extract<SessionReply, { kind: 'opened' }>;
type Ended = Extract<SessionReply, { kind: 'ended' }>;

interface Session {
  readonly id: SessionId;
  readonly secret: Uint8Array;
}

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
  #state: ClientState = 'connecting';
  #session: Session | null = null;
  #timeoutMs: number;
  #attempt = 1;
  #floor: Zxid = ZXID_ZERO;
  #isClosing = false;
  readonly #credentials: Credentials;

  constructor(options: ClientOptions, dependencies: ClientDependencies) {
    this.#options = options;
    this.#clock = dependencies.clock;
    this.#connection = new Connection(options, dependencies.random);
    this.#queue = new RequestQueue(options);
    this.#sender = new RequestSender(this.#queue, this.#watches, options.watchBytes);
    this.#timeoutMs = options.sessionTimeoutMs;
    this.#credentials = new Credentials(options.credentials);
  }

  get state(): ClientState {
    return this.#state;
  }

  get session(): SessionId | null {
    return this.#session === null ? null : this.#session.id;
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
        this.#connected(event.link, nowMs, out);
        break;
      case 'received':
        if (event.link === this.#connection.link) this.#received(event.replies, nowMs, out);
        break;
      case 'ended':
        if (event.link === this.#connection.link) this.#linkEnded(event.end, nowMs, out);
        break;
      case 'submit':
        this.#submit(event.submissions);
        break;
      case 'unwatch':
        this.#unwatch(event.tag, out);
        break;
      case 'tick':
        break;
      case 'abandon':
        if (!this.#isOver) {
          this.#end({ kind: 'abandoned', reason: event.reason }, event.reason, out);
        }
        break;
      default:
        unreachable(event);
    }
    this.#proceed(nowMs, out);
    this.#queue.settle(out.deliveries);
  }

  #unwatch(tag: Tag, out: ClientEffects<Tag>): void {
    const removed = this.#watches.remove(tag);
    if (removed === null || this.#connection.phase !== 'live') return;
    const { path, kind } = removed;
    out.requests.push(this.#connection.link, { kind: 'unwatch', path, watch: kind });
  }

  get #isOver(): boolean {
    return this.#state === 'expired' || this.#state === 'closed';
  }

  #submit(submissions: readonly Submission<Tag>[]): void {
    for (const { tag, operation } of submissions) {
      if (this.#isOver || this.#isClosing) {
        const reason =
          this.#state === 'expired' ? 'the session has expired' : 'the session is closed';
        this.#queue.addDone(tag, operation, failed('sessionExpired', `${reason}; connect again`));
        continue;
      }
      if (operation.kind === 'closeSession') this.#isClosing = true;
      this.#queue.add(tag, operation);
    }
  }

  #connected(link: number, nowMs: number, out: ClientEffects<Tag>): void {
    if (this.#connection.phase !== 'dialling') {
      out.hangUps.push(link);
      return;
    }
    this.#connection.greeted(link, nowMs);
    this.#sender.greeted();
    if (this.#session === null) {
      const { sessionTimeoutMs: timeoutMs } = this.#options;
      out.requests.push(link, { kind: 'open', timeoutMs, credentials: this.#credentials.shown });
      return;
    }
    this.#attempt++;
    out.requests.push(link, {
      kind: 'resume',
      session: this.#session.id,
      secret: this.#session.secret,
      attempt: this.#attempt,
      ackedThrough: this.#queue.acknowledged,
      floor: this.#floor,
      watches: this.#watches.registrations(),
      credentials: this.#credentials.shown,
    });
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
      case 'resumed':
        this.#resumed(reply, nowMs, out);
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

  #opened(reply: Opened, nowMs: number, out: ClientEffects<Tag>): void {
    if (this.#connection.phase !== 'greeting' || this.#session !== null) {
      this.#breach('opens a session that was not asked for', nowMs, out);
      return;
    }
    this.#session = { id: reply.session, secret: reply.secret };
    this.#saw(reply.zxid);
    this.#live(reply.timeoutMs, nowMs, out);
  }

  #resumed(reply: Resumed, nowMs: number, out: ClientEffects<Tag>): void {
    const queue = this.#queue;
    if (this.#connection.phase !== 'greeting' || this.#session === null) {
      this.#breach('resumes a session that was not asked for', nowMs, out);
      return;
    }
    const { lastSequence } = reply;
    if (lastSequence < queue.acknowledged || lastSequence > queue.lastSequence) {
      const numbers = `${queue.acknowledged} are acknowledged and ${queue.lastSequence} were made`;
      this.#mismatch(`the service knows ${lastSequence} writes of this session; ${numbers}`, out);
      return;
    }
    const foreign = queue.recover(reply.outcomes);
    if (foreign !== null) {
      this.#mismatch(`write ${foreign.sequence} of this session is not the one recorded`, out);
      return;
    }
    for (const outcome of reply.outcomes) this.#saw(outcome.zxid);
    if (reply.more) return;
    queue.resumeBehind(lastSequence, OUTCOME_GONE);
    this.#saw(reply.zxid);
    this.#live(reply.timeoutMs, nowMs, out);
    queue.settle(out.deliveries);
  }

  #live(timeoutMs: number, nowMs: number, out: ClientEffects<Tag>): void {
    this.#connection.answered(nowMs);
    this.#timeoutMs = timeoutMs;
    this.#heartbeats.started(timeoutMs, this.#connection.greetedMs);
    if (nowMs < this.#heartbeats.lostMs) {
      this.#enter('connected', `by ${this.#connection.server}`, out);
    } else {
      this.#account(nowMs, out);
    }
  }

  #results(results: readonly NumberedResult[], nowMs: number, out: ClientEffects<Tag>): void {
    if (this.#connection.phase !== 'live') {
      this.#breach('answers before the session is open', nowMs, out);
      return;
    }
    for (const { zxid, result } of results) {
      const request = this.#queue.answer(zxid, result);
      if (request === null) {
        this.#breach('answers more than was asked', nowMs, out);
        return;
      }
      this.#saw(zxid);
      this.#watches.answered(request.operation, result, zxid, request.tag);
      this.#credentials.answered(request.operation, result);
      if (result.kind === 'closed') {
        this.#queue.settle(out.deliveries);
        this.#end({ kind: 'closed' }, 'by its own request', out);
        return;
      }
    }
    this.#queue.settle(out.deliveries);
  }

  #endedByService(reply: Ended, nowMs: number, out: ClientEffects<Tag>): void {
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
      case 'expired': {
        const foreign = this.#queue.recover(reply.outcomes);
        for (const outcome of reply.outcomes) this.#saw(outcome.zxid);
        const last = reply.outcomes.at(-1);
        // What lies before the last of them has run as well, though the window had no room for it (H21).
        if (last !== undefined) this.#queue.resumeBehind(last.sequence, OUTCOME_GONE);
        if (foreign === null) this.#end({ kind: reply.cause }, reply.reason, out);
        else this.#mismatch(`write ${foreign.sequence} is not the one recorded`, out);
        break;
      }
      case 'forgotten':
        this.#end({ kind: 'forgotten', reason: reply.reason }, reply.reason, out);
        break;
      case 'refused':
        this.#end(refusedBy(reply), reply.reason, out);
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

  #mismatch(reason: string, out: ClientEffects<Tag>): void {
    this.#end({ kind: 'mismatched', reason }, reason, out);
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
    if (this.#state === 'connected') this.#enter('suspended', this.lastFailure, out);
  }

  #end(ending: Ending, reason: string, out: ClientEffects<Tag>): void {
    if (this.#connection.link !== -1) out.hangUps.push(this.#connection.link);
    this.#connection.finished();
    this.#heartbeats.stopped();
    const isGone = ending.kind === 'expired' || ending.kind === 'forgotten';
    const isExpiry = isGone && !this.#isClosing;
    this.#queue.settle(out.deliveries);
    this.#enter(isExpiry ? 'expired' : 'closed', reason, out, ending);
    this.#queue.failAll((request) => resultAtEnd(ending, request));
    this.#queue.settle(out.deliveries);
    this.#watches.end(this.#floor, out.deliveries);
  }

  #enter(state: ClientState, reason: string, out: ClientEffects<Tag>, ending?: Ending): void {
    if (this.#state === state) return;
    this.#state = state;
    const refusal = ending?.kind === 'refused' ? ending.refusal : undefined;
    out.deliveries.push({ kind: 'stateChanged', state, reason, ...(refusal && { refusal }) });
  }

  #saw(zxid: Zxid): void {
    this.#floor = maxZxid(this.#floor, zxid);
  }

  /** Lost, or no longer: by the acknowledged signs of life alone (H17). */
  #account(nowMs: number, out: ClientEffects<Tag>): void {
    if (this.#session === null || this.#isOver) return;
    if (nowMs >= this.#heartbeats.lostMs) {
      this.#enter('lost', 'no sign of life was acknowledged for a session timeout', out);
    } else if (this.#state === 'lost' && this.#connection.phase === 'live') {
      this.#enter('connected', `by ${this.#connection.server}`, out);
    }
  }

  #proceed(nowMs: number, out: ClientEffects<Tag>): void {
    out.deadlineMs = Infinity;
    if (this.#isOver) return;
    if (nowMs >= this.#connection.patienceMs(this.#timeoutMs)) {
      this.#hangUp('it does not answer', nowMs, out);
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
    out.deadlineMs = this.#deadlineMs(nowMs);
  }

  #deadlineMs(nowMs: number): number {
    const ofConnection = this.#connection.deadlineMs(nowMs, this.#timeoutMs);
    const deadlineMs = Math.min(ofConnection, this.#heartbeats.dueMs);
    if (this.#session === null || this.#state === 'lost') return deadlineMs;
    return Math.min(deadlineMs, this.#heartbeats.lostMs);
  }
}
