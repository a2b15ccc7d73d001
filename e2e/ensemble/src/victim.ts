import { connect, decodeText } from '@paddock/client';
import type { Client } from '@paddock/client';
import { expect } from 'vitest';
import { Ensemble } from './ensemble.ts';
import type { Topology } from './ensemble.ts';
import { residentBytes } from './processes.ts';
import { HTTP2_PREFACE } from './raw-socket.ts';

/** Far above what bounds allow, far below what an unbounded queue would come to. */
const MEMORY_BYTES = 500 * 1024 * 1024;

export const GARBAGE = Uint8Array.from({ length: 4096 }, (_, index) => (index * 167 + 13) % 256);

/** Connections that are no calls: what each says at first, and then nothing more. */
export const CONNECTIONS: readonly [string, string | Uint8Array][] = [
  ['nothing', ''],
  ['the preface of HTTP/2 only', HTTP2_PREFACE],
  ['the preface of HTTP/2 and then garbage', Buffer.concat([Buffer.from(HTTP2_PREFACE), GARBAGE])],
  ['garbage', GARBAGE],
  ['HTTP/1.1', 'GET / HTTP/1.1\r\nHost: paddock\r\n\r\n'],
];

/** An ensemble under abuse, and a client of good manners whose calls must go on throughout. */
export class Victim {
  readonly ensemble: Ensemble;
  readonly #client: Client;
  #number = 0;

  private constructor(ensemble: Ensemble, client: Client) {
    this.ensemble = ensemble;
    this.#client = client;
  }

  static async start(topology: Topology): Promise<Victim> {
    const ensemble = await Ensemble.start({ topology });
    const client = await connect({ servers: ensemble.address });
    await client.create('/well');
    return new Victim(ensemble, client);
  }

  async stop(): Promise<void> {
    await this.#client.close();
    expect(await this.ensemble.stop()).toBe(0);
  }

  endpoint(name: string): string {
    return this.ensemble.serving.replicas[0]?.endpoints[name] ?? '';
  }

  /** The old client and a new one are served, and every process is the one that it was. */
  async expectWell(): Promise<void> {
    const path = `/well/${++this.#number}`;
    await this.#client.create(path, 'well');
    const newcomer = await connect({ servers: this.ensemble.address });
    await newcomer.sync();
    expect(decodeText((await newcomer.get(path)).data)).toBe('well');
    await newcomer.close();
    expect(this.#client.state).toBe('connected');
    for (const replica of (await this.ensemble.status()).replicas) {
      expect(replica.serving).toBe(true);
      for (const [name, stage] of Object.entries(replica.stages)) {
        expect(`${name} ${stage.restarts}`).toBe(`${name} 0`);
      }
    }
    expect(this.ensemble.events('died')).toEqual([]);
    for (const pid of this.ensemble.pids) expect(residentBytes(pid)).toBeLessThan(MEMORY_BYTES);
  }
}
