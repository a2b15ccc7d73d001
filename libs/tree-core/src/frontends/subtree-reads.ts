import { missingPermission, permits } from '@paddock/model';
import type { Failed, Identities, ReadOperation, ReadResult } from '@paddock/model';
import type { Clock } from '@paddock/ports';
import type { DatabaseState } from '../database-state.ts';
import type { SubtreeSnapshot } from '../znodes/subtree-snapshot.ts';
import type { FrontendStream } from './frontend-stream.ts';
import { ABSENT } from './read-answer.ts';

/** Each costs memory, and a look at every change. */
const OPEN_MAX = 16;

interface OpenSubtree {
  readonly stream: FrontendStream;
  readonly snapshot: SubtreeSnapshot;
  /** Monotonic ms; asked for no later, nobody wants the rest. */
  deadlineMs: number;
}

type GetSubtree = Extract<ReadOperation, { readonly kind: 'getSubtree' }>;

export interface SubtreeBounds {
  /** Of one answer. */
  readonly pageBytes: number;
  /** Of the images that are saved for one. */
  readonly savedBytes: number;
  readonly idleMs: number;
}

/** Subtrees as of one zxid, page by page, each for as long as its reader goes on asking. */
export class SubtreeReads {
  readonly #state: DatabaseState;
  readonly #clock: Clock;
  readonly #bounds: SubtreeBounds;
  readonly #open = new Map<number, OpenSubtree>();
  #last = 0;

  constructor(state: DatabaseState, clock: Clock, bounds: SubtreeBounds) {
    this.#state = state;
    this.#clock = clock;
    this.#bounds = bounds;
  }

  get count(): number {
    return this.#open.size;
  }

  /** The next page; `row` is that of the path where it begins. */
  read(
    stream: FrontendStream,
    operation: GetSubtree,
    identities: Identities,
    row: number,
  ): ReadResult {
    const { snapshot: number, bytes } = operation;
    if (number === 0) return this.#begin(stream, operation, identities, row);
    const open = this.#open.get(number);
    if (open?.stream !== stream) return GONE;
    if (open.snapshot.isOverrun) {
      this.#end(number);
      return OVERRUN;
    }
    return this.#page(number, open, bytes);
  }

  tick(): void {
    if (this.#open.size === 0) return;
    const nowMs = this.#clock.monotonicMs();
    for (const [number, { deadlineMs }] of this.#open) {
      if (deadlineMs <= nowMs) this.#end(number);
    }
  }

  /** The stream has ended. */
  forget(stream: FrontendStream): void {
    for (const [number, open] of this.#open) {
      if (open.stream === stream) this.#end(number);
    }
  }

  #begin(
    stream: FrontendStream,
    { path, bytes }: GetSubtree,
    identities: Identities,
    row: number,
  ): ReadResult {
    const { znodes, applied } = this.#state;
    if (row < 0) return ABSENT;
    const mayRead = (it: number): boolean => permits(znodes.access(it).acl, 'read', identities);
    if (!mayRead(row)) return missingPermission(path, 'read', identities);
    if (this.#open.size >= OPEN_MAX) return TOO_MANY;
    const snapshot = znodes.subtrees.open(row, applied, mayRead, this.#bounds.savedBytes);
    const number = ++this.#last;
    const open = { stream, snapshot, deadlineMs: 0 };
    this.#open.set(number, open);
    return this.#page(number, open, bytes);
  }

  /** Without bytes nobody wants the rest. */
  #page(number: number, open: OpenSubtree, bytes: number): ReadResult {
    const { snapshot } = open;
    const znodes = bytes === 0 ? [] : snapshot.slice(Math.min(bytes, this.#bounds.pageBytes));
    const more = bytes > 0 && !snapshot.isDone;
    if (!more) this.#end(number);
    open.deadlineMs = this.#clock.monotonicMs() + this.#bounds.idleMs;
    return { kind: 'subtree', snapshot: number, zxid: snapshot.zxid, znodes, more };
  }

  #end(number: number): void {
    const open = this.#open.get(number);
    if (open === undefined) return;
    this.#open.delete(number);
    this.#state.znodes.subtrees.close(open.snapshot);
  }
}

const GONE: Failed = {
  kind: 'failed',
  code: 'throttled',
  reason: 'the rest of the subtree was not asked for in time: begin again',
};
const OVERRUN: Failed = {
  kind: 'failed',
  code: 'throttled',
  reason: 'the subtree has changed by more than is kept for a reader that is slower: begin again',
};
const TOO_MANY: Failed = {
  kind: 'failed',
  code: 'throttled',
  reason: `${OPEN_MAX} subtrees are being told at one time: ask again later`,
};
