import { isClientWrite, trustedPath, watchKindOf, ZXID_ZERO } from '@paddock/model';
import type {
  ClientOperation,
  Identities,
  OperationResult,
  SessionId,
  WatchEvent,
  WatchTerms,
  WatchKind,
  ZnodePath,
  Zxid,
} from '@paddock/model';
import type { ClientEnd, ClientState, ClientWatchEvent } from '@paddock/client-core';
import type { Place } from '../kernel/network-conditions.ts';

/** A place in the order of everything that was observed. */
export interface Moment {
  readonly order: number;
  readonly ms: number;
}

/** One operation, from its submission on. */
export interface OperationRecord {
  readonly session: SessionRecord;
  /** Among those of its session, in the order of submission. */
  readonly index: number;
  readonly operation: ClientOperation;
  /** Of a write, from 1 on; 0 for a read or a sync, and where the client refused it. */
  sequence: number;
  readonly submitted: Moment;
  settlement: Settlement | null;
  /** The answer said so. */
  readOnly?: true;
  /** Given up before it was sent: its settlement says so, which is no answer. */
  withdrawn?: true;
}

export interface Settlement {
  readonly at: Moment;
  readonly zxid: Zxid;
  readonly result: OperationResult;
}

/** What a client was told, in the order in which it was told. */
export type DeliveryRecord =
  | { readonly kind: 'settled'; readonly operation: OperationRecord; readonly at: Moment }
  | {
      readonly kind: 'event';
      /** Of the read that set the watch. */
      readonly operation: OperationRecord;
      readonly event: ClientWatchEvent;
      readonly at: Moment;
    }
  | {
      readonly kind: 'state';
      readonly state: ClientState;
      readonly end: ClientEnd | null;
      readonly at: Moment;
    };

/** From `from` to `to`, milliseconds; Infinity while it lasts. */
export interface Interval {
  readonly from: number;
  to: number;
}

export interface RestorationRecord {
  readonly asked: Moment;
  /** Null: nobody has said that it was done. */
  answered: Moment | null;
}

/** The same of one replica. */
export interface PlacedInterval extends Interval {
  readonly replica: Place;
}

/** One session, as its client saw it. */
export interface SessionRecord {
  readonly client: string;
  readonly number: number;
  id: SessionId | null;
  timeoutMs: number;
  /** What it has under way at most: more than the service keeps outcomes for is at its own risk. */
  readonly pipelineOperations: number;
  /** Who its client proves to be. */
  readonly identities: Identities;
  /** Whether it accepts to read from a replica that has lost the leader. */
  readonly acceptsReadOnly: boolean;
  /** Local sessions that it was given, one after the other; the last of them may have become a global one. */
  readonly localIds: SessionId[];
  readonly operations: OperationRecord[];
  readonly deliveries: DeliveryRecord[];
  /** When a connection opened or resumed it: what was not answered before is asked again. */
  readonly greetings: Moment[];
  /** When a connection carried it, and to which replica, from the answer to its greeting to its end. */
  readonly connections: PlacedInterval[];
  /** When its client did not run: paused, or gone for good. */
  readonly absences: Interval[];
}

/** A call without a session. */
export interface UnaryRecord {
  readonly operation: ClientOperation;
  readonly submitted: Moment;
  settlement: Settlement | null;
  /** The answer said so. */
  readOnly?: true;
}

/** A watch without a session, on one path, from its opening to its end or that of its front-end. */
export interface WatchStreamRecord {
  readonly path: string;
  /** As asked for. */
  readonly from: Zxid;
  /** Every event behind it is told; null: it was never opened. */
  opened: Zxid | null;
  /** What it said last of how far it was. */
  progress: Zxid;
  readonly terms: WatchTerms | undefined;
  readonly events: WatchEvent[];
  isOpen: boolean;
}

/** All that the outside has seen of one run; the checkers read nothing else of it. */
export class History {
  readonly sessions: SessionRecord[] = [];
  readonly unary: UnaryRecord[] = [];
  readonly watchStreams: WatchStreamRecord[] = [];
  /** When a front-end opened a stream to the database: it asks again what it asked on the one before. */
  readonly streams: { readonly replica: Place; readonly at: Moment }[] = [];
  /** Entries that a database was handed other than they are, on purpose. */
  readonly rotten: { readonly replica: Place; readonly zxid: Zxid }[] = [];
  /** What the operator knows of each backup that it has asked to be restored, by name. */
  readonly restorations = new Map<string, RestorationRecord>();
  /** When something was done that may keep signs of life from the processor, as the network or a crash does. */
  readonly silences: Interval[] = [];
  /** When nothing got through between clients and the front-end of a replica, though connections held. */
  readonly clientStalls: PlacedInterval[] = [];
  /** When the front-end of a replica did not run, or could not reach a leader. */
  readonly frontendAbsences: PlacedInterval[] = [];
  readonly #nowMs: () => number;
  #order = 0;

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  /** The next moment: no two are the same. */
  moment(): Moment {
    this.#order++;
    return { order: this.#order, ms: this.#nowMs() };
  }

  /** Operations that came to an answer, of sessions and of calls without one. */
  answered(): number {
    let answered = this.unary.filter((it) => it.settlement !== null).length;
    for (const { settlement } of this.operations()) if (settlement !== null) answered++;
    return answered;
  }

  *operations(): Iterable<OperationRecord> {
    for (const session of this.sessions) yield* session.operations;
  }
}

export const isWrite = isClientWrite;

/** Refusals that show nothing of the tree, whatever zxid comes along. */
const SHOW_NOTHING = [
  'operationTimeout',
  'throttled',
  'sessionExpired',
  'sessionMoved',
  'notServing',
  'notReadOnly',
];

/** The zxid of the state that an answer shows; 0: it shows none. */
export function shownBy(settlement: Settlement | null): Zxid {
  if (settlement === null) return ZXID_ZERO;
  const { result, zxid } = settlement;
  if (result.kind !== 'failed') return zxid;
  const showsNothing =
    SHOW_NOTHING.includes(result.code) || result.limit?.kind === 'watchesPerSession';
  return showsNothing ? ZXID_ZERO : zxid;
}

/** As `shownBy`, where events come before (P4): a connection that is read-only carries none. */
export function shownWithEvents({ readOnly, settlement }: OperationRecord): Zxid {
  return readOnly === true ? ZXID_ZERO : shownBy(settlement);
}

/** The watch that a read has set, by its answer: an absent znode can be watched for its creation alone. */
export function watchSetBy({ operation, settlement }: OperationRecord): SetWatch | null {
  if (settlement === null || !('watch' in operation) || !operation.watch) return null;
  const { result, zxid } = settlement;
  const kind = watchKindOf(operation);
  if (kind === null) return null;
  const isAbsent = result.kind === 'failed' && result.code === 'noNode';
  if (result.kind === 'failed' && !(operation.kind === 'exists' && isAbsent)) return null;
  return { kind, path: trustedPath(operation.path), from: zxid };
}

export interface SetWatch {
  readonly kind: WatchKind;
  readonly path: ZnodePath;
  readonly from: Zxid;
}
