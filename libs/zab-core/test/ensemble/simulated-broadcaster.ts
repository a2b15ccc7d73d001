import { decodeConfiguration } from '@paddock/codec';
import {
  assert,
  DEFAULT_TIMING,
  firstZxid,
  formatZxid,
  follows,
  maxZxid,
  nextZxid,
  epochOf,
  termEpoch,
  TERM_ZERO,
  ZXID_ZERO,
} from '@paddock/model';
import type {
  BroadcastReply,
  DeliveryReply,
  EnsembleConfiguration,
  Epoch,
  LogEntry,
  MembersQuestion,
  Term,
  Zxid,
} from '@paddock/model';
import { BroadcasterEffects } from '../../src/index.ts';
import type { BroadcasterCore, BroadcasterEvent, PeerMember } from '../../src/index.ts';
import { coreOf } from './simulated-core.ts';
import type { CoreSettings } from './simulated-core.ts';
import { purgeLog, readLog, recoveredFrom } from './simulated-disks.ts';
import type { Disks } from './simulated-disks.ts';
import type { SimulatedEnsemble } from './simulated-ensemble.ts';

const NO_BYTES = new Uint8Array();
const SOCKET_BATCHES = 50;

/** One replica: the core as it is shipped, among a log, a database and a processor of a few lines each. */
export class SimulatedBroadcaster {
  readonly replica: number;
  readonly core: BroadcasterCore;
  readonly disks: Disks;
  /** What the database has applied. */
  applied: LogEntry[];
  isAlive = true;
  readonly #ensemble: SimulatedEnsemble;
  readonly #out = new BroadcasterEffects();
  #pending: { entries: LogEntry[]; committed: Zxid }[] = [];
  #isSyncing = false;
  #configuration: Uint8Array;
  #databaseLink = 0;
  #processorLink = 0;
  #fetching = false;
  #term: Term = TERM_ZERO;
  #proposed: Zxid = ZXID_ZERO;
  #waiting: BroadcasterEvent[] = [];
  #isStepping = false;
  #isPaused = false;
  #pausedUntilMs = 0;
  #asked = 0;
  #answered = 0;

  constructor(
    replica: number,
    disks: Disks,
    peers: readonly PeerMember[],
    ensemble: SimulatedEnsemble,
    settings: CoreSettings,
  ) {
    this.replica = replica;
    this.disks = disks;
    this.#ensemble = ensemble;
    this.applied = [...disks.snapshot.applied];
    this.#configuration = disks.snapshot.configuration;
    this.core = coreOf(replica, disks, peers, ensemble, settings);
    this.take({ kind: 'recovered', history: recoveredFrom(disks) });
    this.#tick();
    this.#openDatabase();
    this.#openProcessor();
  }

  /** As the database has applied it: committed. */
  get configuration(): EnsembleConfiguration | null {
    return this.#configuration.length === 0 ? null : decodeConfiguration(this.#configuration);
  }

  get lastApplied(): Zxid {
    return this.applied.at(-1)?.zxid ?? this.disks.snapshot.zxid;
  }

  /** The process stands still; what arrives meanwhile waits in its sockets. */
  pause(forMs: number): void {
    this.#pausedUntilMs = this.#ensemble.time.nowMs + forMs;
    this.#ensemble.time.after(forMs, () => {
      // As the driver does it: the time first, then what has waited.
      this.#waiting.unshift({ kind: 'tick' });
      this.#work();
    });
  }

  /** Gives the core an event as soon as the process runs. */
  take(event: BroadcasterEvent): void {
    if (!this.isAlive) return;
    this.#waiting.push(event);
    this.#work();
  }

  #work(): void {
    if (this.#isStepping || this.#ensemble.time.nowMs < this.#pausedUntilMs) return;
    this.#isStepping = true;
    while (this.isAlive) {
      const next = this.#waiting.shift();
      if (next === undefined) break;
      this.core.step(next, this.#out);
      this.#carryOut();
    }
    this.#isStepping = false;
  }

  /** The process dies; of what was not synced a part may be there all the same. */
  kill(): void {
    this.isAlive = false;
    const { chance } = this.#ensemble;
    for (const { entries } of this.#pending) {
      const kept = chance.below(entries.length + 1);
      this.disks.log.push(...entries.slice(0, kept));
      if (kept < entries.length) break;
    }
  }

  restartDatabase(): void {
    const link = this.#databaseLink;
    this.take({ kind: 'databaseEnded', link, end: { cause: 'lost', reason: 'it restarts' } });
    this.applied = [...this.disks.snapshot.applied];
    this.#configuration = this.disks.snapshot.configuration;
    this.#fetching = false;
    this.#openDatabase();
  }

  restartProcessor(): void {
    const link = this.#processorLink;
    this.take({ kind: 'processorEnded', link, end: { cause: 'lost', reason: 'it restarts' } });
    this.#term = TERM_ZERO;
    this.#openProcessor();
  }

  takeSnapshot(): void {
    const zxid = this.lastApplied;
    if (zxid <= this.disks.snapshot.zxid || this.#fetching) return;
    this.disks.snapshot = {
      zxid,
      applied: [...this.applied],
      configuration: this.#configuration,
    };
    const link = this.#databaseLink;
    const messages = [{ kind: 'snapshotVerified', zxid, purgeBelow: zxid } as const];
    this.take({ kind: 'databaseReceived', link, messages });
  }

  /** Proposes some entries, if it is the term's processor. */
  propose(count: number): void {
    if (this.#term === TERM_ZERO || this.#proposed === ZXID_ZERO || this.#isPaused) return;
    // The socket to a broadcaster that stands still takes only so much.
    if (this.#waiting.length > SOCKET_BATCHES) return;
    const entries: LogEntry[] = [];
    for (let i = 0; i < count; i++) {
      this.#proposed = this.#nextZxid();
      entries.push({
        zxid: this.#proposed,
        kind: 'data',
        payload: this.#ensemble.proposed(this.#proposed),
      });
    }
    this.#send(entries);
  }

  /** An operator waits for an answer. */
  get isChanging(): boolean {
    return this.#asked > this.#answered;
  }

  ask(question: MembersQuestion): void {
    this.take({ kind: 'membersAsked', request: ++this.#asked, question });
  }

  #tick(): void {
    if (!this.isAlive) return;
    this.take({ kind: 'tick' });
    this.#ensemble.time.after(DEFAULT_TIMING.tickMs, () => this.#tick());
  }

  #openDatabase(): void {
    const link = ++this.#databaseLink;
    this.#ensemble.time.after(this.#ensemble.chance.below(5), () => {
      if (link !== this.#databaseLink) return;
      this.take({ kind: 'databaseConnected', link });
      const applied = this.lastApplied;
      const deliver = {
        kind: 'deliver',
        replica: this.replica,
        incarnation: this.disks.incarnation,
        applied,
        snapshot: this.disks.snapshot.zxid,
        configuration: this.#configuration,
      } as const;
      this.take({ kind: 'databaseReceived', link, messages: [deliver] });
    });
  }

  #openProcessor(): void {
    const link = ++this.#processorLink;
    this.#isPaused = false;
    this.#ensemble.time.after(this.#ensemble.chance.below(5), () => {
      if (link !== this.#processorLink) return;
      this.take({ kind: 'processorConnected', link });
      const offer = { kind: 'offer', processorAddress: `processor ${this.replica}` } as const;
      this.take({ kind: 'processorReceived', link, messages: [offer] });
    });
  }

  #carryOut(): void {
    const out = this.#out;
    for (const { answer } of out.memberAnswers) {
      this.#answered++;
      this.#ensemble.answered(this, answer);
    }
    if (out.fatal?.code === 'removed') {
      this.#ensemble.removed(this.replica);
      return;
    }
    if (out.fatal !== null) {
      this.#ensemble.violated(`replica ${this.replica} cannot go on: ${out.fatal.reason}`);
      this.kill();
      return;
    }
    const later = (run: () => void): void => this.#ensemble.time.after(0, run);
    if (out.writeEpochs !== null) {
      const epochs = out.writeEpochs;
      this.#ensemble.time.after(this.#ensemble.chance.real() * 3, () => {
        if (!this.isAlive) return;
        this.disks.epochs = epochs;
        this.take({ kind: 'epochsWritten', epochs });
      });
    }
    if (out.append.length > 0) {
      this.#pending.push({ entries: out.append, committed: out.committed });
      this.#sync();
    }
    if (out.truncate !== null) this.#truncate(out.truncate);
    if (out.restartFrom !== null) {
      const { zxid, configuration } = out.restartFrom;
      this.disks.base = { zxid, configuration };
      this.disks.log = [];
      this.disks.logStart = zxid;
      this.disks.committed = zxid;
      later(() => this.take({ kind: 'logRestarted', base: zxid }));
    }
    for (const { read, after, maxBytes } of out.readLog) {
      const entries = readLog(this.disks, after, maxBytes);
      later(() => this.take({ kind: 'logRead', read, entries }));
    }
    if (out.pauseProcessors.includes(this.#processorLink)) this.#isPaused = true;
    if (out.resumeProcessors.includes(this.#processorLink)) this.#isPaused = false;
    if (out.purgeBelow > ZXID_ZERO && purgeLog(this.disks, out.purgeBelow, this.lastApplied)) {
      const { logStart } = this.disks;
      later(() => this.take({ kind: 'logPurged', logStart }));
    }
    out.processors.drain((link, batch) => this.#toProcessor(link, batch));
    out.databases.drain((link, batch) => this.#toDatabase(link, batch));
    this.#ensemble.carry(this, out);
    out.clear();
  }

  #truncate(after: Zxid): void {
    assert(this.#pending.length === 0, 'the log is idle when it is cut');
    this.disks.log = this.disks.log.filter((it) => it.zxid <= after);
    const last = this.disks.log.at(-1)?.zxid ?? this.disks.logStart;
    this.#ensemble.time.after(0, () => this.take({ kind: 'logTruncated', last }));
  }

  /** Group commit, one at a time. */
  #sync(): void {
    if (this.#isSyncing || this.#pending.length === 0) return;
    this.#isSyncing = true;
    const batch = {
      entries: this.#pending.flatMap((it) => it.entries),
      committed: this.#pending.at(-1)?.committed ?? ZXID_ZERO,
    };
    this.#pending = [batch];
    this.#ensemble.time.after(this.#ensemble.chance.real() * this.#ensemble.diskMs, () => {
      if (!this.isAlive) return;
      this.#isSyncing = false;
      this.#pending.shift();
      for (const entry of batch.entries) {
        const last = this.disks.log.at(-1)?.zxid ?? this.disks.logStart;
        assert(follows(last, entry.zxid), `${formatZxid(entry.zxid)} follows ${formatZxid(last)}`);
        this.disks.log.push(entry);
      }
      this.disks.committed = maxZxid(this.disks.committed, batch.committed);
      const zxid = batch.entries.at(-1)?.zxid;
      if (zxid !== undefined) this.take({ kind: 'logDurable', zxid });
      this.#sync();
    });
  }

  #toDatabase(link: number, batch: readonly DeliveryReply[]): void {
    if (link !== this.#databaseLink) return;
    for (const message of batch) {
      if (message.kind === 'entries') this.#apply(message.entries);
      else if (message.kind === 'snapshotNeeded') {
        this.#fetch(message.atLeast, message.databaseAddress);
      }
    }
  }

  #apply(entries: readonly LogEntry[]): void {
    for (const entry of entries) {
      if (entry.zxid <= this.lastApplied) continue;
      if (!follows(this.lastApplied, entry.zxid)) {
        this.#ensemble.violated(`a gap before ${formatZxid(entry.zxid)} at ${this.replica}`);
      }
      this.applied.push(entry);
      if (entry.kind === 'configuration') this.#configuration = entry.payload;
      this.#ensemble.applied(this, entry);
    }
    const link = this.#databaseLink;
    const messages = [{ kind: 'applied', zxid: this.lastApplied } as const];
    this.#ensemble.time.after(0.1, () => {
      if (link === this.#databaseLink) this.take({ kind: 'databaseReceived', link, messages });
    });
  }

  /** As a database does it: whole on disk first, then a new link. */
  #fetch(atLeast: Zxid, address: string): void {
    this.#fetching = true;
    const link = this.#databaseLink;
    const attempt = (): void => {
      if (!this.isAlive || link !== this.#databaseLink) return;
      const source = this.#ensemble.replicaAt(address);
      const isCut =
        source === undefined || this.#ensemble.links.isBlocked(source.replica, this.replica);
      if (isCut || !source.isAlive || source.disks.snapshot.zxid < atLeast) {
        source?.takeSnapshot();
        this.#ensemble.time.after(100, attempt);
        return;
      }
      this.disks.snapshot = {
        ...source.disks.snapshot,
        applied: [...source.disks.snapshot.applied],
      };
      this.restartDatabase();
    };
    if (address !== '') this.#ensemble.time.after(this.#ensemble.chance.real() * 200, attempt);
  }

  #toProcessor(link: number, batch: readonly BroadcastReply[]): void {
    if (link !== this.#processorLink) return;
    for (const message of batch) {
      if (message.kind === 'termEnded') this.#term = TERM_ZERO;
      else if (message.kind === 'termGranted') this.#begin(message.term, message.lastProposed);
      else if (message.kind === 'configure' && message.term === this.#term) {
        this.#proposed = this.#nextZxid();
        this.#send([
          { zxid: this.#proposed, kind: 'configuration', payload: message.configuration },
        ]);
      }
    }
  }

  /** Serves nothing until its database has applied what was before the term (H1 a). */
  #begin(term: Term, lastProposed: Zxid): void {
    this.#term = term;
    this.#proposed = ZXID_ZERO;
    const wait = (): void => {
      if (this.#term !== term || !this.isAlive) return;
      if (this.lastApplied < lastProposed) {
        this.#ensemble.time.after(1, wait);
        return;
      }
      this.#proposed = lastProposed;
      this.#proposed = this.#nextZxid();
      this.#send([{ zxid: this.#proposed, kind: 'termMarker', payload: NO_BYTES }]);
    };
    wait();
  }

  #nextZxid(): Zxid {
    const epoch: Epoch = termEpoch(this.#term);
    return epochOf(this.#proposed) === epoch ? nextZxid(this.#proposed) : firstZxid(epoch);
  }

  #send(entries: readonly LogEntry[]): void {
    const link = this.#processorLink;
    const messages = [{ kind: 'propose', term: this.#term, entries } as const];
    this.#ensemble.time.after(0.1, () => {
      if (link === this.#processorLink) this.take({ kind: 'processorReceived', link, messages });
    });
  }
}
