import { follows, formatZxid, ZXID_ZERO } from '@paddock/model';
import type { DeliveryRequest, Limits, LogEntry, Zxid } from '@paddock/model';
import type { BroadcasterEffects } from './broadcaster-effects.ts';
import { DatabaseLink } from './database-link.ts';
import { entryBytes } from './history.ts';
import type { History } from './history.ts';

/** Bytes of one read of the log: long enough to stream, short enough not to hold up the loop. */
const READ_BYTES = 1024 * 1024;

/** How far back deliveries can start. */
export interface DeliveryBounds {
  readonly base: Zxid;
  readonly logStart: Zxid;
}

/**
 * Hands to each database what is committed and durable here (H9), in zxid order, from wherever it stands: from memory,
 * or from the log where that is older. What a database has not applied yet is bounded in bytes.
 */
export class Delivery {
  readonly #history: History;
  readonly #limits: Limits;
  readonly #links: DatabaseLink[] = [];
  #bounds: DeliveryBounds | null = null;
  #reads = 0;
  #purged: Zxid = ZXID_ZERO;

  constructor(history: History, limits: Limits) {
    this.#history = history;
    this.#limits = limits;
  }

  get links(): readonly DatabaseLink[] {
    return this.#links;
  }

  /** True while a database takes part: one that still needs a snapshot does not (H18). */
  get isServed(): boolean {
    for (const database of this.#links) if (database.state === 'delivering') return true;
    return false;
  }

  /** Every database that takes part has been sent everything up to here; ZXID_ZERO while none does. */
  get deliveredToAll(): Zxid {
    let least: Zxid | null = null;
    for (const database of this.#links) {
      if (database.state !== 'delivering') continue;
      if (least === null || database.delivered < least) least = database.delivered;
    }
    return least ?? ZXID_ZERO;
  }

  connect(link: number): void {
    this.#links.push(new DatabaseLink(link));
  }

  disconnect(link: number): void {
    const position = this.#links.findIndex((database) => database.link === link);
    if (position >= 0) this.#links.splice(position, 1);
  }

  recover(bounds: DeliveryBounds, out: BroadcasterEffects): void {
    this.#bounds = bounds;
    for (const database of this.#links) if (database.state === 'asking') this.#admit(database, out);
  }

  logPurged(logStart: Zxid): void {
    if (this.#bounds !== null) this.#bounds = { base: this.#bounds.base, logStart };
  }

  receive(
    link: number,
    messages: readonly DeliveryRequest[],
    held: boolean,
    out: BroadcasterEffects,
  ): void {
    const database = this.#links.find((candidate) => candidate.link === link);
    if (database === undefined) return;
    for (const message of messages) {
      const refusal = this.#receiveOne(database, message, held, out);
      if (refusal === '') continue;
      this.disconnect(link);
      out.closeDatabases.push({ link, end: { cause: 'refused', reason: refusal } });
      out.events.push({
        level: 'error',
        message: 'a database broke a rule of its link',
        detail: { reason: refusal },
      });
      return;
    }
    this.#purge(out);
  }

  /** What the rule was that the message broke; empty if none. */
  #receiveOne(
    database: DatabaseLink,
    message: DeliveryRequest,
    held: boolean,
    out: BroadcasterEffects,
  ): string {
    if ((message.kind === 'deliver') !== (database.state === 'connected')) {
      return '"deliver" is the first message, and comes once';
    }
    switch (message.kind) {
      case 'deliver':
        database.ask(message.applied, message.snapshot);
        out.databases.push(database.link, { kind: 'termHeld', held });
        if (this.#bounds !== null) this.#admit(database, out);
        return '';
      case 'applied':
        if (message.zxid > database.delivered) return 'nothing is applied before it is delivered';
        database.markApplied(message.zxid);
        return '';
      case 'snapshotVerified':
        if (message.purgeBelow > message.zxid || message.zxid > database.delivered) {
          return 'a snapshot shows what was delivered, and nothing behind it is purged';
        }
        if (message.purgeBelow > database.purgeBelow) database.purgeBelow = message.purgeBelow;
        return '';
      case 'digest':
        // With a quorum of one there is no second opinion to compare with (H22).
        return '';
    }
  }

  announceTerm(held: boolean, out: BroadcasterEffects): void {
    for (const database of this.#links) {
      if (database.state !== 'connected') {
        out.databases.push(database.link, { kind: 'termHeld', held });
      }
    }
  }

  /** Sends what may be sent. */
  advance(out: BroadcasterEffects): void {
    for (const database of this.#links) this.#advanceOne(database, out);
  }

  /** Entries that the log was asked for. */
  logRead(read: number, entries: readonly LogEntry[], out: BroadcasterEffects): void {
    const database = this.#links.find((candidate) => candidate.read === read);
    if (database?.state !== 'delivering') return;
    database.read = 0;
    const first = entries[0];
    if (first === undefined || !follows(database.delivered, first.zxid)) {
      this.#missing(database, out);
      return;
    }
    let from = 0;
    while (from < entries.length) from = this.#sendRead(database, entries, from, out);
  }

  #admit(database: DatabaseLink, out: BroadcasterEffects): void {
    const bounds = this.#bounds;
    if (bounds === null) return;
    if (database.applied > this.#history.last) {
      const applied = formatZxid(database.applied);
      const last = formatZxid(this.#history.last);
      out.fatal = {
        code: 'databaseAhead',
        reason: `the database has applied ${applied}, the log ends at ${last}: entries were lost`,
      };
      return;
    }
    if (database.applied < bounds.logStart || database.snapshot < bounds.base) {
      this.#needSnapshot(database, bounds, out);
      return;
    }
    database.state = 'delivering';
  }

  #needSnapshot(database: DatabaseLink, bounds: DeliveryBounds, out: BroadcasterEffects): void {
    const atLeast = bounds.logStart > bounds.base ? bounds.logStart : bounds.base;
    database.state = 'needsSnapshot';
    out.databases.push(database.link, { kind: 'snapshotNeeded', atLeast });
    out.events.push({
      level: 'error',
      message: 'the log does not reach back to what the database has',
      zxid: database.delivered,
      detail: { logStart: formatZxid(atLeast) },
    });
  }

  #missing(database: DatabaseLink, out: BroadcasterEffects): void {
    const bounds = this.#bounds;
    if (bounds !== null && database.delivered < bounds.logStart) {
      this.#needSnapshot(database, bounds, out);
      return;
    }
    out.fatal = {
      code: 'logGap',
      reason: `the log has no entry behind ${formatZxid(database.delivered)}`,
    };
  }

  #advanceOne(database: DatabaseLink, out: BroadcasterEffects): void {
    if (database.state !== 'delivering') return;
    const history = this.#history;
    const deliverable = history.deliverable;
    while (database.delivered < deliverable && database.read === 0) {
      if (database.windowBytes >= this.#limits.deliveryWindowBytes) return;
      const position = history.positionAfter(database.delivered);
      if (position === undefined) {
        this.#readLog(database, out);
        return;
      }
      this.#sendFromMemory(database, position, deliverable, out);
    }
  }

  #readLog(database: DatabaseLink, out: BroadcasterEffects): void {
    const room = this.#limits.deliveryWindowBytes - database.windowBytes;
    // Few large reads instead of many small ones.
    if (room * 2 < this.#limits.deliveryWindowBytes) return;
    this.#reads++;
    database.read = this.#reads;
    const maxBytes = Math.min(READ_BYTES, room);
    out.readLog.push({ read: this.#reads, after: database.delivered, maxBytes });
  }

  #sendFromMemory(
    database: DatabaseLink,
    from: number,
    deliverable: Zxid,
    out: BroadcasterEffects,
  ): void {
    const history = this.#history;
    const end = Math.min(history.endPosition, from + this.#limits.batchOperations);
    const maxBytes = this.#limits.batchBytes;
    const batch: LogEntry[] = [];
    let bytes = 0;
    for (let position = from; position < end; position++) {
      const entry = history.at(position);
      if (entry.zxid > deliverable) break;
      batch.push(entry);
      bytes += entryBytes(entry);
      if (bytes >= maxBytes) break;
    }
    this.#send(database, batch, bytes, out);
  }

  /** One batch of what was read, starting at `from`; returns where the next one starts. */
  #sendRead(
    database: DatabaseLink,
    entries: readonly LogEntry[],
    from: number,
    out: BroadcasterEffects,
  ): number {
    const deliverable = this.#history.deliverable;
    const batch: LogEntry[] = [];
    let bytes = 0;
    let position = from;
    for (; position < entries.length; position++) {
      const entry = entries[position];
      if (entry === undefined || entry.zxid > deliverable) {
        position = entries.length;
        break;
      }
      if (batch.length === this.#limits.batchOperations || bytes >= this.#limits.batchBytes) break;
      batch.push(entry);
      bytes += entryBytes(entry);
    }
    this.#send(database, batch, bytes, out);
    return position;
  }

  #send(database: DatabaseLink, batch: LogEntry[], bytes: number, out: BroadcasterEffects): void {
    const last = batch[batch.length - 1];
    if (last === undefined) return;
    database.markDelivered(last.zxid, bytes);
    out.databases.push(database.link, { kind: 'entries', entries: batch });
  }

  /** Below what every database has verified a snapshot of; without a database nothing goes (H23). */
  #purge(out: BroadcasterEffects): void {
    let below: Zxid | null = null;
    for (const database of this.#links) {
      if (below === null || database.purgeBelow < below) below = database.purgeBelow;
    }
    if (below === null || below <= this.#purged) return;
    this.#purged = below;
    out.purgeBelow = below;
  }
}
