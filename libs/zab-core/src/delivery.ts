import { follows, formatZxid, ZXID_ZERO } from '@paddock/model';
import type { DeliveryRequest, Limits, LogEntry, Zxid } from '@paddock/model';
import type { BroadcasterEffects } from './broadcaster-effects.ts';
import { DatabaseLink } from './database-link.ts';
import { batchFromMemory, batchFromRead } from './entry-batch.ts';
import type { EntryBatch } from './entry-batch.ts';
import type { History } from './history.ts';
import type { LogReads } from './log-reads.ts';
import type { Restorations } from './restorations.ts';
import type { VoterIdentity } from './quorum.ts';

/** How far back deliveries can start. */
export interface DeliveryBounds {
  readonly base: Zxid;
  readonly logStart: Zxid;
}

/** What a database has said that concerns the ensemble. */
export interface DatabaseProbe {
  readonly link: number;
  readonly probe: number;
}
export interface DatabaseDigest {
  readonly link: number;
  readonly zxid: Zxid;
  readonly digest: Uint8Array;
}

/**
 * Hands to each database what is committed and durable here (H9), in zxid order, from wherever it stands: from memory,
 * or from the log where that is older. What a database has not applied yet is bounded in bytes.
 */
export class Delivery {
  /** Taken by the core after each step. */
  probes: DatabaseProbe[] = [];
  digests: DatabaseDigest[] = [];

  readonly #self: VoterIdentity;
  readonly #history: History;
  readonly #limits: Limits;
  readonly #reads: LogReads;
  readonly #restorations: Restorations;
  readonly #links: DatabaseLink[] = [];
  #bounds: DeliveryBounds | null = null;
  #purged: Zxid = ZXID_ZERO;
  /** The leader's log begins behind this one's end: a snapshot of at least this is waited for. ZXID_ZERO: no. */
  #required: Zxid = ZXID_ZERO;
  /** The leader's database; empty while no leader is known. */
  #source = '';

  constructor(
    self: VoterIdentity,
    history: History,
    limits: Limits,
    reads: LogReads,
    restorations: Restorations,
  ) {
    this.#restorations = restorations;
    this.#self = self;
    this.#history = history;
    this.#limits = limits;
    this.#reads = reads;
  }

  get links(): readonly DatabaseLink[] {
    return this.#links;
  }

  /** True while a database takes part: one that still needs a snapshot does not (H18). */
  get isServed(): boolean {
    for (const database of this.#links) if (database.state === 'delivering') return true;
    return false;
  }

  /** True while the only databases are such as cannot be served by this log. */
  get needsSnapshot(): boolean {
    return !this.isServed && this.#links.some((it) => it.state === 'needsSnapshot');
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

  get bounds(): DeliveryBounds | null {
    return this.#bounds;
  }

  /** A database whose snapshot lies behind the end of the log: the log is to begin anew there (H8). */
  get ahead(): DatabaseLink | null {
    if (this.#bounds === null) return null;
    for (const database of this.#links) {
      if (database.state === 'asking' && database.snapshot > this.#history.last) return database;
    }
    return null;
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
    this.#admitAll(out);
  }

  logPurged(logStart: Zxid): void {
    if (this.#bounds !== null) this.#bounds = { base: this.#bounds.base, logStart };
  }

  logRestarted(base: Zxid, out: BroadcasterEffects): void {
    this.#bounds = { base, logStart: base };
    this.#required = ZXID_ZERO;
    this.#admitAll(out);
  }

  /** Where a database that needs a snapshot is to fetch it. */
  setSource(address: string, out: BroadcasterEffects): void {
    if (address === this.#source) return;
    this.#source = address;
    for (const database of this.#links) {
      if (database.state === 'needsSnapshot') this.#tellSource(database, out);
    }
  }

  /** The leader's log does not reach back to the end of this one (H8). */
  requireSnapshot(atLeast: Zxid, out: BroadcasterEffects): void {
    this.#required = atLeast;
    for (const database of this.#links) {
      if (database.state === 'connected') continue;
      if (database.snapshot >= atLeast) continue;
      this.#needSnapshot(database, atLeast, out);
    }
  }

  /** The leader waits until the database holds a backup, which it is to fetch from the leader's. */
  fetchBackup(out: BroadcasterEffects): void {
    const { needed } = this.#restorations;
    if (needed === null || this.#source === '') return;
    for (const database of this.#links) {
      if (database.state === 'connected' || database.toldBackup === needed + this.#source) continue;
      database.toldBackup = needed + this.#source;
      out.databases.push(database.link, {
        kind: 'backupNeeded',
        backup: needed,
        databaseAddress: this.#source,
      });
    }
  }

  /** That is over: another leader's log reaches. Databases that began to fetch go on and come back. */
  requireNoSnapshot(): void {
    this.#required = ZXID_ZERO;
  }

  /** The database is wrong: it gets nothing more, and is to fetch what a majority has (H22). */
  contradict(link: number, zxid: Zxid, out: BroadcasterEffects): void {
    const database = this.#links.find((it) => it.link === link);
    if (database === undefined) return;
    out.databases.push(link, { kind: 'digestVerdict', zxid, verdict: 'contradicted' });
    this.#needSnapshot(database, this.#bounds?.logStart ?? ZXID_ZERO, out);
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
        return this.#deliver(database, message, held, out);
      case 'applied':
        if (message.zxid > database.delivered) return 'nothing is applied before it is delivered';
        database.window.markConfirmed(message.zxid);
        return '';
      case 'snapshotVerified':
        if (message.purgeBelow > message.zxid || message.zxid > database.delivered) {
          return 'a snapshot shows what was delivered, and nothing behind it is purged';
        }
        if (message.purgeBelow > database.purgeBelow) database.purgeBelow = message.purgeBelow;
        return '';
      case 'digest': {
        const { zxid, digest } = message;
        if (database.state === 'delivering') {
          this.digests.push({ link: database.link, zxid, digest });
        }
        return '';
      }
      case 'backupHeld':
        this.#restorations.hold(message.backup);
        return '';
      case 'backupLost':
        this.#needSnapshot(database, message.zxid, out);
        return '';
      case 'probe':
        this.probes.push({ link: database.link, probe: message.probe });
        return '';
    }
  }

  #deliver(
    database: DatabaseLink,
    message: Extract<DeliveryRequest, { kind: 'deliver' }>,
    held: boolean,
    out: BroadcasterEffects,
  ): string {
    const self = this.#self;
    if (message.replica !== self.replica || message.incarnation !== self.incarnation) {
      return (
        `this is the broadcaster of replica ${self.replica} (incarnation ${self.incarnation}); the database is of ` +
        `replica ${message.replica} (incarnation ${message.incarnation})`
      );
    }
    if (message.snapshot > message.applied) return 'a snapshot shows what was applied';
    database.ask(message.applied, message.snapshot, message.configuration);
    out.databases.push(database.link, { kind: 'termHeld', held });
    if (this.#bounds !== null) this.#admit(database, this.#bounds, out);
    return '';
  }

  announceTerm(held: boolean, out: BroadcasterEffects): void {
    for (const database of this.#links) {
      if (database.state !== 'connected') {
        out.databases.push(database.link, { kind: 'termHeld', held });
      }
    }
  }

  /** Sends what may be sent, and purges what nobody needs; `pinned`: a learner still reads what is behind it. */
  advance(pinned: Zxid | null, out: BroadcasterEffects): void {
    for (const database of this.#links) this.#advanceOne(database, out);
    this.#purge(pinned, out);
  }

  /** Entries that the log was asked for; false: by somebody else. */
  logRead(read: number, entries: readonly LogEntry[], out: BroadcasterEffects): boolean {
    const database = this.#links.find((candidate) => candidate.read === read);
    if (database === undefined) return false;
    database.read = 0;
    if (database.state !== 'delivering') return true;
    const first = entries[0];
    if (first === undefined || !follows(database.delivered, first.zxid)) {
      this.#missing(database, out);
      return true;
    }
    let from = 0;
    for (;;) {
      const batch = batchFromRead(entries, from, this.#history.deliverable, this.#limits);
      if (batch.entries.length === 0) return true;
      this.#send(database, batch, out);
      from += batch.entries.length;
    }
  }

  #admitAll(out: BroadcasterEffects): void {
    const bounds = this.#bounds;
    if (bounds === null) return;
    for (const database of this.#links) {
      if (database.state === 'asking') this.#admit(database, bounds, out);
    }
  }

  #admit(database: DatabaseLink, bounds: DeliveryBounds, out: BroadcasterEffects): void {
    const { last } = this.#history;
    if (database.applied > last) {
      // A snapshot that came from another database, and the log is to follow (H8 b).
      if (database.snapshot === database.applied && database.configuration.length > 0) return;
      const applied = formatZxid(database.applied);
      out.fatal = {
        code: 'databaseAhead',
        reason: `the database has applied ${applied}, the log ends at ${formatZxid(last)}: entries were lost`,
      };
      return;
    }
    if (this.#required > database.snapshot) this.#needSnapshot(database, this.#required, out);
    else if (database.applied < bounds.logStart || database.snapshot < bounds.base) {
      const atLeast = bounds.logStart > bounds.base ? bounds.logStart : bounds.base;
      this.#needSnapshot(database, atLeast, out);
    } else database.state = 'delivering';
  }

  #needSnapshot(database: DatabaseLink, atLeast: Zxid, out: BroadcasterEffects): void {
    const isNew = database.state !== 'needsSnapshot';
    if (!isNew && database.neededAtLeast >= atLeast) return;
    database.state = 'needsSnapshot';
    database.neededAtLeast = atLeast;
    database.toldSource = null;
    this.#tellSource(database, out);
    if (!isNew) return;
    out.events.push({
      level: 'warn',
      message: 'the database needs a snapshot',
      zxid: database.delivered,
      detail: { atLeast: formatZxid(atLeast), from: this.#source },
    });
  }

  #tellSource(database: DatabaseLink, out: BroadcasterEffects): void {
    if (database.toldSource === this.#source) return;
    database.toldSource = this.#source;
    out.databases.push(database.link, {
      kind: 'snapshotNeeded',
      atLeast: database.neededAtLeast,
      databaseAddress: this.#source,
    });
  }

  #missing(database: DatabaseLink, out: BroadcasterEffects): void {
    const bounds = this.#bounds;
    if (bounds !== null && database.delivered < bounds.logStart) {
      this.#needSnapshot(database, bounds.logStart, out);
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
    const { deliverable } = history;
    const { window } = database;
    const windowMax = this.#limits.deliveryWindowBytes;
    while (window.sent < deliverable && database.read === 0) {
      if (window.bytes >= windowMax) return;
      const position = history.positionAfter(window.sent);
      if (position === undefined) {
        database.read = this.#reads.ask(window.sent, window.bytes, windowMax, out);
        return;
      }
      this.#send(database, batchFromMemory(history, position, deliverable, this.#limits), out);
    }
  }

  #send(database: DatabaseLink, { entries, bytes }: EntryBatch, out: BroadcasterEffects): void {
    const last = entries[entries.length - 1];
    if (last === undefined) return;
    database.window.markSent(last.zxid, bytes);
    out.databases.push(database.link, { kind: 'entries', entries });
  }

  /** Below what every database has verified a snapshot of; without a database nothing goes (H23). */
  #purge(pinned: Zxid | null, out: BroadcasterEffects): void {
    let below: Zxid | null = null;
    for (const database of this.#links) {
      if (below === null || database.purgeBelow < below) below = database.purgeBelow;
    }
    if (below !== null && pinned !== null && pinned < below) below = pinned;
    if (below === null || below <= this.#purged) return;
    this.#purged = below;
    out.purgeBelow = below;
  }
}
