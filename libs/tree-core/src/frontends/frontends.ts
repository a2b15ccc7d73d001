import { sameAttachment } from '@paddock/model';
import type {
  Attachment,
  DatabaseReply,
  DatabaseRequest,
  FrontendIncarnation,
  Limits,
  Outcome,
  Timing,
  Zxid,
} from '@paddock/model';
import type { Clock, LinkEnd } from '@paddock/ports';
import type { Availability } from '../availability.ts';
import type { DatabaseEffects } from '../database-effects.ts';
import type { DatabaseState } from '../database-state.ts';
import type { Session, Tombstone } from '../sessions/session.ts';
import { linkWaitingBytes, sessionWaitingBytes } from '../waiting-bound.ts';
import { AttachedSessions } from './attached-sessions.ts';
import { FloorQueue } from './floor-queue.ts';
import { FrontendStream } from './frontend-stream.ts';
import { LiveSessions } from './live-sessions.ts';
import { ReadAnswers } from './read-answers.ts';
import { Reads } from './reads.ts';
import { StreamWatches } from './stream-watches.ts';
import { SubtreeReads } from './subtree-reads.ts';

/**
 * The front-ends' side of the database. What a session is told goes, in one order, over the stream that its attachment
 * names; where that front-end is not connected nothing is sent, since the table has it (H15).
 */
export class Frontends {
  readonly #state: DatabaseState;
  readonly #floors = new FloorQueue();
  readonly #live = new LiveSessions();
  readonly #reads: Reads;
  readonly #attached: AttachedSessions;
  readonly #watches: StreamWatches;
  readonly #subtrees: SubtreeReads;
  readonly #availability: Availability;
  readonly #clock: Clock;
  readonly #waitingBytes: number;
  /** Answered to one link in one step; the requests behind wait until that has left. */
  readonly #answerBytes: number;
  /** Null until the link's first message has said whose it is. */
  readonly #links = new Map<number, FrontendStream | null>();
  readonly #streams = new Map<FrontendIncarnation, FrontendStream>();

  constructor(
    state: DatabaseState,
    availability: Availability,
    clock: Clock,
    limits: Limits,
    timing: Timing,
  ) {
    const live = this.#live;
    this.#state = state;
    this.#availability = availability;
    this.#clock = clock;
    this.#waitingBytes = linkWaitingBytes(limits);
    this.#answerBytes = limits.queueBytes;
    const pageBytes = limits.linkMessageBytes / 2;
    this.#subtrees = new SubtreeReads(state, clock, {
      pageBytes,
      savedBytes: limits.slowReaderBytes,
      idleMs: timing.floorWaitMs,
    });
    this.#reads = new Reads(
      state,
      live,
      this.#floors,
      availability,
      clock,
      timing.floorWaitMs,
      sessionWaitingBytes(limits),
      limits.slowReaderBytes / 2,
      new ReadAnswers(state, live, this.#subtrees, pageBytes),
    );
    this.#attached = new AttachedSessions(
      state,
      live,
      this.#reads,
      this.#floors,
      clock,
      timing.floorWaitMs,
    );
    this.#watches = new StreamWatches(state, clock, timing.floorWaitMs);
  }

  get streamCount(): number {
    return this.#streams.size;
  }

  get attachedCount(): number {
    return this.#live.count;
  }

  get parkedReads(): number {
    let count = 0;
    for (const stream of this.#streams.values()) count += stream.parkedReads;
    return count;
  }

  connected(link: number): void {
    this.#links.set(link, null);
  }

  received(link: number, batch: readonly DatabaseRequest[], out: DatabaseEffects): void {
    const before = this.#links.get(link);
    // What was on its way when the link was cut.
    if (before === undefined) return;
    if (before !== null && before.held.length > 0) {
      for (const request of batch) before.held.push(request);
      return;
    }
    this.#receive(link, before, batch, out);
  }

  /** The answers that requests were held behind have left. */
  resumed(link: number, out: DatabaseEffects): void {
    const stream = this.#links.get(link);
    if (stream === undefined || stream === null) return;
    const { held } = stream;
    stream.held = [];
    this.#receive(link, stream, held, out);
  }

  #receive(
    link: number,
    before: FrontendStream | null,
    batch: readonly DatabaseRequest[],
    out: DatabaseEffects,
  ): void {
    const readsBefore = before?.reads ?? 0;
    const bytesMax = (before?.answeredBytes ?? 0) + this.#answerBytes;
    let stream = before;
    let taken = 0;
    this.#reads.findAll(batch);
    for (const request of batch) {
      if (stream !== null && stream.answeredBytes > bytesMax) {
        stream.held = batch.slice(taken);
        out.heldFrontends.push(link);
        break;
      }
      taken++;
      if (request.kind === 'openStream') {
        stream = this.#open(link, request.frontend, out);
      } else if (stream === null) {
        this.#cut(
          link,
          { cause: 'refused', reason: 'the stream does not begin with openStream' },
          out,
        );
        return;
      } else {
        this.#handle(stream, request, out);
        if (stream.waitingBytes > this.#waitingBytes) {
          this.#cutHoarder(stream, out);
          return;
        }
      }
    }
    if (stream !== null && stream.reads > readsBefore) {
      out.frontends.push(link, { kind: 'readsAccepted', reads: stream.reads });
    }
  }

  /** Its session's replies may not overtake what it does not read, so it is cut (H16). */
  slow(link: number, out: DatabaseEffects): void {
    if (!this.#links.has(link)) return;
    out.events.push({ level: 'warn', message: 'a front-end does not read: cut', detail: { link } });
    this.#cut(
      link,
      { cause: 'tooSlow', reason: 'the front-end does not read what it is sent' },
      out,
    );
  }

  #cutHoarder(stream: FrontendStream, out: DatabaseEffects): void {
    const detail = { link: stream.link, bytes: stream.waitingBytes };
    out.events.push({ level: 'warn', message: 'too much waits for a front-end: cut', detail });
    const reason = `${stream.waitingBytes} bytes of reads and watches wait for this front-end`;
    this.#cut(stream.link, { cause: 'refused', reason }, out);
  }

  ended(link: number): void {
    const stream = this.#links.get(link);
    this.#links.delete(link);
    if (stream === undefined || stream === null) return;
    this.#attached.removeStream(stream);
    this.#subtrees.forget(stream);
    if (this.#streams.get(stream.frontend) === stream) this.#streams.delete(stream.frontend);
  }

  /** The outcome of a write, and then the reads that waited for it (H4). */
  settled(row: Session, outcome: Outcome, out: DatabaseEffects): void {
    const live = this.#live.get(row.session);
    if (live === undefined) return;
    out.frontends.push(live.stream.link, {
      kind: 'outcome',
      session: row.session,
      attachment: live.attachment,
      outcome,
    });
    if (live.parked.first !== null) this.#reads.drain(live, out);
  }

  sessionOpened(row: Session, zxid: Zxid, out: DatabaseEffects): void {
    const stream = this.#streams.get(row.attachment.frontend);
    if (stream === undefined) return;
    this.#attached.install(row, stream);
    out.frontends.push(stream.link, {
      kind: 'sessionOpened',
      session: row.session,
      attachment: row.attachment,
      zxid,
      timeoutMs: row.timeoutMs,
    });
  }

  sessionResumed(row: Session, replaced: Attachment, zxid: Zxid, out: DatabaseEffects): void {
    const isNew = !sameAttachment(replaced, row.attachment);
    if (isNew) this.#fence(row, replaced, zxid, out);
    const stream = this.#streams.get(row.attachment.frontend);
    if (stream === undefined) return;
    const live = this.#attached.install(row, stream);
    if (isNew) live.awaitsAttach = true;
    out.frontends.push(stream.link, {
      kind: 'sessionResumed',
      session: row.session,
      attachment: row.attachment,
      zxid,
      timeoutMs: row.timeoutMs,
      lastSequence: row.lastSequence,
    });
  }

  sessionEnded(row: Session, tombstone: Tombstone, out: DatabaseEffects): void {
    const stream = this.#streams.get(row.attachment.frontend);
    if (stream !== undefined) {
      out.frontends.push(stream.link, {
        kind: 'sessionEnded',
        session: row.session,
        attachment: row.attachment,
        zxid: tombstone.zxid,
        end: tombstone.end,
        outcomes: tombstone.outcomes,
      });
    }
    const live = this.#live.get(row.session);
    if (live === undefined) return;
    this.#reads.drain(live, out);
    this.#reads.refuseParked(live, out);
    this.#attached.remove(live);
  }

  /** Wakes whoever waited for a floor that is applied now. */
  floorsReached(out: DatabaseEffects): void {
    const { applied } = this.#state;
    if (this.#floors.lowest > applied) return;
    let waiter = this.#floors.takeReached(applied);
    while (waiter !== undefined) {
      if (waiter.kind === 'read') this.#reads.goOn(waiter, out);
      else this.#attached.complete(waiter, out);
      waiter = this.#floors.takeReached(applied);
    }
  }

  tick(out: DatabaseEffects): void {
    for (const waiter of this.#floors.takeOverdue(this.#clock.monotonicMs())) {
      // One that was overdue before it may have taken it along.
      if (waiter.isCancelled) continue;
      if (waiter.kind === 'read') this.#reads.overdue(waiter, out);
      else this.#attached.overdue(waiter, out);
    }
    this.#reads.tick(out);
    this.#watches.tick(out);
    this.#subtrees.tick();
  }

  /** When the last read came that waits until this replica is confirmed to be fresher; -Infinity: none does. */
  get waitingForFreshnessSinceMs(): number {
    return this.#reads.waitingForFreshnessSinceMs;
  }

  /** This replica is fresher than before, or nobody need wait for that any more. */
  freshened(out: DatabaseEffects): void {
    this.#reads.freshened(out);
  }

  closeAll(end: LinkEnd, out: DatabaseEffects): void {
    for (const link of [...this.#links.keys()]) this.#cut(link, end, out);
  }

  /** Tells every front-end. */
  announce(message: DatabaseReply, out: DatabaseEffects): void {
    for (const stream of this.#streams.values()) out.frontends.push(stream.link, message);
  }

  #open(link: number, frontend: FrontendIncarnation, out: DatabaseEffects): FrontendStream {
    const older = this.#streams.get(frontend);
    if (older !== undefined) {
      this.#cut(older.link, { cause: 'closed', reason: 'the front-end has a newer stream' }, out);
    }
    const stream = new FrontendStream(link, frontend);
    this.#links.set(link, stream);
    this.#streams.set(frontend, stream);
    const { applied, term, termHeld } = this.#state;
    out.frontends.push(link, { kind: 'streamOpened', applied, term });
    const { isServing, reason } = this.#availability;
    if (!isServing) out.frontends.push(link, { kind: 'serving', serving: false, reason });
    if (termHeld !== null) out.frontends.push(link, { kind: 'termHeld', held: termHeld });
    return stream;
  }

  #handle(
    stream: FrontendStream,
    request: Exclude<DatabaseRequest, { readonly kind: 'openStream' }>,
    out: DatabaseEffects,
  ): void {
    switch (request.kind) {
      case 'read':
        stream.reads += 1;
        this.#reads.received(stream, stream.reads, request, out);
        break;
      case 'attach':
        this.#attached.attach(stream, request, out);
        break;
      case 'detach':
        this.#attached.detach(stream, request.session, request.attachment);
        break;
      case 'identify':
        this.#attached.identify(stream, request);
        break;
      case 'unwatch':
        this.#attached.unwatch(stream, request);
        break;
      case 'openWatch':
        this.#watches.open(stream, request, out);
        break;
      case 'closeWatch':
        this.#watches.close(stream, request.watch);
        break;
    }
  }

  /** Another attachment has been installed: the front-end of the replaced one closes its connection (H3). */
  #fence(row: Session, replaced: Attachment, zxid: Zxid, out: DatabaseEffects): void {
    const stream = this.#streams.get(replaced.frontend);
    if (stream !== undefined) {
      out.frontends.push(stream.link, {
        kind: 'sessionFenced',
        session: row.session,
        attachment: replaced,
        zxid,
      });
    }
    const live = this.#live.get(row.session);
    if (live !== undefined) this.#attached.remove(live);
  }

  #cut(link: number, end: LinkEnd, out: DatabaseEffects): void {
    this.ended(link);
    out.closeFrontends.push({ link, end });
  }
}
