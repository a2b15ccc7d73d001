import type { Credential, SessionRequest } from '@paddock/model';
import type { ClientSession } from './client-session.ts';
import type { SessionFrontendEffects } from './frontend-effects.ts';
import type { Frontend } from './frontend.ts';
import type { Proof } from './identities.ts';

/** A connection waits for what a credential comes to, and all that it sends waits behind it, in order (P2). */
export interface Proving {
  readonly number: number;
  readonly credential: Credential;
  readonly sinceMs: number;
  readonly held: SessionRequest[];
}

/**
 * What a credential has come to; null: it has to be worked out. It is asked for once: a token that was known in one
 * moment may have to be verified in the next.
 */
export function proofOf(
  front: Frontend,
  session: ClientSession,
  credential: Credential,
): Proof | null {
  // The same object: only the request that brings it has asked for it.
  const told = session.told.find((it) => it.credential === credential);
  if (told !== undefined) return told.proof;
  const proof = front.identityProviders.proofOf(credential);
  if (proof !== null) session.told.push({ credential, proof });
  return proof;
}

/**
 * Has the credential worked out. `request` comes again when that is done; until then the connection is not read, so
 * that whoever has proved nothing holds no more here than what was in its socket.
 */
export function prove(
  front: Frontend,
  session: ClientSession,
  credential: Credential,
  request: SessionRequest,
  out: SessionFrontendEffects,
): void {
  const number = ++front.lastProof;
  session.proving = { number, credential, sinceMs: front.nowMs, held: [request] };
  front.proving.set(number, session);
  const { scheme, credential: bytes } = credential;
  out.proofs.push({ number, credential: { scheme, credential: bytes } });
  if (session.pausedHere) return;
  session.pausedHere = true;
  front.paused.add(session);
  out.clientReading.push({ link: session.link, paused: true });
}

/** Nobody waits for it any more. */
export function forgetProving(front: Frontend, session: ClientSession): void {
  if (session.proving === null) return;
  front.proving.delete(session.proving.number);
  session.proving = null;
}

/**
 * What a proof has come to: what waited for it is taken by `take`, as far as it needs no other. The connection is read
 * again when the step ends.
 */
export function receiveProof(
  front: Frontend,
  number: number,
  proof: Proof,
  take: (session: ClientSession, request: SessionRequest) => void,
): void {
  const session = front.proving.get(number);
  const proving = session?.proving;
  if (session === undefined || proving === undefined || proving === null) return;
  forgetProving(front, session);
  const { credential, held } = proving;
  session.told.push({ credential, proof });
  for (const [index, request] of held.entries()) {
    const { proving: again } = session;
    if (again !== null) {
      again.held.push(...held.slice(index));
      return;
    }
    take(session, request);
    if (session.phase === 'ended') return;
  }
}

/** On a tick: a provider that does not answer is not waited for for ever. */
export function overdueProof(front: Frontend, session: ClientSession): number | null {
  const { proving } = session;
  if (proving === null || front.nowMs - proving.sinceMs < front.timing.floorWaitMs) return null;
  return proving.number;
}

export const TOO_LATE: Proof = {
  kind: 'refused',
  reason: 'the credential could not be verified in time',
};
