import type { ClientOperation, OperationResult } from '@paddock/model';
import type { ClientEffects, ClientState } from './client-effects.ts';
import type { Submission } from './client-event.ts';
import type { Connection } from './connection.ts';
import type { LocalSession } from './local-session.ts';
import { failed } from './request-queue.ts';
import type { ReadOnlyConnection } from './read-only.ts';
import type { Admit, RequestQueue } from './request-queue.ts';
import { isOverResult } from './session-failure.ts';
import type { Ending } from './session-failure.ts';
import type { WatchTable } from './watch-table.ts';

/** Turns what waits in the queue into messages, and tells the service what it may forget. */
export class RequestSender<Tag> {
  readonly #queue: RequestQueue<Tag>;
  readonly #watches: WatchTable<Tag>;
  readonly #watchBytes: number;
  readonly #readOnly: ReadOnlyConnection;
  readonly #local: LocalSession;
  readonly #admit: Admit = (operation, wasSent) =>
    this.#readOnly.verdictOn(operation, wasSent) ??
    this.#refusalOf(operation) ??
    this.#local.verdictOn(operation);
  /** The service knows that all outcomes up to this sequence have arrived. */
  #acknowledged = 0;
  /** A close was submitted: nothing is taken behind it. */
  #isClosing = false;

  constructor(
    queue: RequestQueue<Tag>,
    watches: WatchTable<Tag>,
    watchBytes: number,
    readOnly: ReadOnlyConnection,
    local: LocalSession,
  ) {
    this.#queue = queue;
    this.#readOnly = readOnly;
    this.#local = local;
    this.#watches = watches;
    this.#watchBytes = watchBytes;
  }

  get isClosing(): boolean {
    return this.#isClosing;
  }

  /** Puts them behind what waits, as long as there is a session or will be. */
  submit(submissions: readonly Submission<Tag>[], state: ClientState, ending: Ending | null): void {
    const isOver = state === 'expired' || state === 'closed';
    for (const { tag, operation, revocable } of submissions) {
      if (isOver || this.#isClosing) {
        this.#queue.addDone(tag, operation, isOverResult(state, ending), revocable);
        continue;
      }
      if (operation.kind === 'closeSession') this.#isClosing = true;
      this.#queue.add(tag, operation, revocable);
    }
  }

  unwatch(tag: Tag, { phase, link }: Connection, out: ClientEffects<Tag>): void {
    const removed = this.#watches.remove(tag);
    if (removed === null || phase !== 'live') return;
    out.requests.push(link, { kind: 'unwatch', path: removed.path, watch: removed.kind });
  }

  /** A greeting has carried what is acknowledged. */
  greeted(): void {
    this.#acknowledged = this.#queue.acknowledged;
  }

  send(link: number, out: ClientEffects<Tag>): void {
    const queue = this.#queue;
    for (;;) {
      const firstSequence = queue.nextSequence;
      const operations = queue.take(this.#admit);
      if (operations === null) break;
      this.#send(link, firstSequence, operations, out);
    }
    if (this.#local.takeWish()) out.requests.push(link, { kind: 'upgrade' });
  }

  /** A client that has nothing to ask still lets go of the outcomes that it has received (H21). */
  acknowledge(link: number, out: ClientEffects<Tag>): void {
    if (this.#queue.acknowledged === this.#acknowledged) return;
    this.#send(link, this.#queue.nextSequence, [], out);
  }

  #send(
    link: number,
    firstSequence: number,
    operations: readonly ClientOperation[],
    out: ClientEffects<Tag>,
  ): void {
    const ackedThrough = this.#queue.acknowledged;
    this.#acknowledged = ackedThrough;
    out.requests.push(link, { kind: 'operations', firstSequence, ackedThrough, operations });
  }

  #refusalOf(operation: ClientOperation): OperationResult | null {
    const isWatching = 'watch' in operation && operation.watch;
    if (!isWatching || this.#watches.bytes < this.#watchBytes) return null;
    return failed('quotaExceeded', 'the session has as many watches as a resume can carry');
  }
}
