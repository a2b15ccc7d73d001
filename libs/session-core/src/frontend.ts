import { makeFrontendIncarnation, ZXID_ZERO } from '@paddock/model';
import type {
  Attachment,
  FrontendIncarnation,
  Limits,
  ProcessorReply,
  SessionId,
  Timing,
  Zxid,
} from '@paddock/model';
import type { Clock, Random, SecretHash } from '@paddock/ports';
import type { ClientSession } from './client-session.ts';
import { DatabaseStream } from './database-stream.ts';
import type { SessionFrontendDependencies, SessionFrontendOptions } from './frontend-status.ts';
import { IdentityProviders } from './identities.ts';
import { ProcessorLink } from './processor-link.ts';
import { ReadIndexes } from './read-indexes.ts';
import { RequestRates } from './request-rates.ts';
import { SessionlessWatches } from './sessionless-watches.ts';
import { TouchRounds } from './touch-rounds.ts';
import { UnaryCalls } from './unary-calls.ts';

export type Verdict = Extract<ProcessorReply, { kind: 'verdict' }>;

/** All that a front-end knows: shared by the files that hold its rules. Nothing of it survives it. */
export class Frontend {
  readonly limits: Limits;
  readonly timing: Timing;
  readonly clock: Clock;
  readonly random: Random;
  readonly secretHash: SecretHash;
  readonly identityProviders: IdentityProviders;
  readonly incarnation: FrontendIncarnation;
  /** Monotonic ms of the present step. */
  nowMs: number;
  lastTickMs: number;
  /** Before it no touch round leaves, however often a tick comes. */
  nextTouchMs = 0;
  /** The earliest end of a delay that the processor has asked for (H2). */
  holdUntilMs = Infinity;
  #connections = 0;

  readonly byLink = new Map<number, ClientSession>();
  /** By the number of the connection, which every message about an attachment carries. */
  readonly byConnection = new Map<number, ClientSession>();
  /** The connection through which the database knows a session: there events go. */
  readonly byId = new Map<SessionId, ClientSession>();

  readonly database: DatabaseStream;
  /** The highest zxid that any stream has reported: what a restarted database will reach again. */
  highestApplied: Zxid = ZXID_ZERO;
  readonly processor: ProcessorLink;
  readonly readIndexes = new ReadIndexes();
  readonly touches = new TouchRounds();
  readonly unary: UnaryCalls;
  readonly rates: RequestRates;
  readonly watches = new SessionlessWatches();
  /** What the processor refused and the database must confirm first (H4). */
  verdicts: Verdict[] = [];

  /** Sessions to be advanced at the end of the step, and those that wait for the neighbours' progress. */
  due: ClientSession[] = [];
  blocked: ClientSession[] = [];
  hasProgressed = false;
  /** Clients that are not read because too much is held, for them or in all. */
  readonly paused = new Set<ClientSession>();
  /** Connections that wait for what a credential comes to, by the number under which that is worked out. */
  readonly proving = new Map<number, ClientSession>();
  lastProof = 0;
  heldBytes = 0;

  constructor(options: SessionFrontendOptions, dependencies: SessionFrontendDependencies) {
    this.limits = options.limits;
    this.unary = new UnaryCalls(this.limits);
    this.rates = new RequestRates(this.limits.requestsPerSecond);
    this.timing = options.timing;
    this.clock = dependencies.clock;
    this.random = dependencies.random;
    this.secretHash = dependencies.secretHash;
    this.identityProviders = new IdentityProviders(dependencies.identityProviders ?? []);
    this.incarnation = makeFrontendIncarnation(this.random.safeInteger());
    this.nowMs = this.clock.monotonicMs();
    this.lastTickMs = this.nowMs;
    this.database = new DatabaseStream(this.nowMs);
    this.processor = new ProcessorLink(this.timing);
  }

  newAttachment(attempt: number): Attachment {
    this.#connections++;
    return { frontend: this.incarnation, connection: this.#connections, attempt };
  }

  /** The living connection of an attachment, if it is one of this front-end's. */
  sessionOf(session: SessionId, attachment: Attachment): ClientSession | undefined {
    if (attachment.frontend !== this.incarnation) return undefined;
    const found = this.byConnection.get(attachment.connection);
    return found?.session === session ? found : undefined;
  }

  /** To be advanced when the step ends. */
  markDue(session: ClientSession): void {
    if (session.isDue) return;
    session.isDue = true;
    this.due.push(session);
  }

  /**
   * Why nothing can be told of the state, in words for clients: the database has stopped serving, or has been gone for
   * too long for any session (H25). Null while it can be told, or is worth waiting for.
   */
  refusal(): string | null {
    const { database } = this;
    if (database.isUp) return null;
    const isLong = this.nowMs - database.lostAtMs > this.timing.sessionTimeoutMs / 3;
    const isBlind = !database.isOpen && this.processor.isRefused;
    if (!isLong && !isBlind) return null;
    return database.refusal ?? 'this replica has no database at present';
  }
}
