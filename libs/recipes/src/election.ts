import type { Client } from '@paddock/client';
import type { Held } from './held.ts';
import { Lock } from './lock.ts';
import type { AcquireOptions, LockOptions, WaitingContender } from './line-lock.ts';

/**
 * One of several leads, until its session ends or it resigns; then it is the next in line. Its line is that of
 * Curator's LeaderLatch: ephemeral sequential znodes `latch-` below its path.
 */
export class Election {
  readonly #turn: Lock;

  /** The options' data says who stands. */
  constructor(client: Client, path: string, options: LockOptions = {}) {
    this.#turn = new Lock(client, path, options, 'latch-');
  }

  /** Waits until it leads; what is returned is its leadership, and releasing that resigns. */
  campaign(options: AcquireOptions = {}): Promise<Held> {
    return this.#turn.acquire(options);
  }

  /** Works while it leads, and resigns. Fails as `lockLost` where it led no more before the work was done. */
  lead<T>(work: (leadership: Held) => Promise<T>, options: AcquireOptions = {}): Promise<T> {
    return this.#turn.run(work, options);
  }

  /** Who leads, as a replica sees it; null where nobody stands. */
  async leader(): Promise<WaitingContender | null> {
    return (await this.candidates())[0] ?? null;
  }

  /** The leader first, then those who would follow, in their order. */
  candidates(): Promise<readonly WaitingContender[]> {
    return this.#turn.contenders();
  }
}

export function election(client: Client, path: string, options: LockOptions = {}): Election {
  return new Election(client, path, options);
}
