import type { HistoryApi, LogPart } from '@paddock/link-grpc';
import {
  frontendBroadcasterEstimates,
  MemoryDisk,
  MemoryNetwork,
  Turn,
} from '@paddock/link-memory';
import { trustedPath, ZXID_ZERO } from '@paddock/model';
import type { ErrorCode, LogEntry, LogQuery, Zxid } from '@paddock/model';
import { TxnLog } from '@paddock/txn-log';
import { LogSearches } from '../../src/log-searching.ts';
import { LogServing } from '../../src/log-serving.ts';
import { dataEntry } from '../stages/entries.ts';
import { VirtualTimers } from '../transfer/virtual-timers.ts';

const ADDRESS = 'broadcaster';
const CONFIGURATION = {
  clusterId: 'cluster',
  formatLevel: 1,
  version: 1,
  removed: [],
  members: [{ replica: 1, incarnation: 7, role: 'voter', address: '' }],
} as const;

/** What a client is told. It reads nothing more once it is full, until it is drained. */
export class Reader {
  readonly parts: LogPart[] = [];
  failure: ErrorCode | null = null;
  isFull = false;
  readonly searching: ReturnType<HistoryApi['log']>;

  constructor(searches: Pick<LogSearches, 'log'>, query: Partial<LogQuery>) {
    this.searching = searches.log(
      {
        path: trustedPath('/a'),
        subtree: false,
        since: ZXID_ZERO,
        before: ZXID_ZERO,
        newestFirst: true,
        limit: 100_000,
        ...query,
      },
      {
        part: (part) => {
          this.parts.push(part);
          return !this.isFull;
        },
        failed: (code) => {
          this.failure = code;
        },
      },
    );
  }

  get zxids(): Zxid[] {
    return this.parts
      .flatMap((it) => (it.kind === 'changes' ? it.changes : []))
      .map((it) => it.zxid);
  }

  get end(): Extract<LogPart, { kind: 'ends' }> | null {
    const last = this.parts.at(-1);
    return last?.kind === 'ends' ? last : null;
  }
}

/** A log on a memory disk, the broadcaster's half that serves it, and the front-end's that looks into it. */
export class LogWorld {
  readonly timers = new VirtualTimers();
  readonly disk = new MemoryDisk();
  readonly log: TxnLog;
  readonly searches: LogSearches;
  readonly serving: LogServing;
  deliverable: Zxid = ZXID_ZERO;
  reads = 0;

  constructor(segmentBytes = 1_000_000) {
    const timers = this.timers.of(this);
    this.log = new TxnLog(
      this.disk,
      { segmentBytes, fillBytes: 0, initialConfiguration: CONFIGURATION },
      { durable: () => undefined, purged: () => undefined, failed: () => undefined },
    );
    const { log } = this;
    this.serving = new LogServing({
      timers,
      deliverable: () => this.deliverable,
      log: {
        get logStart() {
          return log.logStart;
        },
        read: (...args) => this.#counted(() => log.read(...args)),
        readBelow: (...args) => this.#counted(() => log.readBelow(...args)),
      },
    });
    const limits = { queueBytes: 2 ** 22, slowReaderBytes: 2 ** 30 };
    const turn = new Turn((task) => void timers.soon(task));
    const network = new MemoryNetwork({ turn, limits, ...frontendBroadcasterEstimates });
    network.listen(ADDRESS, this.serving.accept);
    this.searches = new LogSearches({ address: ADDRESS, dialer: network });
  }

  /** Writes of one znode, durable and committed. */
  write(from: number, to: number, bytes = 10, path = '/a'): void {
    for (let counter = from; counter <= to; counter++) {
      const data = new Uint8Array(bytes);
      this.append([
        dataEntry(counter, {
          kind: 'setZnodeData',
          path: trustedPath(path),
          data,
          version: counter,
        }),
      ]);
    }
  }

  append(entries: readonly LogEntry[]): void {
    this.log.append(entries, this.deliverable);
    this.disk.run();
    this.deliverable = this.log.lastZxid;
  }

  query(query: Partial<LogQuery> = {}): Reader {
    return new Reader(this.searches, query);
  }

  /** Until nothing is left to be done. */
  run(): void {
    while (this.timers.runNext(Infinity));
  }

  /** So many tasks, or fewer where there are no more. */
  turns(count: number): void {
    for (let i = 0; i < count && this.timers.runNext(Infinity); i++);
  }

  #counted<T>(read: () => T): T {
    this.reads++;
    return read();
  }
}
