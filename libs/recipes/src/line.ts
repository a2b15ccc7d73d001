import { PaddockError, step, when } from '@paddock/client';
import type { Client, CreatedZnode, StepResult, TransactionStep, ZnodeData } from '@paddock/client';
import { unlessAborted } from './abort.ts';
import { isSure } from './certainty.ts';
import type { Claim } from './claim.ts';
import { contendersOf } from './contender.ts';
import type { Contender } from './contender.ts';
import { isGone, untilGone } from './until-gone.ts';
import { untilAnswered } from './until-answered.ts';
import { unthrottled } from './unthrottled.ts';

/** A line of ephemeral sequential znodes below one znode. */
export interface Line {
  readonly client: Client;
  readonly path: string;
  /** Begins the names of those who join, and precedes the number of all that stand in it. */
  readonly word: string;
  /** Words of those who are waited for where they came before; their numbers are of one sequence. */
  readonly waitsFor: readonly string[];
}

/**
 * A place in a line, which is the heart of locks and elections (paper 2.4, "Simple Locks without Herd Effect"): each
 * watches only the last one of those before it, so that one departure wakes one process.
 */
export class PlaceInLine implements Claim {
  readonly path: string;
  /** When it was taken: of all places of the line the first has the lowest. */
  readonly czxid: CreatedZnode['zxid'];
  readonly token: CreatedZnode['zxid'];
  readonly alsoNeeds = [];
  readonly #line: Line;
  readonly name: string;
  readonly #number: number;

  private constructor(line: Line, { path, stat, counter }: PlaceZnode, token = stat.czxid) {
    this.#line = line;
    this.path = path;
    this.czxid = stat.czxid;
    this.token = token;
    this.name = path.slice(line.path.length + 1);
    this.#number = counter ?? 0;
  }

  /** Takes the last place; the znode of the line is created as a container where there is none. */
  static async take(line: Line, data: ZnodeData, signal?: AbortSignal): Promise<PlaceInLine> {
    const { client, path } = line;
    const place = PlaceInLine.taking(line, data);
    const { results } = await unthrottled(client, signal, () =>
      client.transaction({
        when: [when.absent(path)],
        then: [PlaceInLine.founding(line), place],
        otherwise: [place],
      }),
    );
    return PlaceInLine.taken(line, results.at(-1));
  }

  /** The steps of a transaction that takes the last place; and the place, by what the second one came to. */
  static founding({ path }: Line): TransactionStep<string> {
    return step.create(path, '', { mode: 'container', parents: true });
  }

  static taking({ path, word }: Line, data: ZnodeData): TransactionStep<string> {
    return step.create(`${path}/${word}`, data, { mode: 'ephemeralSequential' });
  }

  static taken(line: Line, result: StepResult | undefined): PlaceInLine {
    if (result?.kind === 'created') return new PlaceInLine(line, result);
    throw new TypeError('a place in line was not created');
  }

  /** Waits for its turn. Who stops waiting, by the signal, has yet to leave. */
  async untilFirst(
    signal?: AbortSignal,
    waitingFor: (before: Contender) => void = () => undefined,
  ): Promise<void> {
    const { client, path } = this.#line;
    for (;;) {
      const asking = untilAnswered(client, signal, () => this.#predecessor());
      const before = await unlessAborted(signal, asking);
      if (before !== null) {
        waitingFor(before);
        await untilGone(client, `${path}/${before.name}`, signal);
      } else if (await isSure(client, signal)) return;
    }
  }

  /** Whether it is first now, without waiting. */
  async isFirst(): Promise<boolean> {
    const { client } = this.#line;
    const before = await untilAnswered(client, undefined, () => this.#predecessor());
    return before === null && client.state !== 'lost';
  }

  /**
   * Also where its session is over, or somebody else has removed it. While the session lives nothing else keeps a place
   * from being left: all behind it would wait for ever.
   */
  async leave(): Promise<void> {
    const { client } = this.#line;
    try {
      await unthrottled(client, undefined, () => client.delete(this.path));
    } catch (error) {
      if (isGone(error)) return;
      throw error;
    }
  }

  /**
   * Becomes a place of another kind of the same line, where it stands: nobody comes between. Those behind see the old
   * one gone and the new one there at once. The token stays, since the place does.
   */
  async exchange(line: Line, data: ZnodeData): Promise<PlaceInLine> {
    const { client, path } = this.#line;
    const digits = this.name.slice(this.name.lastIndexOf(this.#line.word) + this.#line.word.length);
    const { path: mine, czxid } = this;
    const { results } = await unthrottled(client, undefined, () =>
      client.transaction({
        guard: { path: mine, czxid },
        then: [
          step.delete(mine),
          step.create(`${path}/${line.word}${digits}`, data, { mode: 'ephemeral' }),
        ],
      }),
    );
    const created = results.at(-1);
    if (created?.kind !== 'created') throw new TypeError('a place in line was not exchanged');
    return new PlaceInLine(line, { ...created, counter: this.#number }, this.token);
  }

  async #predecessor(): Promise<Contender | null> {
    const { client, path, waitsFor } = this.#line;
    const { children } = await client.list(path);
    if (!children.includes(this.name)) {
      throw new PaddockError('noNode', this.path, `${this.path} was removed`);
    }
    const contenders = contendersOf(children, ...waitsFor);
    return contenders.findLast(({ number }) => number < this.#number) ?? null;
  }
}

type PlaceZnode = Pick<CreatedZnode, 'path' | 'stat' | 'counter'>;
