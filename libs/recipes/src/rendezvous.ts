import { PaddockError } from '@paddock/client';
import type { Client, ZnodeData, Zxid } from '@paddock/client';
import { Group } from './group/group.ts';
import type { Held } from './held.ts';
import { Patience } from './patience.ts';
import type { PatienceOptions } from './patience.ts';
import { untilFound } from './until-found.ts';

/** What is found at a meeting point. */
export interface Announcement {
  readonly data: Uint8Array;
  /** Of the znode. */
  readonly path: string;
  /** When it was announced. */
  readonly zxid: Zxid;
}

/**
 * A meeting point (paper 2.4, "Rendezvous"): one process says where it is to be found, as soon as it knows that, and
 * others wait for it. It is one ephemeral znode, so that nobody finds who is gone; those who have met use a cache or a
 * group to learn of it.
 */
export class Rendezvous {
  readonly #client: Client;
  readonly #path: string;

  constructor(client: Client, path: string) {
    this.#client = client;
    this.#path = path;
  }

  /** Waits where somebody else is announced, until that is gone. */
  announce(data: ZnodeData, options: PatienceOptions = {}): Promise<Held> {
    const at = this.#path.lastIndexOf('/');
    const above = new Group(this.#client, this.#path.slice(0, Math.max(at, 1)));
    return above.join(data, { ...options, id: this.#path.slice(at + 1) });
  }

  /** Waits until somebody is announced. */
  async meet(options: PatienceOptions = {}): Promise<Announcement> {
    const patience = new Patience(this.#client, this.#path, options);
    try {
      return await untilFound(this.#client, this.#path, () => this.#look(), patience.signal);
    } finally {
      patience.end();
    }
  }

  async #look(): Promise<Announcement | null> {
    try {
      const { data, stat } = await this.#client.get(this.#path);
      return { data, path: this.#path, zxid: stat.mzxid };
    } catch (error) {
      if (error instanceof PaddockError && error.code === 'noNode') return null;
      throw error;
    }
  }
}

export function rendezvous(client: Client, path: string): Rendezvous {
  return new Rendezvous(client, path);
}
