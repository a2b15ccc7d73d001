import { trustedPath, ZXID_ZERO } from '@paddock/model';
import type {
  ClientOperation,
  NumberedResult,
  Outcome,
  ReadConsistency,
  SessionId,
  SessionReply,
  SessionRequest,
  WatchRegistration,
  Zxid,
} from '@paddock/model';
import { text } from '../frontend-under-test.ts';
import type { Draws } from './random.ts';

type Sent =
  | { readonly kind: 'write'; readonly sequence: number; readonly operation: ClientOperation }
  | {
      readonly kind: 'read';
      readonly operation: ClientOperation;
      readonly path: string;
      readonly watch: boolean;
      /** The last write of the own register before it, and the floor that it or a sync before it asked for. */
      readonly lastOwn: number;
      notBelow: Zxid;
    }
  | { readonly kind: 'sync'; readonly operation: ClientOperation; notBelow: Zxid };

const SHARED = '/shared';

/**
 * A client with a register that only it writes, and one that all write. It pipelines at random, resumes when its
 * connection ends, and throws where an answer breaks a promise.
 */
export class CheckingClient {
  link = -1;
  readonly own: string;
  session: SessionId | null = null;
  answered = 0;
  /** What is unanswered, in order. */
  pending: Sent[] = [];
  readonly outbox: SessionRequest[] = [];
  isReady = false;
  /** True once a read may have been asked twice: then it may show later writes of its own (P2, the exception). */
  mayReadLater = false;
  #secret: Uint8Array = new Uint8Array(0);
  #attempt = 0;
  #next = 1;
  #lastOwn = 0;
  #acked = 0;
  #floor: Zxid = ZXID_ZERO;
  #syncedAt: Zxid = ZXID_ZERO;
  /** The watch on the shared register: the state that it was set at. */
  #watchedFrom: Zxid | null = null;
  /** Outcomes of a resume that is told in several messages. */
  #resumed: Outcome[] = [];
  readonly #draws: Draws;

  constructor(name: string, draws: Draws) {
    this.own = `/${name}`;
    this.#draws = draws;
  }

  connected(link: number): void {
    this.link = link;
    this.isReady = false;
    this.outbox.length = 0;
    if (this.session === null) {
      this.outbox.push({ kind: 'open', timeoutMs: 9000 });
      return;
    }
    this.mayReadLater = true;
    this.#attempt++;
    const watches: WatchRegistration[] = [];
    if (this.#watchedFrom !== null) {
      watches.push({ path: trustedPath(SHARED), kind: 'data', from: this.#watchedFrom });
    }
    this.outbox.push({
      kind: 'resume',
      session: this.session,
      secret: this.#secret,
      attempt: this.#attempt,
      ackedThrough: this.#acked,
      floor: this.#floor,
      watches,
    });
  }

  /** A batch of operations; `committed` is what any sync among them must see. */
  pipeline(committed: Zxid): void {
    const batch: Sent[] = [];
    const count = 1 + this.#draws.below(6);
    for (let i = 0; i < count; i++) batch.push(this.#draw(committed));
    this.pending.push(...batch);
    this.#send(batch);
  }

  received(reply: SessionReply, committed: Zxid): void {
    switch (reply.kind) {
      case 'opened':
        this.session = reply.session;
        this.#secret = reply.secret;
        this.isReady = true;
        break;
      case 'resumed':
        this.#resumed.push(...reply.outcomes);
        if (!reply.more) this.#goOn(reply.lastSequence, committed);
        break;
      case 'results':
        for (const result of reply.results) this.#take(result);
        break;
      case 'event':
        this.#check(reply.event.zxid > (this.#watchedFrom ?? ZXID_ZERO), 'an event of the past');
        this.#check(this.#watchedFrom !== null, 'an event without a watch');
        this.#watchedFrom = null;
        if (reply.event.zxid > this.#floor) this.#floor = reply.event.zxid;
        break;
      case 'ended':
        this.#check(reply.cause === 'resumeElsewhere', `ended: ${reply.cause} ${reply.reason}`);
        break;
      case 'watchesCompacted':
      case 'heartbeat':
      case 'expect':
      case 'readOnly':
      case 'upgraded':
        break;
    }
  }

  #draw(committed: Zxid): Sent {
    const kind = this.#draws.below(10);
    if (kind < 4) {
      const sequence = this.#next++;
      const path = this.#draws.chance(60) ? this.own : SHARED;
      if (path === this.own) this.#lastOwn = sequence;
      const data = text(String(sequence));
      return {
        kind: 'write',
        sequence,
        operation: { kind: 'setData', path, data, version: -1 },
      };
    }
    if (kind === 9) {
      this.#syncedAt = committed;
      return { kind: 'sync', operation: { kind: 'sync' }, notBelow: committed };
    }
    const path = kind < 8 ? this.own : SHARED;
    const watch = path === SHARED;
    const atLeast = this.#draws.chance(15) ? committed : ZXID_ZERO;
    const consistency = this.#drawConsistency();
    const asked = consistency.kind === 'linearizable' ? committed : atLeast;
    return {
      kind: 'read',
      operation: { kind: 'getData', path, watch, atLeast, consistency },
      path,
      watch,
      lastOwn: this.#lastOwn,
      notBelow: this.#syncedAt > asked ? this.#syncedAt : asked,
    };
  }

  #drawConsistency(): ReadConsistency {
    const drawn = this.#draws.below(10);
    if (drawn < 2) return { kind: 'linearizable' };
    return drawn < 4 ? { kind: 'boundedStaleness', ms: 100 } : { kind: 'local' };
  }

  #send(batch: readonly Sent[]): void {
    if (!this.isReady || batch.length === 0) return;
    const first = batch.find((it) => it.kind === 'write');
    this.outbox.push({
      kind: 'operations',
      firstSequence: first?.sequence ?? this.#next,
      ackedThrough: this.#acked,
      operations: batch.map((it) => it.operation),
    });
  }

  #goOn(lastSequence: number, committed: Zxid): void {
    const outcomes = new Map(this.#resumed.splice(0).map((it) => [it.sequence, it]));
    const again: Sent[] = [];
    for (const sent of this.pending) {
      if (sent.kind === 'write' && sent.sequence <= lastSequence) {
        const outcome = outcomes.get(sent.sequence);
        this.#check(outcome !== undefined, `the outcome of ${sent.sequence} is lost (P5)`);
        this.#acked = sent.sequence;
        this.answered++;
      } else {
        if (sent.kind === 'sync') sent.notBelow = committed;
        again.push(sent);
      }
    }
    this.pending = again;
    this.isReady = true;
    this.#send(again);
  }

  #take({ zxid, result }: NumberedResult): void {
    const sent = this.pending.shift();
    this.#check(sent !== undefined, 'an answer to nothing');
    if (sent === undefined) return;
    this.answered++;
    // A write that was applied while a read before it had to be asked again is older than what that read shows.
    const mayBeOlder = sent.kind === 'write' && this.mayReadLater;
    this.#check(zxid >= this.#floor || mayBeOlder, `${zxid} after ${this.#floor} (P3)`);
    if (zxid > this.#floor) this.#floor = zxid;
    if (sent.kind === 'write') {
      this.#check(result.kind === 'dataSet', `a write was answered with ${result.kind}`);
      this.#acked = sent.sequence;
    } else if (sent.kind === 'sync') {
      if (result.kind === 'failed') return;
      this.#check(result.kind === 'synced', `a sync was answered with ${result.kind}`);
      this.#check(zxid >= sent.notBelow, 'a sync below what was committed (H13)');
    } else {
      if (result.kind === 'failed' && result.code === 'operationTimeout') return;
      this.#check(result.kind === 'data', `a read was answered with ${result.kind}`);
      if (result.kind === 'data') this.#takeRead(sent, zxid, result.data, result.stat.mzxid);
    }
  }

  #takeRead(
    sent: Extract<Sent, { kind: 'read' }>,
    zxid: Zxid,
    data: Uint8Array,
    modified: Zxid,
  ): void {
    this.#check(zxid >= sent.notBelow, 'a read below the floor that it asked for');
    if (sent.watch) {
      const from = this.#watchedFrom;
      this.#check(from === null || modified <= from, 'new state before its event (P4)');
      this.#watchedFrom ??= zxid;
      return;
    }
    const shown = Number(String.fromCharCode(...data));
    this.#check(shown >= sent.lastOwn, `own write ${sent.lastOwn} is not shown (P2)`);
    this.#check(shown === sent.lastOwn || this.mayReadLater, 'a later own write is shown (P2)');
  }

  #check(holds: boolean, promise: string): void {
    if (!holds) throw new Error(`${this.own}: ${promise}`);
  }
}
