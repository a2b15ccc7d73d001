import { DiskError } from '@paddock/ports';
import type { Link, LinkAcceptor, LinkEnd, Timers } from '@paddock/ports';
import { maxZxid, trustedZxid, ZXID_ZERO } from '@paddock/model';
import type { LogEntry, LogSliceReply, LogSliceRequest, Zxid } from '@paddock/model';
import { TxnLogError } from '@paddock/txn-log';
import type { TxnLog } from '@paddock/txn-log';
import { STAGE_STOPS } from './stage.ts';

/** Of one slice: what blocks the broadcaster while it is read, well under a millisecond from the page cache. */
export const LOG_SLICE_BYTES = 256 * 1024;

export interface LogServingDependencies {
  readonly timers: Timers;
  readonly log: Pick<TxnLog, 'logStart' | 'read' | 'readBelow'>;
  /** Nothing behind it is told: it may yet be cut off, or is not durable here. */
  readonly deliverable: () => Zxid;
}

/**
 * Reads the log for front-ends, a slice a turn for each that asks: what the broadcaster is for comes in between.
 * It knows nothing of what it reads: who asks looks at the entries.
 */
export class LogServing {
  readonly #dependencies: LogServingDependencies;
  /** Those with a request that has not been answered. */
  readonly #links = new Map<Link<LogSliceReply[]>, boolean>();
  #isStopped = false;

  constructor(dependencies: LogServingDependencies) {
    this.#dependencies = dependencies;
  }

  readonly accept: LinkAcceptor<LogSliceReply[], LogSliceRequest[]> = (link) => {
    this.#links.set(link, false);
    if (this.#isStopped) this.#end(link, STAGE_STOPS);
    return {
      received: (batch) => {
        for (const request of batch) this.#requested(link, request);
      },
      drained: () => undefined,
      ended: () => void this.#links.delete(link),
    };
  };

  stop(): void {
    this.#isStopped = true;
    for (const link of [...this.#links.keys()]) this.#end(link, STAGE_STOPS);
  }

  #requested(link: Link<LogSliceReply[]>, request: LogSliceRequest): void {
    const isBusy = this.#links.get(link);
    if (isBusy === undefined) return;
    if (isBusy) {
      this.#end(link, { cause: 'refused', reason: 'one slice of the log is asked for at a time' });
      return;
    }
    this.#links.set(link, true);
    this.#dependencies.timers.soon(() => this.#answer(link, request));
  }

  #answer(link: Link<LogSliceReply[]>, request: LogSliceRequest): void {
    if (!this.#links.has(link)) return;
    const { log, deliverable } = this.#dependencies;
    const through = deliverable();
    let entries: readonly LogEntry[];
    try {
      entries = this.#read(request, through);
    } catch (error) {
      if (!(error instanceof TxnLogError) && !(error instanceof DiskError)) throw error;
      this.#end(link, { cause: 'refused', reason: `the log cannot be read: ${error.message}` });
      return;
    }
    this.#links.set(link, false);
    link.send([{ kind: 'slice', logStart: log.logStart, through, entries }]);
  }

  #read({ after, before, newestFirst }: LogSliceRequest, through: Zxid): readonly LogEntry[] {
    const { log } = this.#dependencies;
    const end = before === ZXID_ZERO || before > through ? trustedZxid(through + 1) : before;
    if (newestFirst) return log.readBelow(after, end, LOG_SLICE_BYTES);
    const entries = log.read(maxZxid(after, log.logStart), LOG_SLICE_BYTES);
    return entries.filter(({ zxid }) => zxid < end);
  }

  #end(link: Link<LogSliceReply[]>, end: LinkEnd): void {
    this.#links.delete(link);
    link.close(end);
  }
}
