import { NO_SESSION } from '@paddock/model';
import type {
  DatabaseRequest,
  ErrorCode,
  Identities,
  ReadOperation,
  ReadResult,
} from '@paddock/model';
import type { Clock } from '@paddock/ports';
import type { Availability } from '../availability.ts';
import type { DatabaseEffects } from '../database-effects.ts';
import type { DatabaseState } from '../database-state.ts';
import type { FloorQueue } from './floor-queue.ts';
import { FreshnessQueue } from './freshness-queue.ts';
import type { FrontendStream } from './frontend-stream.ts';
import { removeFirst } from './live-session.ts';
import type { LiveSession } from './live-session.ts';
import type { LiveSessions } from './live-sessions.ts';
import { ParkedRead, readBytes } from './parked-read.ts';
import type { PendingAttach, ReadRequest } from './pending-attach.ts';
import { answerBytes } from './read-answer.ts';
import type { ReadAnswers } from './read-answers.ts';

/**
 * Answers reads at the applied zxid. A read waits until its session's write `afterSequence` and its floor are applied
 * and this replica is fresh enough for it; the later reads of its session wait behind it, and nobody else does (H13,
 * H14, H15).
 */
export class Reads {
  readonly #state: DatabaseState;
  readonly #live: LiveSessions;
  readonly #floors: FloorQueue;
  readonly #freshness = new FreshnessQueue();
  readonly #availability: Availability;
  readonly #clock: Clock;
  readonly #floorWaitMs: number;
  /** What the reads of one session that wait may take. */
  readonly #sessionBytes: number;
  /** What the parked reads of one session may bring at one time; more than its client would be held for. */
  readonly #burstBytes: number;
  readonly #answers: ReadAnswers;
  /** Reads of the batch at hand that were received so far. */
  #received = 0;

  constructor(
    state: DatabaseState,
    live: LiveSessions,
    floors: FloorQueue,
    availability: Availability,
    clock: Clock,
    floorWaitMs: number,
    sessionBytes: number,
    burstBytes: number,
    answers: ReadAnswers,
  ) {
    this.#state = state;
    this.#live = live;
    this.#floors = floors;
    this.#availability = availability;
    this.#clock = clock;
    this.#floorWaitMs = floorWaitMs;
    this.#sessionBytes = sessionBytes;
    this.#burstBytes = burstBytes;
    this.#answers = answers;
  }

  /** Finds what the batch reads, before it is received: no request of a front-end changes the tree. */
  findAll(batch: readonly DatabaseRequest[]): void {
    const { search } = this.#state.znodes;
    search.clear();
    this.#received = 0;
    let withData = false;
    for (const request of batch) {
      if (request.kind !== 'read') continue;
      search.add(request.operation.path);
      withData ||= request.operation.kind === 'getData';
    }
    search.run(withData);
  }

  /** The next read of the batch. */
  received(
    stream: FrontendStream,
    number: number,
    request: ReadRequest,
    out: DatabaseEffects,
  ): void {
    const row = this.#state.znodes.search.row(this.#received);
    this.#received += 1;
    this.#accept(stream, number, request, row, out);
  }

  /** Reads that came while their session's attach was pending. */
  acceptAll({ stream, reads }: PendingAttach, out: DatabaseEffects): void {
    for (const { number, request } of reads) {
      stream.unparked(readBytes(request.operation));
      const row = this.#state.znodes.find(request.operation.path);
      this.#accept(stream, number, request, row, out);
    }
  }

  /** Answers what is ready of the session's parked reads. To be called after each of its transactions. */
  drain(live: LiveSession, out: DatabaseEffects): void {
    const queue = live.parked;
    const { stream } = live;
    const bytesMax = stream.answeredBytes + this.#burstBytes;
    for (let read = queue.first; read !== null; read = queue.first) {
      if (read.isWaiting) return;
      if (read.floor > this.#state.applied) {
        this.#waitForFloor(read);
        return;
      }
      if (read.afterSequence > live.row.lastSequence) return;
      if (!this.#isSettled(read)) {
        this.#waitForFreshness(read);
        return;
      }
      removeFirst(live, read);
      // They must be answered now, before the next transaction (H14), so that what is too much is refused.
      if (stream.answeredBytes > bytesMax) this.#refuseBurst(read, out);
      else this.#answerParked(read, out);
    }
  }

  /** When the last read came that waits until this replica is confirmed to be fresher; -Infinity: none does. */
  get waitingForFreshnessSinceMs(): number {
    return this.#freshness.newestArrivedMs;
  }

  /** Its floor is reached, or this replica is fresh enough for it. */
  goOn(read: ParkedRead, out: DatabaseEffects): void {
    if (read.session !== null) {
      this.drain(read.session, out);
    } else if (this.#isSettled(read)) {
      read.stream.unparked(read.bytes);
      this.#answerParked(read, out);
    } else {
      this.#waitForFreshness(read);
    }
  }

  /** This replica is fresher than before, or nobody need wait for that any more. */
  freshened(out: DatabaseEffects): void {
    if (this.#freshness.isEmpty) return;
    const settled = this.#freshness.take((it) => this.#isSettled(it));
    for (const read of settled) {
      // One before it may have ended its session's reads.
      if (!read.isCancelled) this.goOn(read, out);
    }
  }

  tick(out: DatabaseEffects): void {
    if (this.#freshness.isEmpty) return;
    const nowMs = this.#clock.monotonicMs();
    for (const read of this.#freshness.take((it) => it.deadlineMs <= nowMs)) {
      if (!read.isCancelled) this.overdue(read, out);
    }
  }

  /** What it waits for has not come in time: a typed error, never a session blocked for good. */
  overdue(read: ParkedRead, out: DatabaseEffects): void {
    const reason =
      read.floor > this.#state.applied
        ? 'this replica has not applied the zxid that the read asks for'
        : 'this replica was not confirmed to be as fresh as the read asks for';
    this.#refuse(read.stream, read.number, 'operationTimeout', reason, out);
    const live = read.session;
    if (live === null) {
      read.stream.unparked(read.bytes);
      return;
    }
    removeFirst(live, read);
    this.drain(live, out);
  }

  /** The session has ended: what still waits is refused. */
  refuseParked(live: LiveSession, out: DatabaseEffects): void {
    for (let read = live.parked.first; read !== null; read = live.parked.first) {
      this.#cancel(live, read);
      this.#refuse(live.stream, read.number, 'sessionExpired', 'the session has ended', out);
    }
  }

  /** The session is no longer attached: nobody waits for its reads. */
  forgetParked(live: LiveSession): void {
    for (let read = live.parked.first; read !== null; read = live.parked.first) {
      this.#cancel(live, read);
    }
  }

  forgetPending({ stream, reads }: PendingAttach): void {
    for (const { request } of reads) stream.unparked(readBytes(request.operation));
  }

  /** The stream has ended: nobody waits for its unary reads. */
  forgetUnary(stream: FrontendStream): void {
    this.#floors.cancelUnary(stream);
    this.#freshness.cancelUnary(stream);
  }

  /** Of a read that arrives now; only of those that ask how fresh the replica is. */
  #arrival(stalenessMs: number): number {
    return stalenessMs === Infinity ? 0 : this.#clock.monotonicMs();
  }

  #isSettled({ stalenessMs, arrivedMs }: ParkedRead): boolean {
    return this.#availability.isSettled(stalenessMs, arrivedMs);
  }

  #cancel(live: LiveSession, read: ParkedRead): void {
    removeFirst(live, read);
    read.isCancelled = true;
  }

  #accept(
    stream: FrontendStream,
    number: number,
    request: ReadRequest,
    row: number,
    out: DatabaseEffects,
  ): void {
    if (request.session === NO_SESSION) {
      this.#acceptUnary(stream, number, request, row, out);
      return;
    }
    const live = this.#live.get(request.session);
    const isAttached = live?.stream === stream && !live.awaitsAttach;
    if (stream.pending.size > 0 || !isAttached) {
      this.#acceptUnattached(stream, number, request, row, live, out);
      return;
    }
    this.#acceptAttached(live, number, request, row, out);
  }

  #acceptUnary(
    stream: FrontendStream,
    number: number,
    request: ReadRequest,
    row: number,
    out: DatabaseEffects,
  ): void {
    const { floor, stalenessMs, operation, identities } = request;
    const acceptsReadOnly = request.acceptsReadOnly === true;
    const isReached = floor <= this.#state.applied;
    const arrivedMs = this.#arrival(stalenessMs);
    if (isReached && this.#availability.isSettled(stalenessMs, arrivedMs)) {
      this.#answer(stream, number, null, operation, identities, row, acceptsReadOnly, out);
      return;
    }
    const read = new ParkedRead(stream, number, null, 0, arrivedMs, request);
    read.acceptsReadOnly = acceptsReadOnly;
    stream.parked(read.bytes);
    if (isReached) this.#waitForFreshness(read);
    else this.#waitForFloor(read);
  }

  #acceptAttached(
    live: LiveSession,
    number: number,
    request: ReadRequest,
    row: number,
    out: DatabaseEffects,
  ): void {
    const { afterSequence, floor, stalenessMs, operation, identities } = request;
    const { parked } = live;
    live.identities = identities;
    const arrivedMs = this.#arrival(stalenessMs);
    if (
      parked.first === null &&
      floor <= this.#state.applied &&
      afterSequence <= live.row.lastSequence &&
      this.#availability.isSettled(stalenessMs, arrivedMs)
    ) {
      this.#answer(live.stream, number, live, operation, identities, row, false, out);
      return;
    }
    const { stream } = live;
    const read = new ParkedRead(stream, number, live, afterSequence, arrivedMs, request);
    if (live.parkedBytes + read.bytes > this.#sessionBytes) {
      this.#refuseTooMany(live.stream, number, out);
      return;
    }
    parked.push(read);
    live.parkedBytes += read.bytes;
    stream.parked(read.bytes);
    this.drain(live, out);
  }

  #acceptUnattached(
    stream: FrontendStream,
    number: number,
    request: ReadRequest,
    row: number,
    live: LiveSession | undefined,
    out: DatabaseEffects,
  ): void {
    const pending = stream.pending.get(request.session);
    if (pending !== undefined) {
      this.#acceptPending(pending, number, request, out);
    } else if (live?.stream === stream && !live.awaitsAttach) {
      this.#acceptAttached(live, number, request, row, out);
    } else if (this.#state.sessions.find(request.session) === undefined) {
      this.#refuse(stream, number, 'sessionExpired', 'there is no such session', out);
    } else {
      this.#refuse(stream, number, 'sessionMoved', 'the session is not attached here', out);
    }
  }

  #acceptPending(
    pending: PendingAttach,
    number: number,
    request: ReadRequest,
    out: DatabaseEffects,
  ): void {
    const bytes = readBytes(request.operation);
    if (pending.readBytes + bytes > this.#sessionBytes) {
      this.#refuseTooMany(pending.stream, number, out);
      return;
    }
    pending.readBytes += bytes;
    pending.reads.push({ number, request });
    pending.stream.parked(bytes);
  }

  /** The read alone, not the link: one client's excess is not the business of the others. */
  #refuseTooMany(stream: FrontendStream, number: number, out: DatabaseEffects): void {
    const reason = 'too many reads of the session wait for its writes or its floor';
    this.#refuse(stream, number, 'throttled', reason, out);
  }

  #refuseBurst({ stream, number }: ParkedRead, out: DatabaseEffects): void {
    const reason = 'the reads of the session behind one write ask for too much at one time';
    this.#refuse(stream, number, 'throttled', reason, out);
  }

  #waitForFloor(read: ParkedRead): void {
    read.deadlineMs = this.#clock.monotonicMs() + this.#floorWaitMs;
    this.#floors.push(read);
  }

  /** For no longer than a read may wait in all, if it has waited for its floor before. */
  #waitForFreshness(read: ParkedRead): void {
    const deadlineMs = this.#clock.monotonicMs() + this.#floorWaitMs;
    read.deadlineMs = Math.min(read.deadlineMs, deadlineMs);
    this.#freshness.push(read);
  }

  #refuse(
    stream: FrontendStream,
    number: number,
    code: ErrorCode,
    reason: string,
    out: DatabaseEffects,
  ): void {
    const result: ReadResult = { kind: 'failed', code, reason };
    this.#reply(stream, number, result, out);
  }

  #answerParked(read: ParkedRead, out: DatabaseEffects): void {
    const { operation, identities } = read;
    const row = this.#state.znodes.find(operation.path);
    const { stream, number, session, acceptsReadOnly } = read;
    this.#answer(stream, number, session, operation, identities, row, acceptsReadOnly, out);
  }

  #answer(
    stream: FrontendStream,
    number: number,
    live: LiveSession | null,
    operation: ReadOperation,
    identities: Identities,
    row: number,
    acceptsReadOnly: boolean,
    out: DatabaseEffects,
  ): void {
    const { isServing, isReadOnly, reason } = this.#availability;
    if (!isServing && !(acceptsReadOnly && isReadOnly)) {
      this.#refuse(stream, number, 'notServing', reason, out);
      return;
    }
    const result = this.#answers.of(stream, live, operation, identities, row);
    this.#reply(stream, number, result, out, !isServing);
  }

  #reply(
    stream: FrontendStream,
    read: number,
    result: ReadResult,
    out: DatabaseEffects,
    readOnly = false,
  ): void {
    const zxid = this.#state.applied;
    stream.answeredBytes += answerBytes(result);
    const reply = { kind: 'readReply', read, zxid, result } as const;
    out.frontends.push(stream.link, readOnly ? { ...reply, readOnly } : reply);
  }
}
