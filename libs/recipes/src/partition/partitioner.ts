import { PaddockError } from '@paddock/client';
import type { Client } from '@paddock/client';
import { unlessAborted, untilAborted } from '../abort.ts';
import { Group } from '../group/group.ts';
import type { Held } from '../held.ts';
import { Lock } from '../lock.ts';
import { untilAnswered } from '../until-answered.ts';
import { assignmentOf } from './assignment.ts';

export interface PartitionOptions {
  /** All parts, the same for all members. */
  readonly parts: readonly string[];
  /** Unique among the members. */
  readonly id: string;
  /**
   * Works on a part for as long as this member has it: until `leave` fires, since another member is to have it, or the
   * part is lost, or this member leaves. The part is given away once the work has returned, and not before.
   */
  readonly work: (part: string, held: Held, leave: AbortSignal) => Promise<void>;
}

interface Task {
  readonly leaving: AbortController;
  readonly done: Promise<void>;
}

/**
 * Parts that are shared out among those who are there, each to one at a time. Who has which is worked out by each for
 * itself from the members of a group; that they do not see the same members at the same time costs nothing but time,
 * since each part has a lock (`locks/PART` below the path; the members are in `members`). So a change stops only the
 * parts that move, where a barrier would stop all members for each one who comes, and for as long as the slowest needs.
 *
 * As with any lock: who was stopped may go on for a moment with a part that he has lost, and what he then writes by
 * `held.client` is refused.
 */
export class Partitioner implements AsyncDisposable {
  /** Settles when it has ended and no work goes on: by `close`, or with the error that it has ended by. */
  readonly ended: Promise<void>;
  readonly #client: Client;
  readonly #path: string;
  readonly #options: PartitionOptions;
  readonly #closing = new AbortController();
  readonly #tasks = new Map<string, Task>();
  readonly #owned = new Set<string>();
  /** Of the work, or of what keeps it from going on. */
  #failure: Error | null = null;

  constructor(client: Client, path: string, options: PartitionOptions) {
    this.#client = client;
    this.#path = path;
    this.#options = options;
    const bad = options.parts.find((part) => part === '' || part.includes('/'));
    if (bad !== undefined) {
      const reason = `a part is the name of a znode, which "${bad}" is not`;
      throw new PaddockError('badArguments', path, `partition ${path}: ${reason}`);
    }
    this.ended = this.#run().finally(() => this.#stopAll());
    this.ended.catch(() => undefined);
  }

  /** Parts that this member has at this moment, in their order. */
  get owned(): readonly string[] {
    return [...this.#owned].sort();
  }

  /** Gives all parts back, once the work on them has returned, and leaves. */
  async close(): Promise<void> {
    this.#closing.abort(new DOMException('the partitioner is closed', 'AbortError'));
    await this.ended.catch(() => undefined);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #run(): Promise<void> {
    const { signal } = this.#closing;
    const members = new Group(this.#client, `${this.#path}/members`);
    try {
      while (!signal.aborted) {
        const membership = await members.join('', { id: this.#options.id, signal });
        try {
          await this.#takePart(members, AbortSignal.any([signal, membership.signal]));
        } finally {
          // The parts first: who comes after is to find them free.
          await this.#stopAll();
          await membership.release();
        }
      }
    } catch (error) {
      if (!signal.aborted) throw error;
    }
    if (this.#failure !== null) throw this.#failure;
  }

  /** Until it is closed, or is no member any more. */
  async #takePart(members: Group, signal: AbortSignal): Promise<void> {
    const changes = members.watch();
    try {
      for (;;) {
        const { done, value } = await unlessAborted(signal, changes.next());
        if (done === true) return;
        this.#shareOut(value.all.map(({ id }) => id));
      }
    } catch (error) {
      if (!signal.aborted) throw error;
    } finally {
      await changes.return();
    }
  }

  #shareOut(members: readonly string[]): void {
    const { id, parts } = this.#options;
    const mine = new Set(assignmentOf(parts, members).get(id) ?? []);
    for (const [part, { leaving }] of this.#tasks) {
      if (!mine.has(part)) leaving.abort(new DOMException(`${part} is another's`, 'AbortError'));
    }
    for (const part of mine) this.#begin(part);
  }

  #begin(part: string): void {
    const before = this.#tasks.get(part);
    if (before?.leaving.signal.aborted === false) return;
    const leaving = new AbortController();
    // Where it is given away and comes back, the work on it has to return in between.
    const done = (before?.done ?? Promise.resolve())
      .then(() => this.#have(part, leaving.signal))
      .finally(() => {
        if (this.#tasks.get(part)?.leaving === leaving) this.#tasks.delete(part);
      });
    done.catch((error: unknown) => {
      this.#failure ??= error instanceof Error ? error : new Error(String(error));
      this.#closing.abort(this.#failure);
    });
    this.#tasks.set(part, { leaving, done });
  }

  /** Waits for the part, and works on it, as often as it is lost while it should be had. */
  async #have(part: string, leave: AbortSignal): Promise<void> {
    const lock = new Lock(this.#client, `${this.#path}/locks/${part}`, { data: this.#options.id });
    try {
      while (!leave.aborted) {
        const held = await untilAnswered(this.#client, leave, () =>
          lock.acquire({ signal: leave }),
        );
        this.#owned.add(part);
        const either = AbortSignal.any([leave, held.signal]);
        try {
          // It may have been lost, or be another's, since it was granted.
          if (!either.aborted) await this.#options.work(part, held, either);
          await untilAborted(either);
        } finally {
          this.#owned.delete(part);
          await held.release();
        }
      }
    } catch (error) {
      if (!leave.aborted) throw error;
    }
  }

  async #stopAll(): Promise<void> {
    const tasks = [...this.#tasks.values()];
    for (const { leaving } of tasks) leaving.abort(new DOMException('it leaves', 'AbortError'));
    await Promise.allSettled(tasks.map(({ done }) => done));
  }
}

/** Shares parts out among those who are there. */
export function partition(client: Client, path: string, options: PartitionOptions): Partitioner {
  return new Partitioner(client, path, options);
}
