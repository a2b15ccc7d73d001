import {
  CodecError,
  decodeConfiguration,
  decodeRestoration,
  decodeTermMarker,
  encodeConfiguration,
} from '@paddock/codec';
import { assert, counterOf, follows, formatZxid, ZXID_ZERO } from '@paddock/model';
import type { DeliveryReply, LogEntry, Zxid } from '@paddock/model';
import type { Clock } from '@paddock/ports';
import { Availability } from './availability.ts';
import { Confirmation } from './confirmation.ts';
import type { DatabaseEffects, DatabaseFailureCause } from './database-effects.ts';
import type { DatabaseDependencies, DatabaseEvent, DatabaseOptions } from './database-event.ts';
import { DatabaseState } from './database-state.ts';
import { describeDatabase } from './database-report.ts';
import type { DatabaseStatus } from './database-status.ts';
import { EntriesAhead } from './entries-ahead.ts';
import { Frontends } from './frontends/frontends.ts';
import { FOUND_WRONG, Hindrances } from './hindrances.ts';
import { LookUps } from './look-ups.ts';
import { Backups } from './snapshots/backups.ts';
import type { Restoration } from './snapshots/restoration.ts';
import { SnapshotLoading } from './snapshots/snapshot-loading.ts';
import { Snapshots } from './snapshots/snapshots.ts';
import { Transactions } from './transactions.ts';

/** What an entry takes in the log besides its payload, about. */
const ENTRY_BYTES = 24;
const NO_CONFIGURATION = new Uint8Array(0);

type LinkEvent = Extract<DatabaseEvent, { readonly link: number }>;

/**
 * The replicated database (paper 4.3): applies what the broadcaster delivers, in zxid order, each once (P7), answers
 * reads and look-ups at what it has applied, fires watches, and writes snapshots while it goes on.
 */
export class DatabaseCore {
  readonly #identity: DatabaseOptions['identity'];
  readonly #state: DatabaseState;
  readonly #availability: Availability;
  readonly #confirmation: Confirmation;
  readonly #frontends: Frontends;
  readonly #lookUps: LookUps;
  readonly #transactions: Transactions;
  readonly #ahead: EntriesAhead;
  readonly #snapshots: Snapshots;
  readonly #hindrances: Hindrances;
  #loading: SnapshotLoading | null;
  readonly #digestInterval: number;
  readonly #clock: Clock;
  #broadcaster: number | null = null;
  readonly #backups = new Backups();
  #hasFailed = false;

  constructor(options: DatabaseOptions, dependencies: DatabaseDependencies) {
    const { limits, timing } = options;
    const { clock } = dependencies;
    const state = new DatabaseState(limits.eventHistory, timing.unusedContainerMs);
    this.#identity = options.identity;
    this.#state = state;
    this.#clock = clock;
    this.#availability = new Availability(clock, timing.staleReadsMs);
    this.#digestInterval = limits.digestInterval;
    this.#frontends = new Frontends(state, this.#availability, clock, limits, timing);
    this.#confirmation = new Confirmation(state, this.#availability, this.#frontends, clock);
    this.#lookUps = new LookUps(state, limits);
    this.#ahead = new EntriesAhead(state.znodes.search);
    this.#transactions = new Transactions(state, this.#frontends);
    this.#snapshots = new Snapshots(state, limits, clock);
    this.#hindrances = new Hindrances({
      state,
      availability: this.#availability,
      confirmation: this.#confirmation,
      frontends: this.#frontends,
      lookUps: this.#lookUps,
      snapshots: this.#snapshots,
    });
    this.#loading = new SnapshotLoading(state);
  }

  /** While this is true the driver gives `continueSnapshot` once a turn. */
  get wantsSlice(): boolean {
    return !this.#hasFailed && this.#snapshots.wantsSlice;
  }

  /** Whether a snapshot that another database asks for would be taken, or is being taken (H22). */
  get takesSnapshots(): boolean {
    return !this.#hasFailed && this.#hindrances.takesSnapshots;
  }

  /** Whether a snapshot of that zxid may be handed to another database (H22). */
  offersSnapshot(zxid: Zxid): boolean {
    return this.#hindrances.verdicts.offers(zxid);
  }

  /** After the effect `restoration`, with the backup loaded: makes of it what follows. Returns why not, if not. */
  restore(restoration: Restoration): string | null {
    return restoration.replace(this.#state, this.#backups.restoringAt);
  }

  step(event: DatabaseEvent, out: DatabaseEffects): void {
    if (event.kind === 'backupLost') this.#backupLost(event.reason, out);
    if (this.#hasFailed || this.#backups.isRestoring) return;
    // Before anything that may have waited while this process was stopped (H13).
    if (this.#loading === null) this.#confirmation.check(out);
    switch (event.kind) {
      case 'snapshotChunkLoaded':
        this.#loadChunk(event.chunk, out);
        break;
      case 'snapshotLoadEnded':
        this.#endLoad(event.snapshot, out);
        break;
      case 'snapshotWritten':
        this.#snapshots.written(event.bytes);
        break;
      case 'snapshotFinished':
        this.#snapshotFinished(event.zxid, event.oldestKept, out);
        break;
      case 'snapshotFailed':
        this.#snapshots.failed(event.reason, out);
        break;
      case 'evidenceEnded':
        this.#snapshots.evidenceEnded();
        break;
      case 'snapshotWanted':
        assert(this.#loading === null, 'nothing is asked of a database before it is loaded');
        this.#snapshots.want(event.atLeast, out);
        break;
      case 'backupHeld':
        this.#backups.hold(event.backup, out);
        break;
      case 'backupLost':
        break;
      case 'continueSnapshot':
        this.#snapshots.slice(out);
        break;
      case 'tick':
        if (this.#loading !== null) break;
        this.#confirmation.probe(out);
        this.#frontends.tick(out);
        this.#snapshots.tick(out);
        break;
      default:
        assert(this.#loading === null, 'links come after the snapshot has been loaded');
        this.#link(event, out);
    }
  }

  status(): DatabaseStatus {
    return describeDatabase({
      state: this.#state,
      availability: this.#availability,
      frontends: this.#frontends,
      lookUps: this.#lookUps,
      snapshots: this.#snapshots,
      verdict: this.#hindrances.verdicts.verdict,
      isLoading: this.#loading !== null,
      hasBroadcaster: this.#broadcaster !== null,
    });
  }

  #link(event: LinkEvent, out: DatabaseEffects): void {
    switch (event.kind) {
      case 'frontendReceived':
        this.#frontends.received(event.link, event.messages, out);
        this.#confirmation.probeForReads(out);
        break;
      case 'frontendConnected':
        if (this.#hindrances.isFoundWrong) {
          out.closeFrontends.push({ link: event.link, end: FOUND_WRONG });
        } else {
          this.#frontends.connected(event.link);
        }
        break;
      case 'frontendResumed':
        this.#frontends.resumed(event.link, out);
        this.#confirmation.probeForReads(out);
        break;
      case 'frontendSlow':
        this.#frontends.slow(event.link, out);
        break;
      case 'frontendEnded':
        this.#frontends.ended(event.link);
        break;
      case 'processorReceived':
        this.#lookUps.received(event.link, event.messages, out);
        break;
      case 'processorConnected':
        if (this.#hindrances.isFoundWrong) {
          out.closeProcessors.push({ link: event.link, end: FOUND_WRONG });
        } else {
          this.#lookUps.connected(event.link, out);
        }
        break;
      case 'processorEnded':
        this.#lookUps.ended(event.link);
        break;
      case 'broadcasterReceived':
        if (event.link === this.#broadcaster) this.#delivered(event.messages, out);
        break;
      case 'broadcasterConnected':
        this.#broadcaster = event.link;
        this.#introduce(event.link, out);
        break;
      case 'broadcasterEnded':
        if (event.link !== this.#broadcaster) break;
        this.#broadcasterEnded();
        break;
    }
  }

  #introduce(link: number, out: DatabaseEffects): void {
    const { applied, configuration } = this.#state;
    const { replica, incarnation } = this.#identity;
    out.broadcaster.push(link, {
      kind: 'deliver',
      replica,
      incarnation,
      applied,
      snapshot: this.#snapshots.verified,
      configuration: configuration === null ? NO_CONFIGURATION : encodeConfiguration(configuration),
    });
    this.#backups.broadcasterConnected(link, out);
    const digest = this.#hindrances.broadcasterConnected();
    if (digest !== null) out.broadcaster.push(link, digest);
    this.#confirmation.broadcasterConnected(link, out);
  }

  #broadcasterEnded(): void {
    this.#broadcaster = null;
    this.#backups.broadcasterEnded();
    this.#confirmation.broadcasterEnded();
  }

  #backupLost(reason: string, out: DatabaseEffects): void {
    this.#broadcasterEnded();
    this.#hindrances.backupLost(this.#backups.lost(), reason, out);
  }

  #delivered(messages: readonly DeliveryReply[], out: DatabaseEffects): void {
    for (const message of messages) {
      switch (message.kind) {
        case 'entries':
          this.#apply(message.entries, out);
          break;
        case 'termHeld':
          if (message.held !== this.#state.termHeld) {
            this.#state.heldSinceMs = message.held ? this.#clock.monotonicMs() : Infinity;
          }
          this.#state.termHeld = message.held;
          this.#frontends.announce(message, out);
          break;
        case 'snapshotNeeded':
          this.#hindrances.snapshotNeeded(message, out);
          break;
        case 'backupNeeded':
          this.#backups.fetch(message, out);
          break;
        case 'probed':
          this.#confirmation.answered(message.probe, message.floor, out);
          break;
        case 'digestVerdict':
          this.#hindrances.judged(message, out);
          break;
      }
      if (this.#hasFailed || this.#backups.isRestoring) return;
    }
  }

  #apply(entries: readonly LogEntry[], out: DatabaseEffects): void {
    if (this.#backups.isLost) return;
    const before = this.#state.applied;
    let readAhead = 0;
    for (const [index, entry] of entries.entries()) {
      if (index === readAhead) readAhead = this.#ahead.read(entries, index);
      // Delivered before: the stream was opened anew meanwhile (P7).
      if (entry.zxid <= this.#state.applied) continue;
      assert(
        follows(this.#state.applied, entry.zxid),
        `${formatZxid(entry.zxid)} does not follow ${formatZxid(this.#state.applied)}`,
      );
      if (!this.#applyEntry(entry, index, out)) return;
    }
    const { applied } = this.#state;
    if (applied !== before) {
      this.#confirmation.applied(out);
      this.#lookUps.applied(out);
      this.#frontends.announce({ kind: 'applied', zxid: applied }, out);
      this.#snapshots.batchApplied(out);
    }
    if (this.#broadcaster !== null) {
      out.broadcaster.push(this.#broadcaster, { kind: 'applied', zxid: applied });
    }
  }

  /**
   * False where the entry cannot be read: never skipped, since that would be divergence (H24). Also of a restoration:
   * another core goes on behind it.
   */
  #applyEntry(entry: LogEntry, index: number, out: DatabaseEffects): boolean {
    const { zxid, payload } = entry;
    const state = this.#state;
    try {
      switch (entry.kind) {
        case 'data': {
          const transaction = this.#ahead.transaction(entry, index);
          state.applied = zxid;
          this.#transactions.apply(transaction, out);
          break;
        }
        case 'termMarker': {
          const term = decodeTermMarker(payload);
          state.applied = zxid;
          state.term = term;
          this.#frontends.announce({ kind: 'termMarker', zxid, term }, out);
          break;
        }
        case 'configuration':
          state.configuration = decodeConfiguration(payload);
          state.applied = zxid;
          break;
        case 'restoration':
          this.#backups.restore({ zxid, backup: decodeRestoration(payload).backup }, out);
          return false;
      }
    } catch (error) {
      if (!(error instanceof CodecError)) throw error;
      const isNewer = error.code === 'unknownKind';
      const what = isNewer ? 'was written by a newer version' : 'cannot be read';
      this.#fail(
        isNewer ? 'unknownKind' : 'entryBad',
        `the entry ${formatZxid(zxid)} ${what}: ${error.message}`,
        out,
      );
      return false;
    }
    this.#snapshots.entryApplied(payload.length + ENTRY_BYTES);
    if (counterOf(zxid) % this.#digestInterval === 0) this.#tellDigest(out);
    this.#frontends.floorsReached(out);
    return true;
  }

  /** At agreed zxids, so that the broadcasters can compare what the databases have come to (P10). */
  #tellDigest(out: DatabaseEffects): void {
    if (this.#broadcaster === null) return;
    const { applied } = this.#state;
    const digest = this.#state.digest(this.#snapshots.rot);
    this.#hindrances.digestTold(applied, digest);
    out.broadcaster.push(this.#broadcaster, { kind: 'digest', zxid: applied, digest });
  }

  #loadChunk(chunk: Uint8Array, out: DatabaseEffects): void {
    assert(this.#loading !== null, 'a snapshot is loaded before anything else');
    const trouble = this.#loading.add(chunk);
    if (trouble !== undefined) this.#fail(trouble.cause, trouble.reason, out);
  }

  #endLoad(snapshot: Zxid, out: DatabaseEffects): void {
    assert(this.#loading !== null, 'a snapshot is loaded before anything else');
    if (snapshot !== ZXID_ZERO) {
      const trouble = this.#loading.finish(snapshot);
      if (trouble !== undefined) {
        this.#fail(trouble.cause, trouble.reason, out);
        return;
      }
      // What happened before cannot be told; what is replayed from here on can (H15).
      this.#state.history.startAt(snapshot);
      this.#snapshots.loaded(snapshot);
      const { znodes, sessions } = this.#state;
      out.events.push({
        level: 'info',
        message: 'a snapshot was loaded',
        zxid: snapshot,
        detail: { znodes: znodes.count, sessions: sessions.count },
      });
    }
    this.#loading = null;
  }

  #snapshotFinished(zxid: Zxid, oldestKept: Zxid, out: DatabaseEffects): void {
    this.#snapshots.finished(zxid, out);
    if (this.#broadcaster === null || this.#snapshots.verified !== zxid) return;
    // The log reaches back to a state that a majority has agreed on, so that there is one to hand to others (H22).
    const purgeBelow = oldestKept <= this.#snapshots.agreed ? oldestKept : ZXID_ZERO;
    out.broadcaster.push(this.#broadcaster, { kind: 'snapshotVerified', zxid, purgeBelow });
  }

  #fail(cause: DatabaseFailureCause, reason: string, out: DatabaseEffects): void {
    this.#hasFailed = true;
    out.fatal = { cause, reason };
    out.events.push({
      level: 'error',
      message: 'the database cannot go on',
      zxid: this.#state.applied,
      detail: { cause, reason },
    });
  }
}
