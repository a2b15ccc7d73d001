import type { Client } from '@paddock/client';
import { Held } from './held.ts';
import { LineLock } from './line-lock.ts';
import type { LockOptions } from './line-lock.ts';

/**
 * A lock that sessions hold one after the other, in the order in which they have asked. Its line is that of Curator's
 * InterProcessMutex: ephemeral sequential znodes `lock-` below its path, of which each watches the one before it.
 */
export class Lock extends LineLock<Held> {
  /** `word`: of the znodes of its line, where another recipe's is to be shared. */
  constructor(client: Client, path: string, options: LockOptions = {}, word = 'lock-') {
    const line = { client, path, word, waitsFor: [word] };
    super(line, options.data ?? '', (session, place) => new Held(session, place));
  }
}

export function lock(client: Client, path: string, options: LockOptions = {}): Lock {
  return new Lock(client, path, options);
}
