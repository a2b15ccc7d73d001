import type { ClientOperation, OperationResult } from '@paddock/model';
import type { ClientEffects } from './client-effects.ts';
import { failed } from './request-queue.ts';
import type { ReadOnlyConnection } from './read-only.ts';
import type { Admit, RequestQueue } from './request-queue.ts';
import type { WatchTable } from './watch-table.ts';

/** Turns what waits in the queue into messages, and tells the service what it may forget. */
export class RequestSender<Tag> {
  readonly #queue: RequestQueue<Tag>;
  readonly #watches: WatchTable<Tag>;
  readonly #watchBytes: number;
  readonly #readOnly: ReadOnlyConnection;
  readonly #admit: Admit = (operation, wasSent) =>
    this.#readOnly.verdictOn(operation, wasSent) ?? this.#refusalOf(operation);
  /** The service knows that all outcomes up to this sequence have arrived. */
  #acknowledged = 0;

  constructor(
    queue: RequestQueue<Tag>,
    watches: WatchTable<Tag>,
    watchBytes: number,
    readOnly: ReadOnlyConnection,
  ) {
    this.#queue = queue;
    this.#readOnly = readOnly;
    this.#watches = watches;
    this.#watchBytes = watchBytes;
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
      if (operations === null) return;
      this.#send(link, firstSequence, operations, out);
    }
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
