import type { SessionId } from './session.ts';
import type { Epoch, Zxid } from './zxid.ts';

/**
 * Something worth telling an operator. Cores do not log: they emit these, and the runtime writes them, so that a
 * simulation and a server tell the same story. Never a znode's data.
 */
export interface StageEvent {
  readonly level: 'debug' | 'info' | 'warn' | 'error';
  /** A constant sentence; what varies is in the fields. */
  readonly message: string;
  readonly epoch?: Epoch;
  readonly zxid?: Zxid;
  readonly session?: SessionId;
  readonly detail?: Readonly<Record<string, string | number | boolean>>;
}
