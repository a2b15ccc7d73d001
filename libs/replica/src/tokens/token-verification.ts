import { ACL_ID_MAX, TOKEN_GROUP_SCHEME, TOKEN_SCHEME } from '@paddock/model';
import type { Identity } from '@paddock/model';
import type { TokenSettings } from '@paddock/node-runtime';
import { errors, jwtVerify } from 'jose';
import type { JWTPayload, JWTVerifyGetKey } from 'jose';

/** What a token says, once. Times are milliseconds since 1970. Reasons never have anything of the token. */
export type VerifiedToken =
  | { readonly kind: 'holds'; readonly identities: readonly Identity[]; readonly endsMs: number }
  | { readonly kind: 'expired'; readonly identities: readonly Identity[]; readonly reason: string }
  | { readonly kind: 'bad'; readonly reason: string; readonly isKeyUnknown: boolean };

type Terms = Omit<TokenSettings, 'keys'>;

export async function verifyToken(
  token: string,
  keys: JWTVerifyGetKey,
  terms: Terms,
  nowMs: number,
): Promise<VerifiedToken> {
  try {
    const { payload } = await jwtVerify(token, keys, {
      issuer: terms.issuer,
      audience: [...terms.audience],
      algorithms: [...terms.algorithms],
      clockTolerance: terms.clockToleranceMs / 1000,
      currentDate: new Date(nowMs),
      requiredClaims: ['exp', terms.identityClaim],
    });
    const identities = identitiesOf(payload, terms);
    if (typeof identities === 'string') return bad(identities);
    return { kind: 'holds', identities, endsMs: endOf(payload) + terms.clockToleranceMs };
  } catch (error) {
    return faultOf(error, terms);
  }
}

function faultOf(error: unknown, terms: Terms): VerifiedToken {
  if (error instanceof errors.JWTExpired) {
    // Looked at last: all else of it is as it has to be.
    const identities = identitiesOf(error.payload, terms);
    if (typeof identities === 'string') return bad(identities);
    const at = new Date(endOf(error.payload)).toISOString();
    return { kind: 'expired', identities, reason: `the token has expired at ${at}` };
  }
  if (error instanceof errors.JWTClaimValidationFailed) return bad(faultOfClaim(error, terms));
  if (error instanceof errors.JOSEAlgNotAllowed) {
    return bad(`the token is not signed by one of ${terms.algorithms.join(', ')}`);
  }
  if (error instanceof errors.JWKSNoMatchingKey) {
    const reason = 'the key that the token is signed by is not known here';
    return { kind: 'bad', reason, isKeyUnknown: true };
  }
  if (error instanceof errors.JWKSMultipleMatchingKeys) {
    return bad('the token does not name its key ("kid"), and more than one could be it');
  }
  if (error instanceof errors.JWSSignatureVerificationFailed) {
    return bad('the signature of the token is not good');
  }
  return bad('the token is malformed');
}

function bad(reason: string): VerifiedToken {
  return { kind: 'bad', reason, isKeyUnknown: false };
}

function faultOfClaim(
  { claim, reason }: errors.JWTClaimValidationFailed,
  { issuer, audience, identityClaim }: Terms,
): string {
  if (reason === 'missing' || reason === 'invalid') {
    const wanted = ['iss', 'aud', 'exp', 'nbf', 'iat', identityClaim].includes(claim);
    const which = wanted ? `claim "${claim}"` : 'claims';
    return `the token lacks its ${which}, or has no good one`;
  }
  switch (claim) {
    case 'iss':
      return `the token is not of the issuer ${issuer}`;
    case 'aud':
      return `the token is not for ${audience.join(' or ')}, but for another audience`;
    case 'nbf':
      return 'the token does not hold yet';
    default:
      return 'a claim of the token is not as it has to be';
  }
}

function endOf({ exp = 0 }: JWTPayload): number {
  return exp * 1000;
}

/** Or what is wrong with the claims that say it. */
function identitiesOf(
  payload: JWTPayload,
  { identityClaim, groupsClaim }: Terms,
): readonly Identity[] | string {
  const id = payload[identityClaim];
  if (!isId(id)) return `the claim "${identityClaim}" of the token is no name`;
  const identities = [{ scheme: TOKEN_SCHEME, id }];
  const groups = groupsClaim === undefined ? undefined : payload[groupsClaim];
  if (groups === undefined) return identities;
  const names: readonly unknown[] = Array.isArray(groups) ? groups : [groups];
  for (const group of names) {
    if (!isId(group)) return `the claim "${groupsClaim ?? ''}" of the token is no list of names`;
    identities.push({ scheme: TOKEN_GROUP_SCHEME, id: group });
  }
  return identities;
}

/** As an ACL may name it, and as every stage reads the same. */
function isId(value: unknown): value is string {
  if (typeof value !== 'string' || value === '' || value.length > ACL_ID_MAX) return false;
  return value.isWellFormed();
}
