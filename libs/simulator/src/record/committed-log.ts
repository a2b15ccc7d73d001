import { decodeConfiguration, decodeRestoration, decodeTransaction } from '@paddock/codec';
import { formatZxid, ZXID_ZERO } from '@paddock/model';
import type { EnsembleConfiguration, LogEntry, SessionId, Transaction, Zxid } from '@paddock/model';
import type { Place } from '../kernel/network-conditions.ts';

export interface CommittedEntry {
  readonly zxid: Zxid;
  readonly entry: LogEntry;
  /** Null for whatever else there is. */
  readonly transaction: Transaction | null;
  /** Of a restoration: the backup that it names. */
  readonly backup: string | null;
  /** When it was first delivered, in virtual milliseconds. */
  readonly deliveredMs: number;
}

/**
 * Everything that a broadcaster has ever handed to the database of its replica, which by rule H9 is committed and
 * durable: so it stays, whatever fails. What contradicts that is noted at once.
 */
export class CommittedLog {
  readonly entries: CommittedEntry[] = [];
  /** Of entries that stand where another one stood, or in the wrong order. */
  readonly conflicts: string[] = [];
  /** What each database was handed, from each of its starts on. */
  readonly streams: DeliveryStream[] = [];
  /** The newest membership; null: none was delivered. */
  configuration: EnsembleConfiguration | null = null;
  /** Those that were opened and have not ended. */
  readonly openSessions = new Set<SessionId>();
  readonly #byZxid = new Map<Zxid, number>();
  readonly #nowMs: () => number;

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  get last(): Zxid {
    return this.entries.at(-1)?.zxid ?? ZXID_ZERO;
  }

  find(zxid: Zxid): CommittedEntry | undefined {
    const position = this.#byZxid.get(zxid);
    return position === undefined ? undefined : this.entries[position];
  }

  /** Watches one stream of deliveries to the database of a replica. */
  stream(replica: Place): DeliveryStream {
    const stream = new DeliveryStream(replica, this);
    this.streams.push(stream);
    return stream;
  }

  /** The position behind this zxid; undefined where it was not delivered. */
  positionBehind(zxid: Zxid): number | undefined {
    if (zxid === ZXID_ZERO) return 0;
    const position = this.#byZxid.get(zxid);
    return position === undefined ? undefined : position + 1;
  }

  take(position: number, entry: LogEntry): void {
    const known = this.entries[position];
    if (known === undefined) this.#add(entry);
    else this.#compare(known.entry, entry);
  }

  *transactions(): Iterable<Transaction> {
    for (const { transaction } of this.entries) if (transaction !== null) yield transaction;
  }

  /** The session's transactions in the order of their zxids. */
  of(session: SessionId): Transaction[] {
    return [...this.transactions()].filter((it) => it.session === session);
  }

  #add(entry: LogEntry): void {
    const { zxid, kind, payload } = entry;
    if (zxid <= this.last) {
      this.conflicts.push(`${formatZxid(zxid)} was delivered behind ${formatZxid(this.last)}`);
    }
    const transaction = kind === 'data' ? decodeTransaction(zxid, payload) : null;
    if (kind === 'configuration') this.configuration = decodeConfiguration(payload);
    this.#byZxid.set(zxid, this.entries.length);
    const change = transaction?.change;
    if (change?.kind === 'openSession') this.openSessions.add(change.session);
    if (change?.kind === 'closeSession') this.openSessions.delete(change.session);
    const copy = { zxid, kind, payload: payload.slice() };
    const backup = kind === 'restoration' ? decodeRestoration(payload).backup : null;
    if (backup !== null) this.openSessions.clear();
    this.entries.push({ zxid, entry: copy, transaction, backup, deliveredMs: this.#nowMs() });
  }

  #compare(before: LogEntry, now: LogEntry): void {
    if (
      before.zxid === now.zxid &&
      before.kind === now.kind &&
      isSame(before.payload, now.payload)
    ) {
      return;
    }
    const were = `${formatZxid(before.zxid)} (${before.kind}, ${before.payload.length} bytes)`;
    const are = `${formatZxid(now.zxid)} (${now.kind}, ${now.payload.length} bytes)`;
    this.conflicts.push(`where ${were} was delivered, ${are} is delivered now`);
  }
}

/** What one database is handed, from where it stands on. */
export class DeliveryStream {
  readonly replica: Place;
  readonly zxids: Zxid[] = [];
  /** What the database had already; null: it has not said so. */
  behind: Zxid | null = null;
  readonly #log: CommittedLog;
  #position = 0;

  constructor(replica: Place, log: CommittedLog) {
    this.replica = replica;
    this.#log = log;
  }

  get last(): Zxid {
    return this.zxids.at(-1) ?? this.behind ?? ZXID_ZERO;
  }

  startsBehind(applied: Zxid): void {
    this.behind = applied;
    const position = this.#log.positionBehind(applied);
    if (position !== undefined) this.#position = position;
    else this.#log.conflicts.push(`a database has ${formatZxid(applied)}, which nobody delivered`);
  }

  delivered(entries: readonly LogEntry[]): void {
    for (const entry of entries) {
      this.zxids.push(entry.zxid);
      this.#log.take(this.#position++, entry);
    }
  }
}

function isSame(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}
