import type { StateListener } from '@paddock/client';
import { describe, expect, it } from 'vitest';
import { untilInterrupted } from '../src/command-context.ts';

/** The part of a client that tells of its session. */
class Session {
  readonly #listeners: StateListener[] = [];

  on(_event: 'state', listener: StateListener): () => void {
    this.#listeners.push(listener);
    return () => undefined;
  }

  enter(state: Parameters<StateListener>[0]['state'], reason: string): void {
    for (const listener of this.#listeners) listener({ state, reason });
  }
}

describe('a command that holds something', () => {
  it('goes on while its connection comes and goes, until it is interrupted', async () => {
    const session = new Session();
    const interruption = new AbortController();
    const held = untilInterrupted({ interrupted: interruption.signal }, session);
    session.enter('suspended', 'the server is gone');
    session.enter('connected', '');
    interruption.abort();
    await held;
  });

  it('fails when its session ends, with an exit code and what it means', async () => {
    const session = new Session();
    const held = untilInterrupted({ interrupted: new AbortController().signal }, session);
    session.enter('expired', 'by the leader');
    await expect(held).rejects.toMatchObject({
      exitCode: 4,
      message: 'the session has expired (by the leader); what it held is gone',
    });
  });
});
