import { encodeText, TOKEN_SCHEME } from '@paddock/model';
import type { Credential } from '@paddock/model';
import { PaddockError } from './paddock-error.ts';

/**
 * A bearer token (JWT), or what gets one: it is asked for each connection, and again before the token ends, so that it
 * may give short-lived ones.
 */
export type TokenSource = string | (() => string | Promise<string>);

/** Fails as `authFailed` where there is none to be had. */
export async function credentialFrom(source: TokenSource): Promise<Credential> {
  if (typeof source === 'string') return credentialOf(source);
  try {
    return credentialOf(await source());
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new PaddockError('authFailed', '', `no token could be had: ${reason}`);
  }
}

function credentialOf(token: string): Credential {
  return { scheme: TOKEN_SCHEME, credential: encodeText(token) };
}

/** A token is replaced when so much of what is left of its time is over. */
const RENEWED_AT = 0.8;
/** Not more often than that, also where the source has nothing new, or fails. */
const RENEWED_MS_MIN = 5000;
const TIMER_MS_MAX = 2 ** 31 - 1;

/** What a renewal needs of time. */
export interface TokenTimers {
  wallMs(): number;
  /** Returns what takes it back. */
  after(delayMs: number, task: () => void): () => void;
}

const NODE_TIMERS: TokenTimers = {
  wallMs: () => Date.now(),
  after(delayMs, task) {
    const timer = setTimeout(task, Math.min(delayMs, TIMER_MS_MAX)).unref();
    return () => clearTimeout(timer);
  },
};

/** Gets tokens for a session: one for each connection, and another one before that has expired. */
export class TokenRenewal {
  readonly #source: TokenSource;
  readonly #renew: (credential: Credential) => Promise<unknown>;
  readonly #timers: TokenTimers;
  #cancel: (() => void) | undefined;
  #isStopped = false;

  /** `renew` shows another one on the connection that there is. */
  constructor(
    source: TokenSource,
    renew: (credential: Credential) => Promise<unknown>,
    timers: TokenTimers = NODE_TIMERS,
  ) {
    this.#source = source;
    this.#renew = renew;
    this.#timers = timers;
  }

  async credential(): Promise<Credential> {
    const credential = await credentialFrom(this.#source);
    if (typeof this.#source !== 'string') this.#schedule(endOf(credential));
    return credential;
  }

  stop(): void {
    this.#isStopped = true;
    this.#cancel?.();
  }

  #schedule(endsMs: number | undefined): void {
    this.#cancel?.();
    if (this.#isStopped || endsMs === undefined) return;
    const delayMs = Math.max(RENEWED_MS_MIN, (endsMs - this.#timers.wallMs()) * RENEWED_AT);
    this.#cancel = this.#timers.after(delayMs, () => void this.#show());
  }

  async #show(): Promise<void> {
    try {
      await this.#renew(await this.credential());
    } catch {
      // What is asked meanwhile says that the identity has ended, and a new connection asks for a token too.
      this.#schedule(0);
    }
  }
}

/** Milliseconds since 1970; undefined where it does not say, or is none that we can read. */
function endOf({ credential }: Credential): number | undefined {
  const [, payload = ''] = Buffer.from(credential).toString().split('.', 2);
  try {
    const claims: unknown = JSON.parse(Buffer.from(payload, 'base64url').toString());
    if (typeof claims !== 'object' || claims === null || !('exp' in claims)) return undefined;
    return typeof claims.exp === 'number' ? claims.exp * 1000 : undefined;
  } catch {
    return undefined;
  }
}
