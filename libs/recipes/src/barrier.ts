import { PaddockError, step, when } from '@paddock/client';
import type { Client, ZnodeData } from '@paddock/client';
import { unlessAborted } from './abort.ts';
import { Patience } from './patience.ts';
import type { PatienceOptions } from './patience.ts';
import { untilGone } from './until-gone.ts';
import { untilAnswered } from './until-answered.ts';
import { unthrottled } from './unthrottled.ts';

/**
 * Whoever comes waits, as long as it is set. As Curator's DistributedBarrier it is a znode: who waits watches it, and
 * all of them are woken when it goes, since all of them go on. It stays when whoever has set it is gone.
 */
export class Barrier {
  readonly #client: Client;
  readonly #path: string;

  constructor(client: Client, path: string) {
    this.#client = client;
    this.#path = path;
  }

  /** Nothing where it is set already. */
  async set(data: ZnodeData = ''): Promise<void> {
    const path = this.#path;
    await unthrottled(this.#client, undefined, () =>
      this.#client.transaction({
        when: [when.absent(path)],
        then: [step.create(path, data, { parents: true })],
      }),
    );
  }

  /** Lets all through; nothing where it is not set. */
  async remove(): Promise<void> {
    try {
      await unthrottled(this.#client, undefined, () => this.#client.delete(this.#path));
    } catch (error) {
      if (!(error instanceof PaddockError) || error.code !== 'noNode') throw error;
    }
  }

  /**
   * Waits until it is not set. One that anybody was told is set before the call is never passed for not being seen yet.
   */
  async wait(options: PatienceOptions = {}): Promise<void> {
    // A call that is given up is asked again: the options say how long this waits.
    const client = this.#client.with({});
    const path = this.#path;
    const patience = new Patience(client, path, options);
    const { signal } = patience;
    const look = (): ReturnType<Client['exists']> =>
      client.exists(path, { consistency: { kind: 'linearizable' } });
    try {
      for (;;) {
        const { stat } = await unlessAborted(signal, untilAnswered(client, signal, look));
        if (stat === null || (await untilGone(client, path, signal))) return;
      }
    } finally {
      patience.end();
    }
  }
}

export function barrier(client: Client, path: string): Barrier {
  return new Barrier(client, path);
}
