import { follows, formatZxid } from '@paddock/model';
import type { Epoch, Limits, LogEntry, Zxid } from '@paddock/model';
import type { BroadcasterEffects } from './broadcaster-effects.ts';
import type { Ensemble } from './ensemble.ts';
import { batchFromMemory, batchFromRead } from './entry-batch.ts';
import type { EntryBatch } from './entry-batch.ts';
import type { History } from './history.ts';
import { Learner } from './learner.ts';
import type { LogReads } from './log-reads.ts';
import { beforeRestoration } from './restorations.ts';
import type { Restorations } from './restorations.ts';

export type LearnerSources = Pick<Ensemble, 'history' | 'limits' | 'reads' | 'restorations'>;

/** The learners of one leader: brings each to this history (Zab's phase 2) and sends it what comes (phase 3). */
export class LearnerStreams {
  readonly #history: History;
  readonly #limits: Limits;
  readonly #reads: LogReads;
  readonly #restorations: Restorations;
  readonly #all: Learner[] = [];

  constructor({ history, limits, reads, restorations }: LearnerSources) {
    this.#restorations = restorations;
    this.#history = history;
    this.#limits = limits;
    this.#reads = reads;
  }

  get all(): readonly Learner[] {
    return this.#all;
  }

  find(link: number): Learner | undefined {
    return this.#all.find((it) => it.link === link);
  }

  connect(link: number, nowMs: number): void {
    this.#all.push(new Learner(link, nowMs));
  }

  disconnect(link: number): void {
    const at = this.#all.findIndex((it) => it.link === link);
    if (at >= 0) this.#all.splice(at, 1);
  }

  /** Everything up to here was sent to every learner that is sent anything; null: there is none. */
  get sentToAll(): Zxid | null {
    let least: Zxid | null = null;
    for (const { state, window } of this.#all) {
      if (state === 'streaming' && (least === null || window.sent < least)) least = window.sent;
    }
    return least;
  }

  /** The log is needed from here on for those who read it; null: by nobody. */
  get pinned(): Zxid | null {
    let least: Zxid | null = null;
    for (const { pinned } of this.#all) {
      if (pinned !== null && (least === null || pinned < least)) least = pinned;
    }
    return least;
  }

  /**
   * The learner's history ends at `last`: what it has that was never here goes, then it is sent what is behind. Where
   * the log does not reach back so far it fetches a snapshot (H8).
   */
  synchronize(learner: Learner, last: Zxid, logStart: Zxid, out: BroadcasterEffects): void {
    const history = this.#history;
    if (last < logStart) {
      learner.state = 'awaitingSnapshot';
      learner.target = logStart;
      out.learners.push(learner.link, { kind: 'snapshotNeeded', atLeast: logStart });
      out.events.push({
        level: 'info',
        message: 'a learner needs a snapshot',
        detail: {
          learner: learner.identity.replica,
          last: formatZxid(last),
          logStart: formatZxid(logStart),
        },
      });
      return;
    }
    const shared = history.prefixEnd(last);
    if (shared < last) {
      learner.state = 'truncating';
      out.learners.push(learner.link, { kind: 'truncate', after: shared });
      out.events.push({
        level: 'info',
        message: 'a learner cuts off what was never committed',
        detail: {
          learner: learner.identity.replica,
          last: formatZxid(last),
          after: formatZxid(shared),
        },
      });
      return;
    }
    learner.state = 'streaming';
    learner.window.startAt(last);
    learner.target = history.last;
  }

  /** Sends what may be sent; `newLeader` behind the history that the epoch began with, the commit point at the end. */
  advance(epoch: Epoch, logStart: Zxid, out: BroadcasterEffects): void {
    for (const learner of this.#all) {
      if (learner.state !== 'streaming') continue;
      if (this.#isCutOff(learner, logStart, out)) continue;
      this.#stream(learner, out);
      if (!learner.isNewLeaderSent && learner.window.sent >= learner.target) {
        learner.isNewLeaderSent = true;
        out.learners.push(learner.link, { kind: 'newLeader', epoch });
      }
      this.#tellCommitted(learner, out);
    }
  }

  /** Entries that the log was asked for; false: by somebody else. */
  logRead(read: number, entries: readonly LogEntry[], out: BroadcasterEffects): boolean {
    const learner = this.#all.find((candidate) => candidate.read === read);
    if (learner === undefined) return false;
    learner.read = 0;
    if (learner.state !== 'streaming') return true;
    const first = entries[0];
    if (first === undefined || !follows(learner.window.sent, first.zxid)) {
      // Purged meanwhile: the learner comes again, and is told to fetch a snapshot.
      this.disconnect(learner.link);
      const reason = `the log has nothing behind ${formatZxid(learner.window.sent)} any more`;
      out.closeLearners.push({ link: learner.link, end: { cause: 'closed', reason } });
      return true;
    }
    let from = 0;
    for (;;) {
      const batch = batchFromRead(entries, from, this.#sendable(learner), this.#limits);
      if (batch.entries.length === 0) return true;
      this.#send(learner, batch, out);
      from += batch.entries.length;
    }
  }

  #stream(learner: Learner, out: BroadcasterEffects): void {
    const history = this.#history;
    const { window } = learner;
    const windowMax = this.#limits.queueBytes;
    const through = this.#sendable(learner);
    while (window.sent < through && learner.read === 0 && !learner.isFull) {
      if (window.bytes >= windowMax) return;
      const position = history.positionAfter(window.sent);
      if (position === undefined) {
        learner.read = this.#reads.ask(window.sent, window.bytes, windowMax, out);
        return;
      }
      this.#send(learner, batchFromMemory(history, position, through, this.#limits), out);
    }
  }

  /** Nothing from a restoration on goes to a learner whose database does not hold the backup. */
  #sendable(learner: Learner): Zxid {
    const next = this.#restorations.next(learner.window.sent);
    if (next === null || learner.held.has(next.backup)) return this.#history.last;
    return beforeRestoration(next);
  }

  /** What a restoration waits for is fetched; once that is committed a snapshot does as well, and is waited for. */
  #isCutOff(learner: Learner, logStart: Zxid, out: BroadcasterEffects): boolean {
    const next = this.#restorations.next(learner.window.sent);
    if (next === null || learner.held.has(next.backup)) return false;
    if (next.zxid > this.#history.committed) {
      this.askToHold(learner, next.backup, out);
      return false;
    }
    this.synchronize(learner, learner.window.sent, logStart, out);
    return true;
  }

  askToHold(learner: Learner, backup: string, out: BroadcasterEffects): void {
    if (learner.held.has(backup) || learner.askedBackup === backup) return;
    learner.askedBackup = backup;
    out.learners.push(learner.link, { kind: 'backupNeeded', backup });
  }

  #send(learner: Learner, { entries, bytes }: EntryBatch, out: BroadcasterEffects): void {
    const last = entries[entries.length - 1];
    if (last === undefined) return;
    const { committed } = this.#history;
    learner.window.markSent(last.zxid, bytes);
    learner.committedTold = committed;
    out.learners.push(learner.link, { kind: 'entries', entries, committed });
  }

  #tellCommitted(learner: Learner, out: BroadcasterEffects): void {
    const { committed } = this.#history;
    if (!learner.isUpToDate || learner.committedTold >= committed) return;
    learner.committedTold = committed;
    out.learners.push(learner.link, { kind: 'commit', zxid: committed });
  }
}
