import { ZXID_ZERO } from '@paddock/model';
import type {
  Identities,
  OperationResult,
  ReadOperation,
  WriteOperation,
  Zxid,
} from '@paddock/model';

export const WRITE = 1;
export const READ = 2;
export const SYNC = 3;
/** Found bad, or known already: its result stands from the start and waits for its turn. */
export const SETTLED = 4;

/** No caller: the operation came on a session's own connection. */
export const NO_CALL = -1;

/** One operation of a session that has not been answered in full; a slot is used again by later ones. */
export class OutstandingOperation {
  kind = 0;
  answered = false;
  write: WriteOperation | null = null;
  read: ReadOperation | null = null;
  /** Who asks: what was proved before it. */
  identities: Identities = undefined;
  /** Of a write, its own; of a read or sync, that of the last write before it. */
  sequence = 0;
  /** Of a read, its number on the database's stream. */
  number = 0;
  /** Of a read, the least zxid it may show; of a sync, the confirmed floor. */
  floor: Zxid = ZXID_ZERO;
  /** Of a sync or a linearizable read: whether the floor has been confirmed; of another read, true. */
  floorKnown = false;
  /** Where the floor must be confirmed: monotonic ms at which that takes too long. */
  deadlineMs = 0;
  /** Of a read, how long ago the replica may have been confirmed to be fresh; Infinity: as local reads demand. */
  stalenessMs = Infinity;
  zxid: Zxid = ZXID_ZERO;
  result: OperationResult | null = null;
  /** What it adds to the bytes held. */
  bytes = 0;
  /** The unary call that it answers. */
  call = NO_CALL;
}

const FIRST_CAPACITY = 16;

/**
 * The operations of one session in the order of their arrival (P2): a ring addressed by position, which counts all
 * operations ever put in. Positions from `head` (the oldest not delivered) to `tail` are held.
 */
export class OutstandingOperations {
  head = 0;
  tail = 0;
  #slots: OutstandingOperation[] = [];
  #mask = -1;

  get length(): number {
    return this.tail - this.head;
  }

  /** The slot at a position from head to tail - 1. */
  at(position: number): OutstandingOperation {
    const slot = this.#slots[position & this.#mask];
    if (slot === undefined) throw new RangeError(`no operation is held at ${position}`);
    return slot;
  }

  /** A slot behind all others, for the caller to fill. */
  push(kind: number): OutstandingOperation {
    if (this.tail - this.head > this.#mask) this.#grow();
    const slot = this.at(this.tail);
    this.tail++;
    slot.kind = kind;
    slot.answered = false;
    slot.call = NO_CALL;
    return slot;
  }

  /** Lets the oldest go, and with it what it refers to. */
  pop(): void {
    const slot = this.at(this.head);
    slot.write = null;
    slot.read = null;
    slot.result = null;
    slot.kind = 0;
    this.head++;
  }

  #grow(): void {
    const capacity = this.#slots.length === 0 ? FIRST_CAPACITY : this.#slots.length * 2;
    const slots: OutstandingOperation[] = [];
    for (let position = this.head; position < this.tail; position++) slots.push(this.at(position));
    while (slots.length < capacity) slots.push(new OutstandingOperation());
    // Positions keep their meaning: the held ones are put where the wider mask looks for them.
    const turned = slots.slice();
    const mask = capacity - 1;
    for (let i = 0; i < capacity; i++) {
      const slot = slots[i];
      if (slot !== undefined) turned[(this.head + i) & mask] = slot;
    }
    this.#slots = turned;
    this.#mask = mask;
  }
}
