import { maxZxid, NO_SESSION } from '@paddock/model';
import type { LookUpQuery, LookUpReply, LookUpRequest, SessionId, Zxid } from '@paddock/model';
import type { Outbox } from '@paddock/ports';
import type { OverlayZnode } from './overlay-znode.ts';
import type { Overlay } from './overlay.ts';
import type { QueuedClose, QueuedQuota } from './request-queue.ts';
import { Ring } from './ring.ts';
import type { Subtree } from './transaction-needs.ts';

/** While so many rounds of znodes are under way the next one fills; small ones would cost a message each. */
const ZNODE_ROUNDS = 4;
/** Look-ups of all kinds under way. */
const UNDER_WAY = 64;
/** Znodes that are due, in one answer; it is asked for once a tick. */
const REAPED_AT_ONCE = 1000;

export type LookUp =
  | { readonly kind: 'znodes'; readonly number: number; readonly znodes: OverlayZnode[] }
  | { readonly kind: 'ephemerals'; readonly number: number; readonly close: QueuedClose }
  | { readonly kind: 'subtree'; readonly number: number; readonly subtree: Subtree }
  | {
      readonly kind: 'subtreeUse';
      readonly number: number;
      readonly request: QueuedQuota;
      readonly floor: Zxid;
    }
  | { readonly kind: 'data'; readonly number: number; readonly znode: OverlayZnode }
  | { readonly kind: 'sessions'; readonly number: number; readonly after: SessionId }
  | { readonly kind: 'reapable'; readonly number: number; readonly time: number }
  | { readonly kind: 'termStart'; readonly number: number };

export type LookUpAnswered = Extract<LookUpReply, { readonly kind: 'answer' }>;

/** An answer that does not fit what was asked: the link to the database is of no use any more. */
export interface LookUpBreach {
  readonly kind: 'breach';
  readonly reason: string;
}

/**
 * Look-ups in the order of the requests that need them, which is the order in which they are sent and answered. Their
 * numbers grow over all terms, so that an answer to an abandoned one is known as such.
 */
export class LookUps {
  readonly #pathsPerRound: number;
  readonly #pageSize: number;
  readonly #subtreeSize: number;
  readonly #waiting = new Ring<LookUp>();
  #sent = 0;
  #roundsSent = 0;
  /** The last round, as long as it is not sent. */
  #open: Extract<LookUp, { readonly kind: 'znodes' }> | null = null;
  #number = 0;
  #answered = 0;
  /** Floors of those under way, at their sending. */
  readonly #floors = new Ring<Zxid>();

  constructor(pathsPerRound: number, pageSize: number, subtreeSize: number) {
    this.#pathsPerRound = pathsPerRound;
    this.#pageSize = pageSize;
    this.#subtreeSize = subtreeSize;
  }

  /** Every look-up up to this number is answered. */
  get answered(): number {
    return this.#answered;
  }

  /** A new term knows nothing of what the one before wanted to know. */
  abandon(): void {
    this.#waiting.clear();
    this.#floors.clear();
    this.#open = null;
    this.#sent = 0;
    this.#roundsSent = 0;
    this.#answered = this.#number;
  }

  /** The number of the look-up that makes the znode known; 0 if it is. */
  znode(znode: OverlayZnode): number {
    if (znode.known) return 0;
    if (znode.lookUp !== 0) return znode.lookUp;
    let round = this.#open;
    if (round === null || round.znodes.length >= this.#pathsPerRound) {
      round = { kind: 'znodes', number: ++this.#number, znodes: [] };
      this.#open = round;
      this.#waiting.push(round);
    }
    round.znodes.push(znode);
    znode.lookUp = round.number;
    return round.number;
  }

  ephemerals(close: QueuedClose): number {
    this.#open = null;
    this.#waiting.push({ kind: 'ephemerals', number: ++this.#number, close });
    return this.#number;
  }

  /** The number of the look-up that makes the znode's data known. */
  data(znode: OverlayZnode): number {
    if (znode.dataLookUp === 0) {
      this.#open = null;
      znode.dataLookUp = ++this.#number;
      this.#waiting.push({ kind: 'data', number: this.#number, znode });
    }
    return znode.dataLookUp;
  }

  subtree(subtree: Subtree): number {
    this.#open = null;
    this.#waiting.push({ kind: 'subtree', number: ++this.#number, subtree });
    return this.#number;
  }

  /** What a subtree comes to once everything up to `floor` is applied. */
  subtreeUse(request: QueuedQuota, floor: Zxid): number {
    this.#open = null;
    this.#waiting.push({ kind: 'subtreeUse', number: ++this.#number, request, floor });
    return this.#number;
  }

  sessions(after: SessionId = NO_SESSION): void {
    this.#waiting.push({ kind: 'sessions', number: ++this.#number, after });
  }

  /** What is due for deletion at `time`. */
  reapable(time: number): void {
    this.#waiting.push({ kind: 'reapable', number: ++this.#number, time });
  }

  termStart(): void {
    this.#waiting.push({ kind: 'termStart', number: ++this.#number });
  }

  /** The stream has broken: what is not answered is asked again, in order, at the floor of now. */
  resendAll(): void {
    this.#sent = 0;
    this.#roundsSent = 0;
    this.#floors.clear();
  }

  send(out: Outbox<LookUpRequest>, link: number, floor: Zxid): void {
    for (;;) {
      const next = this.#waiting.at(this.#sent);
      if (next === undefined || this.#sent >= UNDER_WAY) return;
      if (next.kind === 'znodes') {
        if (this.#roundsSent >= ZNODE_ROUNDS) return;
        this.#roundsSent++;
        if (next === this.#open) this.#open = null;
      }
      this.#sent++;
      const own = next.kind === 'subtreeUse' ? maxZxid(floor, next.floor) : floor;
      this.#floors.push(own);
      out.push(link, { lookUp: next.number, floor: own, query: this.#query(next) });
    }
  }

  /** What was asked; null for the answer to an abandoned one. */
  answer(message: LookUpAnswered): LookUp | LookUpBreach | null {
    const next = this.#sent === 0 ? undefined : this.#waiting.at(0);
    const floor = this.#floors.at(0);
    if (next === undefined || floor === undefined || message.lookUp !== next.number) {
      if (message.lookUp <= this.#answered) return null;
      return breach(`look-up ${message.lookUp} is answered out of turn`);
    }
    if (message.answer.kind !== next.kind) {
      return breach(`look-up of ${next.kind} is answered by ${message.answer.kind}`);
    }
    if (message.zxid < floor) return breach('a look-up is answered below its floor');
    if (
      message.answer.kind === 'znodes' &&
      next.kind === 'znodes' &&
      message.answer.records.length !== next.znodes.length
    ) {
      return breach('a look-up is answered by another number of records');
    }
    this.#waiting.shift();
    this.#floors.shift();
    this.#sent--;
    if (next.kind === 'znodes') this.#roundsSent--;
    this.#answered = next.number;
    return next;
  }

  /** True where a look-up under way waits for more than this to be applied. */
  waitBeyond(applied: Zxid): boolean {
    for (let i = 0; i < this.#floors.length; i++) {
      const floor = this.#floors.at(i);
      if (floor !== undefined && floor > applied) return true;
    }
    return false;
  }

  get underWay(): number {
    return this.#sent;
  }

  #query(lookUp: LookUp): LookUpQuery {
    switch (lookUp.kind) {
      case 'znodes':
        return { kind: 'znodes', paths: lookUp.znodes.map((it) => it.path) };
      case 'ephemerals':
        return { kind: 'ephemerals', session: lookUp.close.state.session };
      case 'subtree':
        return { kind: 'subtree', path: lookUp.subtree.path, limit: this.#subtreeSize };
      case 'subtreeUse':
        return { kind: 'subtreeUse', path: lookUp.request.operation.path };
      case 'data':
        return { kind: 'data', paths: [lookUp.znode.path] };
      case 'sessions':
        return { kind: 'sessions', after: lookUp.after, limit: this.#pageSize };
      case 'reapable':
        return { kind: 'reapable', time: lookUp.time, limit: REAPED_AT_ONCE };
      case 'termStart':
        return { kind: 'termStart' };
    }
  }
}

function breach(reason: string): LookUpBreach {
  return { kind: 'breach', reason };
}

/** Fills in what a round of znodes has told. The lengths agree: `answer` has checked them. */
export function fillZnodes(
  overlay: Overlay,
  znodes: readonly OverlayZnode[],
  answer: Extract<LookUpAnswered['answer'], { readonly kind: 'znodes' }>,
): void {
  for (let i = 0; i < znodes.length; i++) {
    const znode = znodes[i];
    if (znode !== undefined) overlay.fill(znode, answer.records[i] ?? null);
  }
}
