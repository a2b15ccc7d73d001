import type { Client, ZnodeData } from '@paddock/client';
import { Held } from './held.ts';
import { LineLock } from './line-lock.ts';
import type { LockOptions } from './line-lock.ts';
import type { Line, PlaceInLine } from './line.ts';

const READ = '__READ__';
const WRITE = '__WRIT__';

/** A write lock that is held; it may become a read lock. */
export class HeldWrite extends Held {
  readonly #place: PlaceInLine;
  readonly #readLine: Line;
  readonly #data: ZnodeData;

  constructor(client: Client, place: PlaceInLine, readLine: Line, data: ZnodeData) {
    super(client, place);
    this.#place = place;
    this.#readLine = readLine;
    this.#data = data;
  }

  /**
   * A read lock in its place, in one transaction: no writer comes between, and readers that wait are let in. It has the
   * same token. The write lock ends, as its signal says, whatever comes of it.
   */
  async downgrade(): Promise<Held> {
    this.endsBecause('it was downgraded');
    return new Held(this.session, await this.#place.exchange(this.#readLine, this.#data));
  }
}

/**
 * One writes alone, or many read. Everybody is served in the order in which they have asked: a reader waits for the
 * last writer before it, a writer for everybody before it, and each watches one znode. Its line is that of Curator's
 * InterProcessReadWriteLock: ephemeral sequential znodes `__READ__` and `__WRIT__` below its path. A held read lock
 * does not become a write lock: two that wanted that would wait for each other.
 */
export class ReadWriteLock {
  readonly read: LineLock<Held>;
  readonly write: LineLock<HeldWrite>;

  constructor(client: Client, path: string, options: LockOptions = {}) {
    const { data = '' } = options;
    const reading: Line = { client, path, word: READ, waitsFor: [WRITE] };
    const writing: Line = { client, path, word: WRITE, waitsFor: [READ, WRITE] };
    this.read = new LineLock(reading, data, (session, place) => new Held(session, place));
    this.write = new LineLock(
      writing,
      data,
      (session, place) => new HeldWrite(session, place, reading, data),
    );
  }
}

export function rwLock(client: Client, path: string, options: LockOptions = {}): ReadWriteLock {
  return new ReadWriteLock(client, path, options);
}
