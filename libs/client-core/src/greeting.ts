import { ZXID_ZERO } from '@paddock/model';
import type {
  Credential,
  SessionId,
  SessionRequest,
  WatchRegistration,
  Zxid,
} from '@paddock/model';
import type { ClientOptions } from './client-options.ts';

export interface Session {
  readonly id: SessionId;
  readonly secret: Uint8Array;
}

/** The first word on a connection: it opens a session, or resumes the one that there is; a local one cannot be. */
export function greetingOf(
  session: Session | null,
  { sessionTimeoutMs, readOnly, local }: ClientOptions,
  credentials: readonly Credential[] | undefined,
  resume: {
    readonly attempt: number;
    readonly ackedThrough: number;
    readonly floor: Zxid;
    readonly watches: readonly WatchRegistration[];
  },
): SessionRequest {
  const terms = { credentials, ...(readOnly === true ? { acceptsReadOnly: true as const } : {}) };
  if (session === null) {
    const scope = local === true ? { local: { watches: resume.watches } } : {};
    const open = { kind: 'open', timeoutMs: sessionTimeoutMs, ...terms, ...scope } as const;
    return resume.floor === ZXID_ZERO ? open : { ...open, floor: resume.floor };
  }
  return { kind: 'resume', session: session.id, secret: session.secret, ...resume, ...terms };
}
