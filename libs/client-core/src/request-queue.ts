import { assert, isClientWrite, ZXID_ZERO } from '@paddock/model';
import type {
  ClientOperation,
  ErrorCode,
  OperationResult,
  Outcome,
  ReachedLimit,
  SessionReply,
  Zxid,
} from '@paddock/model';
import { faultOf, faultOfAcls } from './argument-check.ts';
import type { Delivery, Settlement } from './client-effects.ts';
import { WAITS } from './read-only.ts';
import { isListing, isOutcomeOf, operationBytes } from './operation-kind.ts';

/** A request from its submission until it is settled. */
export interface Request<Tag> extends Settlement<Tag> {
  readonly operation: ClientOperation;
  /** From 1 on for a write, given when it is first sent; 0 before, and for anything else. */
  sequence: number;
  readonly bytes: number;
  /** True once it has left on any connection: from then on it may have taken effect. */
  sent: boolean;
  /** True once `result` holds what became of it. */
  done: boolean;
  zxid: Zxid;
  result: OperationResult;
  readOnly: boolean;
  /** Nobody waits for it. */
  isGivenUp: boolean;
}

export type Admit = (
  operation: ClientOperation,
  wasSent: boolean,
) => OperationResult | typeof WAITS | null;

export interface PipelineLimits {
  readonly pipelineOperations: number;
  readonly pipelineBytes: number;
  readonly batchOperations: number;
  readonly batchBytes: number;
  readonly requestBytes: number;
}

type Resumed = Extract<SessionReply, { kind: 'resumed' }>;

const PENDING: OperationResult = { kind: 'synced' };
/** Settled requests are cut off the front once there are this many. */
const CUT = 1024;
/** Those that were given up unsent are taken out once there are this many, and half of what waits. */
const GIVEN_UP_KEPT = 64;

export function failed(code: ErrorCode, reason: string, limit?: ReachedLimit): OperationResult {
  return limit === undefined
    ? { kind: 'failed', code, reason }
    : { kind: 'failed', code, reason, limit };
}

/**
 * The requests of a session in the order of submission (P2). Invariants:
 * 1. head ≤ answered ≤ sent ≤ length, as indexes into the requests.
 * 2. Every request before `head` is settled; every request before `answered` is done.
 * 3. A request between `answered` and `sent` was sent on the living connection, or was done before its turn came.
 * 4. The writes that were sent have the sequences 1, 2, 3 … without gaps, in their order; those behind have none yet.
 *    `sentSequence` is that of the last write before `sent`.
 */
export class RequestQueue<Tag> {
  readonly #limits: PipelineLimits;
  #requests: Request<Tag>[] = [];
  #head = 0;
  #answered = 0;
  #sent = 0;
  #lastSequence = 0;
  #sentSequence = 0;
  #inFlight = 0;
  #inFlightBytes = 0;
  #acknowledged = 0;
  /** Those that may be given up, until they are settled. */
  readonly #revocable = new Map<Tag, Request<Tag>>();
  /** How many are given up unsent and still in the list. */
  #unwanted = 0;

  constructor(limits: PipelineLimits) {
    this.#limits = limits;
  }

  /** Requests that are not settled, nor given up unsent. */
  get length(): number {
    return this.#requests.length - this.#head - this.#unwanted;
  }

  get hasUnsent(): boolean {
    return this.#sent < this.#requests.length;
  }

  /** The sequence that the next write sent has. */
  get nextSequence(): number {
    return this.#sentSequence + 1;
  }

  /** Highest sequence given to a write. */
  get lastSequence(): number {
    return this.#lastSequence;
  }

  /** All outcomes up to this sequence have arrived. */
  get acknowledged(): number {
    return this.#acknowledged;
  }

  add(tag: Tag, operation: ClientOperation, isRevocable = false): void {
    const bytes = operationBytes(operation);
    const refusal = this.#refusalOf(operation, bytes);
    if (refusal === null) this.#push(tag, operation, bytes, PENDING, isRevocable);
    else this.addDone(tag, operation, refusal, isRevocable);
  }

  /** A request that is refused here: it takes no sequence and keeps its place in the order. */
  addDone(
    tag: Tag,
    operation: ClientOperation,
    result: OperationResult,
    isRevocable = false,
  ): void {
    this.#push(tag, operation, 0, result, isRevocable);
  }

  #refusalOf(operation: ClientOperation, bytes: number): OperationResult | null {
    const fault = faultOf(operation);
    if (fault !== undefined) return failed('badArguments', fault);
    const faultOfEntries = faultOfAcls(operation);
    if (faultOfEntries !== undefined) return failed('invalidAcl', faultOfEntries);
    const limit = this.#limits.requestBytes;
    if (bytes <= limit) return null;
    const reason = `the request has ${bytes} bytes, more than the limit of ${limit}`;
    const reached = { kind: 'requestBytes', path: '', limit, use: 0, more: bytes } as const;
    return failed('tooLarge', reason, reached);
  }

  /** What was never sent has taken no sequence, and goes; what was stays, as the service may have it (P5). */
  giveUp(tag: Tag, out: Delivery<Tag>[]): void {
    const request = this.#revocable.get(tag);
    if (request === undefined) return;
    this.#revocable.delete(tag);
    const wasSent = request.sent;
    request.isGivenUp = true;
    out.push({ kind: 'givenUp', tag, wasSent });
    if (wasSent) return;
    request.done = true;
    this.#unwanted++;
    const waiting = this.#requests.length - this.#sent;
    if (this.#unwanted < GIVEN_UP_KEPT || this.#unwanted * 2 < waiting) return;
    const wanted = this.#requests.slice(this.#sent).filter((it) => !isUnwanted(it));
    this.#unwanted -= waiting - wanted.length;
    this.#requests.length = this.#sent;
    for (const it of wanted) this.#requests.push(it);
  }

  #push(
    tag: Tag,
    operation: ClientOperation,
    bytes: number,
    result: OperationResult,
    isRevocable: boolean,
  ): void {
    const request: Request<Tag> = {
      kind: 'settled',
      tag,
      zxid: ZXID_ZERO,
      result,
      operation,
      sequence: 0,
      bytes,
      sent: false,
      done: result !== PENDING,
      readOnly: false,
      isGivenUp: false,
    };
    this.#requests.push(request);
    if (isRevocable) this.#revocable.set(tag, request);
  }

  /**
   * The operations of the next message, within the pipeline's limits; null when there is nothing to send.
   * `admit` may refuse a request when its turn comes, by returning what became of it, or have it wait.
   */
  take(admit: Admit): ClientOperation[] | null {
    const limits = this.#limits;
    let batch: ClientOperation[] | null = null;
    let bytes = 0;
    while (this.#sent < this.#requests.length && this.#inFlight < limits.pipelineOperations) {
      const request = this.#at(this.#sent);
      if (request.done) {
        this.#sent++;
        continue;
      }
      if (this.#inFlight > 0 && this.#inFlightBytes + request.bytes > limits.pipelineBytes) break;
      if (batch !== null) {
        if (batch.length >= limits.batchOperations || bytes + request.bytes > limits.batchBytes) {
          break;
        }
      }
      const refusal = admit(request.operation, request.sent);
      if (refusal === WAITS) break;
      this.#sent++;
      if (refusal !== null) {
        request.done = true;
        request.result = refusal;
        continue;
      }
      if (isClientWrite(request.operation)) {
        if (request.sequence === 0) request.sequence = ++this.#lastSequence;
        assert(request.sequence === this.#sentSequence + 1, 'writes are sent without gaps');
        this.#sentSequence = request.sequence;
      }
      request.sent = true;
      bytes += request.bytes;
      this.#inFlight++;
      this.#inFlightBytes += request.bytes;
      if (batch === null) batch = [request.operation];
      else batch.push(request.operation);
    }
    return batch;
  }

  /** The next result of the connection; null when nothing was asked that it could answer. */
  answer(zxid: Zxid, result: OperationResult, readOnly = false): Request<Tag> | null {
    while (this.#answered < this.#sent && this.#at(this.#answered).done) this.#answered++;
    if (this.#answered === this.#sent) return null;
    const request = this.#at(this.#answered++);
    this.#inFlight--;
    this.#inFlightBytes -= request.bytes;
    request.readOnly = readOnly;
    this.#finish(request, zxid, result);
    return request;
  }

  /** Hands out what is done and has nothing undone before it. */
  settle(out: Delivery<Tag>[]): void {
    while (this.#head < this.#requests.length) {
      const request = this.#at(this.#head);
      if (!request.done) break;
      this.#head++;
      if (isUnwanted(request)) {
        this.#unwanted--;
        continue;
      }
      out.push(request);
      if (this.#revocable.size > 0) this.#revocable.delete(request.tag);
    }
    if (this.#answered < this.#head) this.#answered = this.#head;
    if (this.#sent < this.#head) this.#sent = this.#head;
    if (this.#head >= CUT && this.#head * 2 >= this.#requests.length) this.#cut();
  }

  /** The connection is gone: nothing that was sent on it will be answered. */
  disconnected(): void {
    this.#sent = this.#head;
    this.#answered = this.#head;
    this.#inFlight = 0;
    this.#inFlightBytes = 0;
  }

  /** What of a resume's answer does not fit what was asked (H21); null: all does, and what it tells is taken in. */
  faultOfResume({ lastSequence, outcomes }: Resumed): string | null {
    if (lastSequence < this.#acknowledged || lastSequence > this.#lastSequence) {
      const numbers = `${this.#acknowledged} are acknowledged and ${this.#lastSequence} were made`;
      return `the service knows ${lastSequence} writes of this session; ${numbers}`;
    }
    const foreign = this.recover(outcomes);
    if (foreign === null) return null;
    return `write ${foreign.sequence} of this session is not the one recorded`;
  }

  /** As `faultOfResume`, of the outcomes that the service tells of a session that has ended. */
  faultOfEnd(outcomes: readonly Outcome[], outcomeGone: OperationResult): string | null {
    const foreign = this.recover(outcomes);
    const last = outcomes.at(-1);
    // What lies before the last of them has run as well, though the window had no room for it (H21).
    if (last !== undefined) this.resumeBehind(last.sequence, outcomeGone);
    return foreign === null ? null : `write ${foreign.sequence} is not the one recorded`;
  }

  /**
   * What the service has recorded of writes that a lost connection carried, in order of sequence (P5). Returns the
   * first outcome that belongs to another request under the same sequence (H21), else null.
   */
  recover(outcomes: readonly Outcome[]): Outcome | null {
    let index = this.#head;
    for (const outcome of outcomes) {
      while (index < this.#requests.length && this.#at(index).sequence < outcome.sequence) index++;
      if (index === this.#requests.length) break;
      const request = this.#at(index);
      // The writes are in order, so this one was settled, or never sent.
      if (request.sequence !== outcome.sequence || request.done) continue;
      if (!request.sent || !isOutcomeOf(request.operation, outcome)) return outcome;
      this.#finish(request, outcome.zxid, outcome.result);
    }
    return null;
  }

  /**
   * The service has executed every write up to here and none behind: sending goes on there. A write before it whose
   * outcome has not come ends with `outcomeGone`.
   */
  resumeBehind(sequence: number, outcomeGone: OperationResult): void {
    for (let i = this.#head; i < this.#requests.length; i++) {
      const request = this.#at(i);
      if (request.sequence > sequence) break;
      if (request.sequence !== 0 && !request.done) this.#finish(request, ZXID_ZERO, outcomeGone);
    }
    this.#sentSequence = sequence;
  }

  /** The service did not take the write of this sequence nor anything behind it; false if that was not sent. */
  rewind(sequence: number): boolean {
    if (sequence === this.#sentSequence + 1) return true;
    let target = this.#sent - 1;
    while (target >= this.#answered && this.#at(target).sequence !== sequence) target--;
    if (target < this.#answered) return false;
    for (let i = target; i < this.#sent; i++) {
      const request = this.#at(i);
      if (request.done) continue;
      this.#inFlight--;
      this.#inFlightBytes -= request.bytes;
    }
    this.#sent = target;
    this.#sentSequence = sequence - 1;
    return true;
  }

  /** The first listing that waits for its answer, done with `result`: the connection cannot carry the answer. */
  failListing(result: OperationResult): void {
    for (let i = this.#answered; i < this.#sent; i++) {
      const request = this.#at(i);
      if (request.done || !isListing(request.operation)) continue;
      this.#finish(request, ZXID_ZERO, result);
      return;
    }
  }

  /** Ends what is not done. */
  failAll(resultOf: (request: Request<Tag>) => OperationResult): void {
    for (let i = this.#head; i < this.#requests.length; i++) {
      const request = this.#at(i);
      if (!request.done) this.#finish(request, ZXID_ZERO, resultOf(request));
    }
  }

  #finish(request: Request<Tag>, zxid: Zxid, result: OperationResult): void {
    request.done = true;
    request.zxid = zxid;
    request.result = result;
    if (request.sequence > this.#acknowledged) this.#acknowledged = request.sequence;
  }

  #at(index: number): Request<Tag> {
    const request = this.#requests[index];
    assert(request !== undefined, 'an index lies within the queue');
    return request;
  }

  #cut(): void {
    this.#requests = this.#requests.slice(this.#head);
    this.#answered -= this.#head;
    this.#sent -= this.#head;
    this.#head = 0;
  }
}

function isUnwanted<Tag>({ isGivenUp, sent }: Request<Tag>): boolean {
  return isGivenUp && !sent;
}
