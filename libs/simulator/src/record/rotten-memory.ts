import { decodeTransaction, encodeTransaction } from '@paddock/codec';
import { formatZxid } from '@paddock/model';
import type { DeliveryReply, LogEntry } from '@paddock/model';
import type { Place } from '../kernel/network-conditions.ts';
import type { World } from '../world.ts';

/**
 * A database in whose memory a bit flips: the next data that it is handed is another one there than everywhere else,
 * and it notices nothing (P10).
 */
export class RottenMemory {
  readonly #world: World;
  readonly #next = new Set<Place>();

  constructor(world: World) {
    this.#world = world;
  }

  rotNext(replica: Place): void {
    this.#next.add(replica);
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

  #rot(replica: Place, entry: LogEntry): LogEntry {
    if (entry.kind !== 'data' || !this.#next.has(replica)) return entry;
    const transaction = decodeTransaction(entry.zxid, entry.payload);
    const { change } = transaction;
    const hasData = change.kind === 'createZnode' || change.kind === 'setZnodeData';
    if (!hasData || change.data.length === 0) return entry;
    this.#next.delete(replica);
    const { history, trace } = this.#world;
    const data = change.data.slice();
    data[0] = (data[0] ?? 0) ^ 1;
    history.rotten.push({ replica, zxid: entry.zxid });
    this.#world.count('memory rotted');
    trace.tell(`replica ${replica}`, `memory rots: the data of ${formatZxid(entry.zxid)}`);
    return {
      ...entry,
      payload: encodeTransaction({ ...transaction, change: { ...change, data } }),
    };
  }
}
