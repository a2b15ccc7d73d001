import {
  DEFAULT_LIMITS,
  DEFAULT_TIMING,
  epochOf,
  makeEpoch,
  makeZxid,
  TERM_ZERO,
  ZXID_ZERO,
} from '@paddock/model';
import type {
  BroadcastReply,
  BroadcastRequest,
  DeliveryReply,
  DeliveryRequest,
  ElectionReply,
  ElectionRequest,
  EnsembleConfiguration,
  EntryKind,
  EpochRecord,
  LeaderMessage,
  LearnerMessage,
  Limits,
  LogEntry,
  MembersAnswer,
  MembersQuestion,
  ReplicaRole,
  StageEvent,
  Term,
  Zxid,
} from '@paddock/model';
import { BroadcasterCore, BroadcasterEffects } from '../src/index.ts';
import type {
  BroadcasterEvent,
  BroadcasterFailure,
  DatedConfiguration,
  LeaderDial,
  PeerMember,
  RecoveredHistory,
} from '../src/index.ts';

export const SELF = { replica: 1, incarnation: 7 } as const;

export const ALONE: EnsembleConfiguration = {
  clusterId: 'cluster',
  formatLevel: 1,
  version: 1,
  removed: [],
  members: [{ ...SELF, role: 'voter', address: '' }],
};

export const EMPTY: RecoveredHistory = {
  lastZxid: ZXID_ZERO,
  committed: ZXID_ZERO,
  logStart: ZXID_ZERO,
  epochs: { acceptedEpoch: makeEpoch(0), currentEpoch: makeEpoch(0) },
  epochEnds: [],
  configurations: [{ zxid: ZXID_ZERO, configuration: ALONE }],
  restorations: [],
  base: ZXID_ZERO,
};

/** What a log has that ends at `lastZxid`, all of it of one epoch, in an ensemble of one. */
export function recovered(lastZxid: Zxid, more: Partial<RecoveredHistory> = {}): RecoveredHistory {
  const epoch = epochOf(lastZxid);
  const epochs = { acceptedEpoch: epoch, currentEpoch: epoch };
  return { ...EMPTY, lastZxid, committed: lastZxid, epochs, epochEnds: [lastZxid], ...more };
}

export function entry(epoch: number, counter: number, kind?: EntryKind, bytes = 10): LogEntry {
  const isFirst = counter === 1;
  return {
    zxid: makeZxid(epoch, counter),
    kind: kind ?? (isFirst ? 'termMarker' : 'data'),
    payload: new Uint8Array(bytes),
  };
}

export function entries(epoch: number, from: number, to: number): LogEntry[] {
  const list: LogEntry[] = [];
  for (let counter = from; counter <= to; counter++) list.push(entry(epoch, counter));
  return list;
}

/** A database's first message. */
export function deliver(
  applied: Zxid,
  snapshot: Zxid = ZXID_ZERO,
  configuration: Uint8Array = new Uint8Array(),
): DeliveryRequest {
  return { kind: 'deliver', ...SELF, applied, snapshot, configuration };
}

export interface FixtureOptions {
  readonly peers?: readonly PeerMember[];
  readonly role?: ReplicaRole;
  readonly history?: Partial<RecoveredHistory>;
  readonly limits?: Partial<Limits>;
  readonly lastCounter?: number;
  /** False: the test tells of the recovery itself. */
  readonly recoveredAtOnce?: boolean;
  /** False: the test completes writes of epochs itself. */
  readonly epochsAtOnce?: boolean;
}

/** A broadcaster among scripted neighbours and a scripted log. */
export class BroadcasterFixture {
  readonly core: BroadcasterCore;
  readonly out = new BroadcasterEffects();
  now = 1000;
  /** What the log was told to append, and has not completed. */
  log: LogEntry[] = [];
  hints: Zxid[] = [];
  reads: { read: number; after: Zxid; maxBytes: number }[] = [];
  writes: EpochRecord[] = [];
  purges: Zxid[] = [];
  events: StageEvent[] = [];
  /** What was answered to those who asked about the members, oldest first. */
  answered: MembersAnswer[] = [];
  #asked = 0;
  fatal: BroadcasterFailure | null = null;
  closed: string[] = [];
  flow: string[] = [];
  readonly toProcessor = new Map<number, BroadcastReply[]>();
  readonly toDatabase = new Map<number, DeliveryReply[]>();
  readonly toElectors = new Map<number, ElectionRequest[]>();
  readonly toCandidates = new Map<number, ElectionReply[]>();
  readonly toLeader = new Map<number, LearnerMessage[]>();
  readonly toLearners = new Map<number, LeaderMessage[]>();
  dialled: LeaderDial | null = null;
  /** Cuts and new beginnings that the log was told of. */
  cuts: Zxid[] = [];
  restarts: DatedConfiguration[] = [];
  readonly #epochsAtOnce: boolean;

  constructor(options: FixtureOptions = {}) {
    this.#epochsAtOnce = options.epochsAtOnce ?? true;
    const clock = { monotonicMs: () => this.now, wallMs: () => this.now };
    this.core = new BroadcasterCore(
      {
        self: SELF,
        clusterId: 'cluster',
        peers: options.peers ?? [],
        role: options.role ?? 'voter',
        databaseAddress: 'database-1',
        limits: { ...DEFAULT_LIMITS, ...options.limits },
        timing: DEFAULT_TIMING,
        ...(options.lastCounter === undefined ? {} : { lastCounter: options.lastCounter }),
      },
      { clock, random: { below: () => 0, safeInteger: () => 1, bytes: (n) => new Uint8Array(n) } },
    );
    if (options.recoveredAtOnce === false) return;
    this.step({ kind: 'recovered', history: { ...EMPTY, ...options.history } });
  }

  step(event: BroadcasterEvent): void {
    const { out } = this;
    this.core.step(event, out);
    this.log.push(...out.append);
    if (out.append.length > 0) this.hints.push(out.committed);
    this.reads.push(...out.readLog);
    this.events.push(...out.events);
    this.answered.push(...out.memberAnswers.map((it) => it.answer));
    for (const { link, end } of out.closeProcessors) {
      this.closed.push(`processor ${link}: ${end.reason}`);
    }
    for (const { link, end } of out.closeDatabases) {
      this.closed.push(`database ${link}: ${end.reason}`);
    }
    for (const { link, end } of out.closeLearners) {
      this.closed.push(`learner ${link}: ${end.reason}`);
    }
    if (out.closeLeader !== null) {
      this.closed.push(`leader ${out.closeLeader.link}: ${out.closeLeader.end.reason}`);
    }
    this.dialled = out.dialLeader ?? this.dialled;
    if (out.truncate !== null) this.cuts.push(out.truncate);
    if (out.restartFrom !== null) {
      const { zxid, configuration } = out.restartFrom;
      this.restarts.push({ zxid, configuration });
    }
    for (const link of out.pauseProcessors) this.flow.push(`pause ${link}`);
    for (const link of out.resumeProcessors) this.flow.push(`resume ${link}`);
    if (out.purgeBelow > ZXID_ZERO) this.purges.push(out.purgeBelow);
    this.fatal ??= out.fatal;
    out.processors.drain((link, batch) => gather(this.toProcessor, link, batch));
    out.databases.drain((link, batch) => gather(this.toDatabase, link, batch));
    out.electors.drain((replica, batch) => gather(this.toElectors, replica, batch));
    out.candidates.drain((link, batch) => gather(this.toCandidates, link, batch));
    out.leader.drain((link, batch) => gather(this.toLeader, link, batch));
    out.learners.drain((link, batch) => gather(this.toLearners, link, batch));
    const written = out.writeEpochs;
    out.clear();
    if (written === null) return;
    this.writes.push(written);
    if (this.#epochsAtOnce) this.step({ kind: 'epochsWritten', epochs: written });
  }

  tick(ms = 500): void {
    this.now += ms;
    this.step({ kind: 'tick' });
  }

  /** An operator asks; returns the answer, if it has come. */
  ask(question: MembersQuestion): MembersAnswer | undefined {
    const before = this.answered.length;
    this.step({ kind: 'membersAsked', request: ++this.#asked, question });
    return this.answered[before];
  }

  database(link: number, applied: Zxid = ZXID_ZERO, snapshot: Zxid = ZXID_ZERO): void {
    this.step({ kind: 'databaseConnected', link });
    this.fromDatabase(link, deliver(applied, snapshot));
  }

  fromDatabase(link: number, ...messages: DeliveryRequest[]): void {
    this.step({ kind: 'databaseReceived', link, messages });
  }

  processor(link: number): void {
    this.step({ kind: 'processorConnected', link });
    this.fromProcessor(link, { kind: 'offer', processorAddress: `processor-${link}` });
  }

  fromProcessor(link: number, ...messages: BroadcastRequest[]): void {
    this.step({ kind: 'processorReceived', link, messages });
  }

  propose(link: number, list: readonly LogEntry[], term = this.term): void {
    this.fromProcessor(link, { kind: 'propose', term, entries: list });
  }

  /** Completes what the log was told to append, up to `zxid`. */
  sync(zxid?: Zxid): void {
    const through = zxid ?? this.log.at(-1)?.zxid;
    if (through === undefined) return;
    this.log = this.log.filter((it) => it.zxid > through);
    this.step({ kind: 'logDurable', zxid: through });
  }

  end(kind: 'processorEnded' | 'databaseEnded', link: number): void {
    this.step({ kind, link, end: { cause: 'lost', reason: 'gone' } });
  }

  get term(): Term {
    return this.core.status().term;
  }

  /** Terms that a processor was told, oldest first; ended ones with a minus. */
  terms(link: number): string[] {
    const told: string[] = [];
    for (const reply of this.toProcessor.get(link) ?? []) {
      if (reply.kind === 'termGranted') told.push(`+${reply.term - TERM_ZERO}`);
      if (reply.kind === 'termEnded') told.push(`-${reply.term - TERM_ZERO}`);
    }
    return told;
  }

  replies(link: number): BroadcastReply[] {
    return this.toProcessor.get(link) ?? [];
  }

  delivered(link: number): Zxid[] {
    const zxids: Zxid[] = [];
    for (const reply of this.toDatabase.get(link) ?? []) {
      if (reply.kind === 'entries') zxids.push(...reply.entries.map((it) => it.zxid));
    }
    return zxids;
  }

  held(link: number): boolean[] {
    const told: boolean[] = [];
    for (const reply of this.toDatabase.get(link) ?? []) {
      if (reply.kind === 'termHeld') told.push(reply.held);
    }
    return told;
  }
}

function gather<Message>(into: Map<number, Message[]>, link: number, batch: Message[]): void {
  const before = into.get(link);
  if (before === undefined) into.set(link, batch);
  else before.push(...batch);
}

/** One replica at work: a database on link 1, a processor on link 2, the term's marker committed. */
export function serving(options: FixtureOptions = {}): BroadcasterFixture {
  const fixture = new BroadcasterFixture(options);
  fixture.database(1, options.history?.lastZxid ?? ZXID_ZERO);
  fixture.processor(2);
  const { epoch } = fixture.core.status();
  fixture.propose(2, [entry(epoch, 1)]);
  fixture.sync();
  return fixture;
}
