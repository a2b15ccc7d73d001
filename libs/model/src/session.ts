import { assert } from './assert.ts';

declare const sessionBrand: unique symbol;
declare const frontendBrand: unique symbol;

/** A session's public name: a random safe integer from 1 on. It grants nothing; the secret does. */
export type SessionId = number & { readonly [sessionBrand]: true };

/** No session: the owner of a persistent znode, the session of a unary read. */
export const NO_SESSION = 0 as SessionId;

/** One life of a session front-end: a random safe integer drawn when its core is built. */
export type FrontendIncarnation = number & { readonly [frontendBrand]: true };

export function isSessionId(value: number): value is SessionId {
  return Number.isSafeInteger(value) && value > 0;
}

export function makeSessionId(value: number): SessionId {
  assert(isSessionId(value), `a session id is a safe integer from 1 on, not ${value}`);
  return value;
}

/** The id that was a SessionId before it was kept as a number, for instance in a Float64Array. */
export function trustedSessionId(value: number): SessionId {
  return value as SessionId;
}

export function makeFrontendIncarnation(value: number): FrontendIncarnation {
  assert(Number.isSafeInteger(value) && value > 0, `no front-end incarnation is ${value}`);
  return value as FrontendIncarnation;
}

/** Sixteen lower-case hexadecimal digits, as ZooKeeper's tools print session ids. */
export function formatSessionId(session: SessionId): string {
  return session.toString(16).padStart(16, '0');
}

/**
 * One connection of one session (rule H3). A resume installs a new attachment and fences the older one; whatever
 * arrives under another attachment than the installed one is refused.
 */
export interface Attachment {
  readonly frontend: FrontendIncarnation;
  /** Number of the connection within the front-end's incarnation, from 1 on. */
  readonly connection: number;
  /** The client's own count of its connection attempts for this session; a lower one never replaces a higher one. */
  readonly attempt: number;
}

export function sameAttachment(a: Attachment, b: Attachment): boolean {
  return a.frontend === b.frontend && a.connection === b.connection && a.attempt === b.attempt;
}

/** What the request processor knows of a session, replicated with every replica's session table. */
export interface SessionRow {
  readonly session: SessionId;
  readonly timeoutMs: number;
  readonly secretHash: Uint8Array;
  readonly attachment: Attachment;
  /** Highest write sequence applied for this session; 0 before the first. */
  readonly lastSequence: number;
  /** Sum of ephemeralCost over the session's ephemerals; bounded so that its close fits one transaction (H6). */
  readonly ephemeralBytes: number;
}

/** What a replica's database tells of a session to whoever asks. Nothing of it grants anything. */
export interface SessionInfo {
  readonly session: SessionId;
  readonly timeoutMs: number;
  /** Of the attachment that counts: which front-end serves it, and by which of its connections. */
  readonly frontend: FrontendIncarnation;
  readonly connection: number;
  /** Highest write sequence applied. */
  readonly writes: number;
  /** Outcomes kept for its client, which has not acknowledged them. */
  readonly outcomes: number;
  readonly ephemerals: number;
  /** As in SessionRow. */
  readonly ephemeralBytes: number;
  /** Null where the session is attached to another replica's database: only that one knows. */
  readonly watches: number | null;
  /** In no table: it is listed by the replica alone that it is connected to. */
  readonly isLocal: boolean;
}

/** restored: with all others, when the ensemble was brought to the state of a backup. */
export type SessionEnd = 'closed' | 'expired' | 'restored';
