import type { Limits, Term, Timing, Zxid } from '@paddock/model';
import type { Clock, Random, SecretHash } from '@paddock/ports';
import type { IdentityProvider } from './identities.ts';

export interface SessionFrontendOptions {
  readonly limits: Limits;
  readonly timing: Timing;
}

export interface SessionFrontendDependencies {
  readonly clock: Clock;
  readonly random: Random;
  readonly secretHash: SecretHash;
  /** One for each scheme of the credentials that clients may send. */
  readonly identityProviders?: readonly IdentityProvider[];
}

/** The neighbour without which the front-end cannot do all of its work. */
export type MissingNeighbour = 'database' | 'processor';

export interface SessionFrontendStatus {
  /** False: clients are sent elsewhere, and health says NOT_SERVING (H25). */
  readonly serving: boolean;
  /** Why not; empty while serving. */
  readonly refusal: string;
  /** Empty when reads and writes both have their way. */
  readonly missing: readonly MissingNeighbour[];
  /** Sessions of clients, those that are still being opened or resumed included. */
  readonly sessions: number;
  /** Operations received and not answered, unary calls included. */
  readonly outstanding: number;
  /** Bytes of those operations and of the answers that wait for earlier ones. */
  readonly heldBytes: number;
  readonly watches: number;
  /** TERM_ZERO before the first announcement. */
  readonly term: Term;
  /** What the database has reported as applied. */
  readonly applied: Zxid;
}
