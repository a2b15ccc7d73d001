import { assert } from '@paddock/model';
import type {
  Credential,
  Failed,
  OperationResult,
  ProvedIdentities,
  ProvedIdentity,
} from '@paddock/model';
import type { ClientSession } from './client-session.ts';
import type { SessionFrontendEffects } from './frontend-effects.ts';
import type { Frontend } from './frontend.ts';
import { refusalOfProof } from './identities.ts';
import { proofOf } from './proving.ts';
import { standingOf } from './standing.ts';

/** From here on the connection is these, as long as their time lasts. */
export function become(front: Frontend, session: ClientSession, proved: ProvedIdentities): void {
  const { identities, untilMs } = standingOf(proved, front.nowMs);
  session.proved = proved ?? [];
  session.identities = identities;
  session.identitiesUntilMs = untilMs;
}

/** What the credential of an operation has come to. */
export function addAuth(
  front: Frontend,
  session: ClientSession,
  credential: Credential,
): OperationResult {
  const added = addProof(front, session.proved, session, credential, false);
  if ('kind' in added) return added;
  become(front, session, added);
  session.mustIdentify = true;
  return { kind: 'identities', identities: session.identities ?? [] };
}

/** Null: the connection is what the credentials prove, too. All of them have been worked out. */
export function showAll(
  front: Frontend,
  session: ClientSession,
  credentials: readonly Credential[],
  isResume: boolean,
): Failed | null {
  let { proved } = session;
  for (const credential of credentials) {
    const added = addProof(front, proved, session, credential, isResume);
    if ('kind' in added) return added;
    proved = added;
  }
  become(front, session, proved);
  return null;
}

/**
 * A session outlives what proved its identities: where that is over at its resume, it goes on with a mark of it.
 * Whatever else proves nothing is refused.
 */
function addProof(
  front: Frontend,
  before: readonly ProvedIdentity[],
  session: ClientSession,
  credential: Credential,
  isResume: boolean,
): readonly ProvedIdentity[] | Failed {
  const { identityProviders: providers } = front;
  const { scheme } = credential;
  const proof = proofOf(front, session, credential);
  assert(proof !== null, 'a credential is shown when it has been worked out');
  if (proof.kind === 'proved') return providers.add(before, scheme, proof.identities);
  if (isResume && providers.isRenewed(scheme) && proof.kind !== 'busy') {
    const known = proof.kind === 'expired' ? proof.identities : [{ scheme, id: '' }];
    const ended = known.map((it) => ({ ...it, untilMs: -Infinity }));
    return providers.add(before, scheme, ended);
  }
  return refusalOfProof(proof);
}

/** Before what the connection asks is taken, and on a tick: what has ended is so no more. */
export function dropExpired(
  front: Frontend,
  session: ClientSession,
  out: SessionFrontendEffects,
): void {
  if (front.nowMs < session.identitiesUntilMs) return;
  become(front, session, session.proved);
  // What was asked before, and nobody has answered, asks as who it is now: also where it goes a second time.
  const { operations } = session;
  for (let position = operations.head; position < operations.tail; position++) {
    const slot = operations.at(position);
    if (!slot.answered) slot.identities = session.identities;
  }
  const { session: id } = session;
  out.events.push({ level: 'info', message: 'what proved an identity has expired', session: id });
  session.mustIdentify = true;
  if (session.attached) tellIdentities(front, session, out);
}

/** Says to the database who the session is now, whose watches tell what these may read. */
export function tellIdentities(
  front: Frontend,
  session: ClientSession,
  out: SessionFrontendEffects,
): void {
  session.mustIdentify = false;
  const { session: id, attachment, identities } = session;
  front.database.send({ kind: 'identify', session: id, attachment, identities }, out);
}
