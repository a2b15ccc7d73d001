import type { Identities, ReadOperation, Zxid } from '@paddock/model';
import type { FrontendStream } from './frontend-stream.ts';
import type { LiveSession } from './live-session.ts';
import type { ReadRequest } from './pending-attach.ts';

/** What a read takes that waits, besides its path, about. */
const READ_BYTES = 128;

export function readBytes(operation: ReadOperation): number {
  const after = 'after' in operation ? operation.after.length : 0;
  const reads = operation.kind === 'readMany' ? operation.reads : [];
  const batched = reads.reduce((sum, it) => sum + READ_BYTES + it.path.length, 0);
  return READ_BYTES + operation.path.length + after + batched;
}

/** A read that was accepted and cannot be answered yet (H14). */
export class ParkedRead {
  readonly kind = 'read';
  readonly stream: FrontendStream;
  readonly number: number;
  /** Null for a unary read. */
  readonly session: LiveSession | null;
  readonly afterSequence: number;
  readonly floor: Zxid;
  /** How long ago this replica may last have been confirmed to be fresh; Infinity: as for local reads. */
  readonly stalenessMs: number;
  /** Monotonic ms. */
  readonly arrivedMs: number;
  readonly operation: ReadOperation;
  readonly identities: Identities;
  /** Of the queue of its session. */
  next: ParkedRead | null = null;
  /** From here on its floor or freshness is waited for no longer, ms of the monotonic clock. */
  deadlineMs = Infinity;
  /** True while it is in a queue of those that wait for a floor or for freshness; its place among equal floors. */
  isWaiting = false;
  arrival = 0;
  isCancelled = false;
  /** A replica that has lost the leader may answer it. */
  acceptsReadOnly = false;

  get bytes(): number {
    return readBytes(this.operation);
  }

  constructor(
    stream: FrontendStream,
    number: number,
    session: LiveSession | null,
    afterSequence: number,
    arrivedMs: number,
    { floor, stalenessMs, operation, identities }: ReadRequest,
  ) {
    this.stream = stream;
    this.number = number;
    this.session = session;
    this.afterSequence = afterSequence;
    this.floor = floor;
    this.stalenessMs = stalenessMs;
    this.arrivedMs = arrivedMs;
    this.operation = operation;
    this.identities = identities;
  }
}
