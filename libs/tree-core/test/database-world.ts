import { encodeTermMarker, encodeTransaction } from '@paddock/codec';
import type { TransactionContent } from '@paddock/codec';
import {
  DEFAULT_LIMITS,
  DEFAULT_TIMING,
  makeFrontendIncarnation,
  makeSessionId,
  makeTerm,
  makeZxid,
  NO_SESSION,
  trustedPath,
  ZXID_ZERO,
} from '@paddock/model';
import type {
  Acl,
  Attachment,
  Change,
  DatabaseReply,
  DatabaseRequest,
  DeliveryReply,
  DeliveryRequest,
  EntryKind,
  Limits,
  LogEntry,
  LookUpReply,
  SessionId,
  StageEvent,
  Timing,
  WatchRegistration,
  Zxid,
} from '@paddock/model';
import { DatabaseCore } from '../src/database-core.ts';
import { DatabaseEffects } from '../src/database-effects.ts';
import type {
  BackupNeed,
  Contradiction,
  DatabaseFailure,
  LinkClosure,
  RestorationNeed,
  SnapshotCommand,
  SnapshotNeed,
} from '../src/database-effects.ts';
import type { DatabaseEvent } from '../src/database-event.ts';

export const NO_DATA = new Uint8Array(0);
export const FRONTEND_A = 1;
export const FRONTEND_B = 2;
export const PROCESSOR = 10;
export const BROADCASTER = 20;

export const IDENTITY = { replica: 2, incarnation: 7 };
/** For tests that let much time pass at once: local reads are answered all the same. */
export const NEVER_STALE = { staleReadsMs: Infinity };

export const path = trustedPath;
export const session = makeSessionId;

export function zxid(counter: number, epoch = 1): Zxid {
  return makeZxid(epoch, counter);
}

/** An attachment of a front-end that is named by its number. */
export function attachment(frontend: number, connection = 1, attempt = 1): Attachment {
  return { frontend: makeFrontendIncarnation(frontend), connection, attempt };
}

export interface WriteOf {
  readonly session?: SessionId;
  readonly sequence?: number;
  readonly ackedThrough?: number;
}

export function dataEntry(at: Zxid, change: Change, of: WriteOf = {}): LogEntry {
  const content: TransactionContent = {
    time: 1000 + (at % 2 ** 32),
    session: of.session ?? NO_SESSION,
    sequence: of.sequence ?? 0,
    requestHash: 77,
    ackedThrough: of.ackedThrough ?? 0,
    change,
  };
  return { zxid: at, kind: 'data', payload: encodeTransaction(content) };
}

export function markerEntry(at: Zxid, epoch: number): LogEntry {
  const payload = encodeTermMarker({ term: makeTerm(epoch, 1), processorAddress: `rp-${epoch}` });
  return { zxid: at, kind: 'termMarker', payload };
}

/** A database core with scripted neighbours under virtual time; what it says is gathered per neighbour. */
export class DatabaseWorld {
  nowMs = 0;
  readonly core: DatabaseCore;
  readonly out = new DatabaseEffects();
  readonly replies = new Map<number, DatabaseReply[]>();
  readonly lookUps: LookUpReply[] = [];
  /** What the broadcaster was told, but for the probes. */
  readonly deliveries: DeliveryRequest[] = [];
  /** Probes that the broadcaster has got and not answered. */
  readonly probes: number[] = [];
  /** Whether it answers them at once, as one of a leader does. */
  answersProbes = true;
  readonly commands: SnapshotCommand[] = [];
  readonly closed: LinkClosure[] = [];
  readonly events: StageEvent[] = [];
  readonly needs: SnapshotNeed[] = [];
  readonly backupNeeds: BackupNeed[] = [];
  readonly restorations: RestorationNeed[] = [];
  readonly contradictions: Contradiction[] = [];
  /** Every entry delivered so far, to be replayed into another database. */
  readonly log: LogEntry[] = [];
  #nextCounter = 1;
  #epoch = 1;

  constructor(limits: Partial<Limits> = {}, timing: Partial<Timing> = {}) {
    const clock = { monotonicMs: () => this.nowMs, wallMs: () => this.nowMs };
    this.core = new DatabaseCore(
      {
        identity: IDENTITY,
        limits: { ...DEFAULT_LIMITS, ...limits },
        timing: { ...DEFAULT_TIMING, ...timing },
      },
      { clock },
    );
  }

  /** Starts from chunks of a snapshot, or from nothing, and connects a broadcaster. */
  start(chunks: readonly Uint8Array[] = [], snapshot: Zxid = ZXID_ZERO): this {
    for (const chunk of chunks) this.step({ kind: 'snapshotChunkLoaded', chunk });
    this.step({ kind: 'snapshotLoadEnded', snapshot });
    this.step({ kind: 'broadcasterConnected', link: BROADCASTER });
    return this;
  }

  get fatal(): DatabaseFailure | null {
    return this.out.fatal;
  }

  step(event: DatabaseEvent): void {
    const { out } = this;
    this.core.step(event, out);
    out.frontends.drain((link, batch) => {
      this.replies.set(link, [...(this.replies.get(link) ?? []), ...batch]);
    });
    out.processors.drain((_, batch) => this.lookUps.push(...batch));
    out.broadcaster.drain((_, batch) => {
      for (const it of batch) {
        if (it.kind === 'probe') this.probes.push(it.probe);
        else this.deliveries.push(it);
      }
    });
    this.commands.push(...out.snapshot);
    this.closed.push(...out.closeFrontends, ...out.closeProcessors);
    this.events.push(...out.events);
    if (out.snapshotNeed !== null) this.needs.push(out.snapshotNeed);
    if (out.backupNeed !== null) this.backupNeeds.push(out.backupNeed);
    if (out.restoration !== null) this.restorations.push(out.restoration);
    if (out.contradiction !== null) this.contradictions.push(out.contradiction);
    out.clear();
    const probe = this.answersProbes ? this.probes.pop() : undefined;
    if (probe !== undefined) this.answerProbe(probe);
  }

  /** A leader has confirmed what was committed when the probe came. */
  answerProbe(probe: number, floor: Zxid = ZXID_ZERO): void {
    this.say({ kind: 'probed', probe, floor });
  }

  /** The broadcaster says something. */
  say(...messages: readonly DeliveryReply[]): void {
    this.step({ kind: 'broadcasterReceived', link: BROADCASTER, messages });
  }

  deliver(...entries: readonly LogEntry[]): void {
    this.log.push(...entries);
    this.step({
      kind: 'broadcasterReceived',
      link: BROADCASTER,
      messages: [{ kind: 'entries', entries }],
    });
  }

  /** A processor holds the term: so this database is served, and knows of every epoch that there is. */
  holdTerm(): void {
    this.say({ kind: 'termHeld', held: true });
  }

  /** The next entry of the epoch, not delivered yet. */
  entry(change: Change, of: WriteOf = {}): LogEntry {
    return dataEntry(zxid(this.#nextCounter++, this.#epoch), change, of);
  }

  marker(epoch = this.#epoch): LogEntry {
    if (epoch > this.#epoch) {
      this.#epoch = epoch;
      this.#nextCounter = 1;
    }
    return markerEntry(zxid(this.#nextCounter++, epoch), epoch);
  }

  /** Delivers one change as the next entry and returns its zxid. */
  apply(change: Change, of: WriteOf = {}): Zxid {
    const entry = this.entry(change, of);
    this.deliver(entry);
    return entry.zxid;
  }

  create(name: string, of: WriteOf = {}, ephemeralOwner: SessionId = NO_SESSION): Zxid {
    return this.apply(creation(name, NO_DATA, ephemeralOwner), of);
  }

  open(id: SessionId, at: Attachment, window: { count?: number; bytes?: number } = {}): Zxid {
    return this.apply(opening(id, at, window));
  }

  /** A front-end dials and opens its stream. */
  connect(link: number, frontend = link): void {
    this.step({ kind: 'frontendConnected', link });
    this.ask(link, { kind: 'openStream', frontend: makeFrontendIncarnation(frontend) });
  }

  disconnect(link: number): void {
    this.step({ kind: 'frontendEnded', link, end: { cause: 'lost', reason: '' } });
  }

  ask(link: number, ...batch: readonly DatabaseRequest[]): void {
    this.step({ kind: 'frontendReceived', link, messages: batch });
  }

  /** What the front-end was told since this was last asked. */
  told(link: number): DatabaseReply[] {
    const replies = this.replies.get(link) ?? [];
    this.replies.delete(link);
    return replies;
  }

  /** Goes on with the snapshot to its end, and lets the file answer: the only one, unless an older one is kept. */
  finishSnapshot(oldestKept?: Zxid): { readonly chunks: Uint8Array[]; readonly zxid: Zxid } {
    while (this.core.wantsSlice) {
      this.step({ kind: 'continueSnapshot' });
      this.writeSnapshot();
    }
    const taken = takenSnapshot(this.commands);
    const { zxid } = taken;
    this.step({ kind: 'snapshotFinished', zxid, oldestKept: oldestKept ?? zxid });
    return taken;
  }

  /** The file's writer catches up. */
  writeSnapshot(): void {
    this.step({ kind: 'snapshotWritten', bytes: this.#unwritten() });
  }

  #written = 0;

  #unwritten(): number {
    let bytes = 0;
    for (const command of this.commands) {
      if (command.kind === 'write') bytes += command.chunk.length;
    }
    const unwritten = bytes - this.#written;
    this.#written = bytes;
    return unwritten;
  }
}

/** The chunks of the last snapshot among the commands. */
export function takenSnapshot(commands: readonly SnapshotCommand[]): {
  readonly chunks: Uint8Array[];
  readonly zxid: Zxid;
} {
  let chunks: Uint8Array[] = [];
  let at: Zxid = ZXID_ZERO;
  for (const command of commands) {
    if (command.kind === 'begin') {
      chunks = [];
      at = command.zxid;
    } else if (command.kind === 'write') {
      chunks.push(command.chunk);
    }
  }
  return { chunks, zxid: at };
}

export function creation(
  name: string,
  data: Uint8Array = NO_DATA,
  ephemeralOwner: SessionId = NO_SESSION,
  acl?: Acl,
): Change {
  return {
    kind: 'createZnode',
    path: path(name),
    data,
    znodeKind: ephemeralOwner === NO_SESSION ? 'persistent' : 'ephemeral',
    ttlMs: 0,
    ephemeralOwner,
    parentCversion: 1,
    parentCreates: 1,
    acl,
  };
}

export function setting(name: string, version: number, data: Uint8Array = NO_DATA): Change {
  return { kind: 'setZnodeData', path: path(name), data, version };
}

export function deletion(name: string, parentCversion = 2): Change {
  return { kind: 'deleteZnode', path: path(name), parentCversion };
}

export function opening(
  id: SessionId,
  at: Attachment,
  window: { count?: number; bytes?: number } = {},
): Change {
  return {
    kind: 'openSession',
    session: id,
    timeoutMs: 10_000,
    secretHash: new Uint8Array(32),
    attachment: at,
    windowCount: window.count ?? 4096,
    windowBytes: window.bytes ?? 2 ** 20,
  };
}

export function closing(id: SessionId, znodes: readonly string[] = []): Change {
  return {
    kind: 'closeSession',
    session: id,
    end: 'expired',
    znodes: znodes.map((it) => ({ path: path(it), parentCversion: 2 })),
  };
}

export interface ReadWish {
  readonly after?: number;
  readonly floor?: Zxid;
  readonly stalenessMs?: number;
  readonly watch?: boolean;
  readonly kind?: 'getData' | 'exists' | 'getChildren';
}

export function readOf(id: SessionId, name: string, wish: ReadWish = {}): DatabaseRequest {
  return {
    kind: 'read',
    session: id,
    afterSequence: wish.after ?? 0,
    floor: wish.floor ?? ZXID_ZERO,
    stalenessMs: wish.stalenessMs ?? Infinity,
    operation: { kind: wish.kind ?? 'getData', path: path(name), watch: wish.watch ?? false },
  };
}

export interface AttachWish {
  readonly floor?: Zxid;
  readonly firstUnsettled?: number;
  readonly watches?: readonly WatchRegistration[];
  readonly more?: boolean;
  readonly localTimeoutMs?: number;
}

export function attachOf(id: SessionId, at: Attachment, wish: AttachWish = {}): DatabaseRequest {
  return {
    kind: 'attach',
    session: id,
    attachment: at,
    floor: wish.floor ?? ZXID_ZERO,
    firstUnsettled: wish.firstUnsettled ?? 1,
    watches: wish.watches ?? [],
    more: wish.more ?? false,
    ...(wish.localTimeoutMs === undefined ? {} : { localTimeoutMs: wish.localTimeoutMs }),
  };
}

export function kinds(replies: readonly { readonly kind: string }[]): string[] {
  return replies.map((it) => it.kind);
}

/** The replies of one kind. */
export function only<Kind extends DatabaseReply['kind']>(
  replies: readonly DatabaseReply[],
  kind: Kind,
): Extract<DatabaseReply, { readonly kind: Kind }>[] {
  return replies.filter(
    (it): it is Extract<DatabaseReply, { readonly kind: Kind }> => it.kind === kind,
  );
}

export function entryOf(kind: EntryKind, at: Zxid, payload: Uint8Array): LogEntry {
  return { zxid: at, kind, payload };
}
