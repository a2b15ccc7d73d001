import { decodeTransaction, encodeTransaction } from '@paddock/codec';
import { formatZxid } from '@paddock/model';
import type { DeliveryReply, LogEntry, SnapshotReply, SnapshotRequest, Zxid } from '@paddock/model';
import type { Place } from '../kernel/network-conditions.ts';
import type { LinkObserver } from '../kernel/simulated-network.ts';
import type { World } from '../world.ts';

/**
 * A database in whose memory a bit flips: the next data that it is handed is another one there than everywhere else,
 * and it notices nothing (P10). Who is handed the snapshot of such a database, before a majority has spoken, is wrong
 * too.
 */
export class RottenMemory {
  readonly #world: World;
  readonly #next = new Set<Place>();
  /** Of databases that are wrong: where they became so. */
  readonly #wrongSince = new Map<Place, Zxid>();

  constructor(world: World) {
    this.#world = world;
  }

  /** Whether a database is wrong, or is going to be. */
  get isPlanned(): boolean {
    return this.#next.size > 0 || this.#wrongSince.size > 0;
  }

  rotNext(replica: Place): void {
    this.#next.add(replica);
  }

  /** Sees what snapshots a database fetches. */
  ofFetching(to: Place): LinkObserver<SnapshotRequest[], SnapshotReply[]> {
    return {
      down: (batch, { place: from }) => {
        for (const it of batch) if (it.kind === 'snapshotBegins') this.#spread(from, to, it.zxid);
        return batch;
      },
    };
  }

  /** What has not happened by now does not happen. */
  end(): void {
    this.#next.clear();
  }

  /** What the database gets for what it is sent. */
  pass(replica: Place, batch: DeliveryReply[]): DeliveryReply[] {
    if (!this.#next.has(replica)) return batch;
    return batch.map((message) =>
      message.kind === 'entries'
        ? { ...message, entries: message.entries.map((it) => this.#rot(replica, it)) }
        : message,
    );
  }

  #spread(from: Place, to: Place, snapshot: Zxid): void {
    const since = this.#wrongSince.get(from);
    if (since === undefined || snapshot < since || this.#wrongSince.has(to)) return;
    this.#world.count('a wrong snapshot was fetched');
    this.#world.trace.tell(`replica ${to}`, `fetches what is wrong in replica ${from}`);
    this.#isWrong(to, since);
  }

  #rot(replica: Place, entry: LogEntry): LogEntry {
    if (entry.kind !== 'data' || !this.#next.has(replica)) return entry;
    const transaction = decodeTransaction(entry.zxid, entry.payload);
    const { change } = transaction;
    const hasData = change.kind === 'createZnode' || change.kind === 'setZnodeData';
    if (!hasData || change.data.length === 0) return entry;
    this.#next.delete(replica);
    const { trace } = this.#world;
    const data = change.data.slice();
    data[0] = (data[0] ?? 0) ^ 1;
    this.#isWrong(replica, entry.zxid);
    this.#world.count('memory rotted');
    trace.tell(`replica ${replica}`, `memory rots: the data of ${formatZxid(entry.zxid)}`);
    return {
      ...entry,
      payload: encodeTransaction({ ...transaction, change: { ...change, data } }),
    };
  }

  #isWrong(replica: Place, since: Zxid): void {
    this.#wrongSince.set(replica, since);
    this.#world.history.rotten.push({ replica, zxid: since });
  }
}
