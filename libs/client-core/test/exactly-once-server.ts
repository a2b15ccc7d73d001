import { requestHash, trustedPath, ZXID_ZERO } from '@paddock/model';
import type {
  ClientOperation,
  NumberedResult,
  Outcome,
  SessionReply,
  SessionRequest,
  WriteOperation,
} from '@paddock/model';
import type { Random } from '@paddock/ports';
import { SECRET, SESSION, zxid } from './scripted-client.ts';
import { STAT } from './scripted-client-replies.ts';

/** One connection as the server sees it: what the client has sent may be taken long after the client has left. */
export interface ServedConnection {
  readonly link: number;
  readonly inbound: SessionRequest[];
  readonly outbound: SessionReply[];
  attempt: number;
  /** After an `expect`: nothing is taken until a message starts with this write. */
  expected: number;
  /** Its session is a local one: no write may come. */
  isLocal: boolean;
}

/**
 * The service as a client may rely on it, and no more: one session, one list of applied writes, outcomes until they are
 * acknowledged, a fence by attempt. A read answers with the number of writes applied.
 */
export class ExactlyOnceServer {
  readonly applied: string[] = [];
  readonly outcomes = new Map<number, Outcome>();
  readonly #random: Random;
  #isOpen = false;
  #highestAttempt = 0;
  #trimmed = 0;

  constructor(random: Random) {
    this.#random = random;
  }

  /** Takes one message of a connection, if it has one. */
  take(connection: ServedConnection): void {
    const request = connection.inbound.shift();
    if (request === undefined) return;
    switch (request.kind) {
      case 'open':
        // Each opening makes a session; the client keeps the one whose answer it gets, and this model has but one.
        if (!this.#isOpen) this.#highestAttempt = 1;
        connection.isLocal = request.local !== undefined;
        if (!connection.isLocal) this.#isOpen = true;
        connection.attempt = 1;
        connection.outbound.push({
          kind: 'opened',
          session: SESSION,
          secret: SECRET,
          timeoutMs: 9000,
          zxid: this.#zxid(),
          ...(connection.isLocal ? { isLocal: true } : {}),
        });
        break;
      case 'upgrade':
        this.#isOpen = true;
        connection.isLocal = false;
        connection.outbound.push({ kind: 'upgraded', zxid: this.#zxid() });
        break;
      case 'resume':
        this.#resume(connection, request);
        break;
      case 'unwatch':
        break;
      case 'heartbeat':
        connection.outbound.push({
          kind: 'heartbeat',
          acknowledged: request.number,
          covered: ZXID_ZERO,
        });
        break;
      case 'operations':
        this.#operations(connection, request);
        break;
    }
  }

  #zxid() {
    return zxid(this.applied.length + 1);
  }

  #resume(
    connection: ServedConnection,
    request: Extract<SessionRequest, { kind: 'resume' }>,
  ): void {
    if (!this.#isOpen || request.attempt <= this.#highestAttempt) return;
    this.#highestAttempt = request.attempt;
    connection.attempt = request.attempt;
    this.#trim(request.ackedThrough);
    const outcomes = [...this.outcomes.values()].sort((a, b) => a.sequence - b.sequence);
    // What the client acknowledged is not told; all else is, in as many messages as it pleases.
    const cut = this.#random.below(outcomes.length + 1);
    const common = { timeoutMs: 9000, zxid: this.#zxid(), lastSequence: this.applied.length };
    const first = outcomes.slice(0, cut);
    connection.outbound.push(
      { kind: 'resumed', ...common, outcomes: first, more: true },
      { kind: 'resumed', ...common, outcomes: outcomes.slice(cut), more: false },
    );
  }

  #operations(
    connection: ServedConnection,
    request: Extract<SessionRequest, { kind: 'operations' }>,
  ): void {
    if (connection.attempt !== this.#highestAttempt) return;
    if (connection.expected !== 0 && request.firstSequence !== connection.expected) return;
    connection.expected = 0;
    this.#trim(request.ackedThrough);
    const results: NumberedResult[] = [];
    let sequence = request.firstSequence;
    for (const operation of request.operations) {
      if (operation.kind === 'getData') {
        results.push({
          zxid: this.#zxid(),
          result: { kind: 'stat', stat: { ...STAT, version: this.applied.length } },
        });
        continue;
      }
      if (this.#random.below(12) === 0) {
        connection.expected = sequence;
        break;
      }
      if (connection.isLocal) throw new Error('a write came before the upgrade');
      results.push(this.#write(operation, sequence++));
    }
    if (results.length > 0) connection.outbound.push({ kind: 'results', results });
    if (connection.expected !== 0) {
      connection.outbound.push({
        kind: 'expect',
        sequence: connection.expected,
        retryAfterMs: this.#random.below(20),
      });
    }
  }

  #write(operation: ClientOperation, sequence: number): NumberedResult {
    if (operation.kind !== 'setData') throw new TypeError(`the model knows no ${operation.kind}`);
    if (sequence !== this.applied.length + 1) {
      throw new RangeError(`write ${sequence} comes behind ${this.applied.length}`);
    }
    this.applied.push(operation.path);
    const write: WriteOperation = { ...operation, path: trustedPath(operation.path) };
    const result = { kind: 'dataSet', stat: { ...STAT, version: sequence } } as const;
    const outcome = { sequence, zxid: this.#zxid(), requestHash: requestHash(write), result };
    this.outcomes.set(sequence, outcome);
    return { zxid: outcome.zxid, result };
  }

  #trim(through: number): void {
    for (; this.#trimmed < through; this.#trimmed++) this.outcomes.delete(this.#trimmed + 1);
  }
}
