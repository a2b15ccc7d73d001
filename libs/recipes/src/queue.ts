import { PaddockError, read, step, when } from '@paddock/client';
import type { ChildrenList, Client, Stat, Zxid, ZnodeData } from '@paddock/client';
import { unlessAborted } from './abort.ts';
import { isSure } from './certainty.ts';
import { Job } from './job.ts';
import type { TakenJob } from './job.ts';
import { PlaceInLine } from './line.ts';
import type { Line } from './line.ts';
import { Patience } from './patience.ts';
import type { PatienceOptions } from './patience.ts';
import { untilFound } from './until-found.ts';
import { untilAnswered } from './until-answered.ts';
import { unthrottled } from './unthrottled.ts';

/** Jobs that are looked at together. */
const PAGE = 64;
const PRIORITY_MAX = 999;
const PRIORITY = 100;
const DELIVERIES_MAX = 10;

export interface QueueOptions {
  /**
   * Who has been taken so often without being acknowledged is put aside, among the `dead`; 10, unless told otherwise.
   */
  readonly deliveriesMax?: number;
}

export interface PutOptions {
  /** From 0 to 999; lower ones are taken first. 100, unless told otherwise. */
  readonly priority?: number;
}

export interface PutJob {
  readonly path: string;
  readonly zxid: Zxid;
}

export interface DeadJob {
  readonly path: string;
  readonly data: Uint8Array;
}

/**
 * Jobs that stay until somebody says that they are done. Each is delivered once or more often, to one session at a
 * time: it comes back when the session that has taken it ends, or gives it back. An acknowledged one is never delivered
 * again, and its acknowledgement is refused to whoever has lost it, in the same transaction. None is lost: one that
 * nobody gets done is put aside. Lower priorities come first, and of one priority those that were put first; a job that
 * came back is again where it was.
 *
 * Below its path: `jobs`, where each has its `lease` while it is taken; `line`, in which consumers wait, so that a job
 * that is put wakes one of them; `dead`. While the session lives, a job is put once, whatever happens to connections.
 */
export class Queue implements AsyncIterable<Job> {
  readonly #client: Client;
  /** Without bounds: nobody would give back a job that nobody knows of. */
  readonly #session: Client;
  readonly #jobs: string;
  readonly #dead: string;
  readonly #line: Line;
  readonly #deliveriesMax: number;

  constructor(client: Client, path: string, options: QueueOptions = {}) {
    const word = 'consumer-';
    const session = client.with({});
    this.#client = client;
    this.#session = session;
    this.#jobs = `${path}/jobs`;
    this.#dead = `${path}/dead`;
    this.#line = { client: session, path: `${path}/line`, word, waitsFor: [word] };
    this.#deliveriesMax = options.deliveriesMax ?? DELIVERIES_MAX;
  }

  async put(data: ZnodeData, { priority = PRIORITY }: PutOptions = {}): Promise<PutJob> {
    if (!Number.isInteger(priority) || priority < 0 || priority > PRIORITY_MAX) {
      throw new RangeError(
        `a priority is a whole number from 0 to ${PRIORITY_MAX}, not ${priority}`,
      );
    }
    const prefix = `${this.#jobs}/job-${String(priority).padStart(3, '0')}-`;
    const job = step.create(prefix, data, { mode: 'persistentSequential', parents: true });
    const { results, zxid } = await unthrottled(this.#client, undefined, () =>
      this.#client.transaction({ then: [job] }),
    );
    const [created] = results;
    if (created?.kind !== 'created') throw new TypeError('a job was not created');
    return { path: created.path, zxid };
  }

  /** Waits for a job. Consumers are served in the order in which they have come. */
  async take(options: PatienceOptions = {}): Promise<Job> {
    const client = this.#session;
    const patience = new Patience(client, this.#jobs, options);
    const { signal } = patience;
    const taking = PlaceInLine.take(this.#line, '', signal);
    try {
      const place = await unlessAborted(signal, taking);
      await place.untilFirst(signal);
      const taken = await this.#untilTaken(place, signal);
      return new Job(this.#client, taken);
    } catch (error) {
      taking.then((place) => place.leave()).catch(() => undefined);
      throw error;
    } finally {
      patience.end();
    }
  }

  /** Null where there is none that nobody has taken. */
  async tryTake(): Promise<Job | null> {
    const taken = await this.#takeFirst(null);
    return taken === null ? null : new Job(this.#client, taken);
  }

  /** As `consume`, until the loop is left. */
  [Symbol.asyncIterator](): AsyncIterator<Job> {
    return this.consume();
  }

  /**
   * Job after job. One that is not acknowledged when the next one is asked for, or the loop is left, is given back.
   * Ends when the signal fires; fails when the session is over.
   */
  async *consume(
    options: Pick<PatienceOptions, 'signal'> = {},
  ): AsyncGenerator<Job, undefined, undefined> {
    for (;;) {
      let job: Job;
      try {
        job = await this.take(options);
      } catch (error) {
        if (options.signal?.aborted === true) return;
        throw error;
      }
      try {
        yield job;
      } finally {
        await job.release();
      }
    }
  }

  /** How many there are, those that are taken included. */
  async size(): Promise<number> {
    const { stat } = await untilAnswered(this.#session, undefined, () =>
      this.#session.exists(this.#jobs),
    );
    return stat?.numChildren ?? 0;
  }

  /** Those that were put aside. Each is a znode, which whoever has seen to it deletes. */
  async dead(): Promise<readonly DeadJob[]> {
    const { children } = await this.#page(this.#dead, '', 0);
    if (children.length === 0) return [];
    const paths = children.map((name) => `${this.#dead}/${name}`);
    const { results } = await untilAnswered(this.#session, undefined, () =>
      this.#session.readMany(paths.map((path) => read.get(path))),
    );
    return results.flatMap((result, i): DeadJob[] =>
      result.kind === 'data' ? [{ path: paths[i] ?? '', data: result.data }] : [],
    );
  }

  async #untilTaken(place: PlaceInLine, signal: AbortSignal): Promise<TakenJob> {
    const client = this.#session;
    let orphan: Promise<TakenJob | null> = Promise.resolve(null);
    const look = (): Promise<TakenJob | null> => (orphan = this.#takeFirst(place));
    try {
      const taken = (await unlessAborted(signal, look())) ?? (await this.#untilFree(look, signal));
      while (!(await isSure(client, signal)));
      return taken;
    } catch (error) {
      // What was taken while nobody waited for it any more goes back.
      orphan.then((taken) => taken && new Job(client, taken).release()).catch(() => undefined);
      throw error;
    }
  }

  #untilFree(look: () => Promise<TakenJob | null>, signal: AbortSignal): Promise<TakenJob> {
    const depth = this.#jobs.split('/').length + 1;
    return untilFound(this.#session, this.#jobs, look, signal, {
      recursive: true,
      // A job has come, or was given back.
      matters: ({ kind, path }) =>
        kind === 'compacted' ||
        (kind === 'nodeCreated' && path.split('/').length === depth) ||
        (kind === 'nodeDeleted' && path.endsWith('/lease')),
    });
  }

  /** The first that nobody has; what was delivered too often is put aside on the way. */
  async #takeFirst(place: PlaceInLine | null): Promise<TakenJob | null> {
    for (let after = ''; ;) {
      const { children, more } = await this.#page(this.#jobs, after);
      if (children.length === 0) return null;
      const { results } = await untilAnswered(this.#session, undefined, () =>
        this.#session.readMany(children.map((name) => read.exists(`${this.#jobs}/${name}`))),
      );
      for (const [i, name] of children.entries()) {
        const result = results[i];
        if (result?.kind !== 'stat' || result.stat.numChildren > 0) continue;
        const taken = await this.#takeOne(name, result.stat, place);
        if (taken !== null) return taken;
      }
      if (!more) return null;
      after = children.at(-1) ?? after;
    }
  }

  /** Null where somebody else was faster, or nobody is to have it any more. */
  async #takeOne(name: string, stat: Stat, place: PlaceInLine | null): Promise<TakenJob | null> {
    if (deliveriesOf(stat) >= this.#deliveriesMax) {
      await this.#bury(name);
      return null;
    }
    const path = `${this.#jobs}/${name}`;
    const leave = place === null ? [] : [step.delete(place.path)];
    const { succeeded, results } = await unthrottled(this.#session, undefined, () =>
      this.#session.transaction({
        when: [when.childCount(path, '=', 0)],
        then: [step.create(`${path}/lease`, '', { mode: 'ephemeral' }), step.get(path), ...leave],
      }),
    );
    if (!succeeded) return null;
    const [lease, job] = results;
    if (lease?.kind !== 'created' || job?.kind !== 'data') {
      throw new TypeError('a job was not taken');
    }
    const { czxid } = lease.stat;
    const deliveries = deliveriesOf(job.stat);
    return { path, data: job.data, deliveries, lease: { path: lease.path, czxid } };
  }

  async #bury(name: string): Promise<void> {
    const path = `${this.#jobs}/${name}`;
    const client = this.#session;
    const { results } = await untilAnswered(client, undefined, () =>
      client.readMany([read.get(path)]),
    );
    const [job] = results;
    if (job?.kind !== 'data') return;
    await unthrottled(client, undefined, () =>
      client.transaction({
        when: [when.childCount(path, '=', 0)],
        then: [
          step.create(`${this.#dead}/${name}`, job.data, { parents: true }),
          step.delete(path),
        ],
      }),
    );
  }

  async #page(
    path: string,
    after: string,
    limit = PAGE,
  ): Promise<Pick<ChildrenList, 'children' | 'more'>> {
    try {
      return await untilAnswered(this.#session, undefined, () =>
        this.#session.list(path, { after, limit }),
      );
    } catch (error) {
      if (error instanceof PaddockError && error.code === 'noNode') {
        return { children: [], more: false };
      }
      throw error;
    }
  }
}

/** Each time its lease was created, and but for the last one deleted: so often have its children changed. */
function deliveriesOf({ cversion }: Stat): number {
  return Math.ceil(cversion / 2);
}

export function queue(client: Client, path: string, options: QueueOptions = {}): Queue {
  return new Queue(client, path, options);
}
