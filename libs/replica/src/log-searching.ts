import { CodecError, decodeRestoration, decodeTransaction, zxidOfBackup } from '@paddock/codec';
import type { HistoryApi, LogReceiver, Sending } from '@paddock/link-grpc';
import { formatZxid, pathChangesOf, restorationOf } from '@paddock/model';
import type {
  ErrorCode,
  LogEntry,
  LogQuery,
  LogSliceReply,
  LogSliceRequest,
  PathChange,
  Zxid,
} from '@paddock/model';
import type { Link, LinkDialer } from '@paddock/ports';

/** Beyond it a query is refused: each costs the broadcaster some of its time. */
const SEARCHES_MAX = 8;
const DONE = { cause: 'closed', reason: 'the query of the log is over' } as const;

export interface LogSearchesDependencies {
  /** Where the broadcaster of the replica is. */
  readonly address: string;
  readonly dialer: LinkDialer<LogSliceRequest[], LogSliceReply[]>;
}

/**
 * Looks for the changes of znodes in the log of the replica: it asks the broadcaster for one slice after the other, as
 * fast as what is found is read, and looks at the entries here, so that nothing waits for that which is not asked for.
 */
export class LogSearches implements HistoryApi {
  readonly #dependencies: LogSearchesDependencies;
  readonly #searches = new Set<Search>();

  constructor(dependencies: LogSearchesDependencies) {
    this.#dependencies = dependencies;
  }

  /** Whoever asks: permissions are a matter of PermittedHistory. */
  log(query: LogQuery, receiver: LogReceiver): Sending {
    if (this.#searches.size >= SEARCHES_MAX) {
      receiver.failed('throttled', `${SEARCHES_MAX} queries of the log are under way here`);
      return { drained: () => undefined, cancel: () => undefined };
    }
    const search = new Search(query, receiver, () => this.#searches.delete(search));
    this.#searches.add(search);
    search.start(this.#dependencies);
    return search;
  }

  stop(): void {
    for (const search of [...this.#searches]) search.fail('notServing', 'the front-end stops');
  }
}

class Search implements Sending {
  readonly #query: LogQuery;
  readonly #receiver: LogReceiver;
  readonly #over: () => void;
  #link: Link<LogSliceRequest[]> | null = null;
  #isOver = false;
  #hasBegun = false;
  /** What is still to be looked at lies between these. */
  #after: Zxid;
  #before: Zxid;
  #found = 0;
  #isFull = false;
  /** The next slice is asked for once the receiver has room. */
  #isHeld = false;

  constructor(query: LogQuery, receiver: LogReceiver, over: () => void) {
    this.#query = query;
    this.#receiver = receiver;
    this.#over = over;
    this.#after = query.since;
    this.#before = query.before;
  }

  start({ dialer, address }: LogSearchesDependencies): void {
    this.#link = dialer.dial(address, {
      received: (batch) => {
        for (const slice of batch) this.#slice(slice);
      },
      drained: () => undefined,
      ended: ({ reason }) => this.fail('notServing', `the log of this replica: ${reason}`),
    });
    this.#ask();
  }

  drained(): void {
    this.#isFull = false;
    if (!this.#isHeld) return;
    this.#isHeld = false;
    this.#ask();
  }

  cancel(): void {
    this.#finish();
  }

  fail(code: ErrorCode, reason: string): void {
    if (this.#finish()) this.#receiver.failed(code, reason);
  }

  #ask(): void {
    if (this.#isOver) return;
    if (this.#isFull) {
      this.#isHeld = true;
      return;
    }
    const { newestFirst } = this.#query;
    const request = { kind: 'readSlice', after: this.#after, before: this.#before } as const;
    this.#link?.send([{ ...request, newestFirst }]);
  }

  #slice({ logStart, through, entries }: LogSliceReply): void {
    if (this.#isOver) return;
    const { newestFirst } = this.#query;
    if (!this.#hasBegun) {
      this.#hasBegun = true;
      this.#tell({ kind: 'begins', logStart, through });
    } else if (!newestFirst && logStart > this.#after) {
      // What would come next is gone, and what is behind it must not look as if it followed.
      const reason = `the log was purged up to ${formatZxid(logStart)} while it was read`;
      this.fail('compacted', reason);
      return;
    }
    const first = entries[0];
    const last = entries.at(-1);
    if (first === undefined || last === undefined) {
      this.#end(logStart, false);
      return;
    }
    if (newestFirst) this.#before = first.zxid;
    else this.#after = last.zxid;
    if (this.#look(entries)) this.#end(logStart, true);
    else this.#ask();
  }

  /** True when there is enough of it. */
  #look(entries: readonly LogEntry[]): boolean {
    const { newestFirst, limit } = this.#query;
    const changes: PathChange[] = [];
    for (let i = 0; i < entries.length && this.#found + changes.length < limit; i++) {
      const entry = entries[newestFirst ? entries.length - 1 - i : i];
      if (entry === undefined) continue;
      const found = this.#changesOf(entry);
      if (found === null) return false;
      changes.push(...(newestFirst ? found.reverse() : found));
    }
    this.#found += changes.length;
    if (changes.length > 0) this.#tell({ kind: 'changes', changes });
    return this.#found >= limit;
  }

  #changesOf({ kind, zxid, payload }: LogEntry): PathChange[] | null {
    try {
      if (kind === 'restoration') {
        const { backup, time, leader } = decodeRestoration(payload);
        return [restorationOf(zxid, time, { backup: zxidOfBackup(backup), leader }, this.#query)];
      }
      if (kind !== 'data') return [];
      return pathChangesOf(decodeTransaction(zxid, payload), this.#query);
    } catch (error) {
      if (!(error instanceof CodecError)) throw error;
      this.fail('systemError', `the entry ${formatZxid(zxid)} cannot be read: ${error.message}`);
      return null;
    }
  }

  #tell(part: Parameters<LogReceiver['part']>[0]): void {
    if (!this.#receiver.part(part)) this.#isFull = true;
  }

  #end(logStart: Zxid, more: boolean): void {
    if (this.#finish()) this.#receiver.part({ kind: 'ends', logStart, more });
  }

  /** False where it was over already. */
  #finish(): boolean {
    if (this.#isOver) return false;
    this.#isOver = true;
    const link = this.#link;
    this.#link = null;
    link?.close(DONE);
    this.#over();
    return true;
  }
}
