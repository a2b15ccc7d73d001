import { PaddockError, step, when } from '@paddock/client';
import type { Client, CreatedZnode, ZnodeData } from '@paddock/client';
import { TreeCache } from '../cache/tree-cache.ts';
import { childPath } from '../child-path.ts';
import type { Claim } from '../claim.ts';
import { Held } from '../held.ts';
import { Patience } from '../patience.ts';
import type { PatienceOptions } from '../patience.ts';
import { unthrottled } from '../unthrottled.ts';
import { untilAnswered } from '../until-answered.ts';
import { isGone, untilGone } from '../until-gone.ts';
import { GroupChanges } from './group-changes.ts';
import { membersOf } from './member.ts';
import type { Member } from './member.ts';
import { StandingMember } from './standing-member.ts';
import type { StandingOptions } from './standing-member.ts';

export interface JoinOptions extends PatienceOptions {
  /** Unique among the members; a number that is given out where it is absent. */
  readonly id?: string;
}

const UNNAMED = 'member-';

/**
 * Those who are there (paper 2.4, "Group Membership"): an ephemeral znode each below the path, named by the id of the
 * member, with its data, as Curator's GroupMember has them. Who dies without a word is a member until its session
 * expires.
 */
export class Group {
  readonly path: string;
  readonly #client: Client;
  /** Of a creation that is given up nobody would know the znode, which may be there all the same. */
  readonly #session: Client;

  constructor(client: Client, path: string) {
    this.#client = client;
    this.#session = client.with({});
    this.path = path;
  }

  /**
   * Joins. Where there is a member of this id it waits until that is gone: what was started again is so told from what
   * it was before, whose session may not have expired yet. The membership ends with the session, by `release`, or where
   * somebody removes it: one that was lost is released before its id joins anew. Its fenced client sets the data:
   * `held.client.set(held.path, data)`.
   */
  async join(data: ZnodeData = '', options: JoinOptions = {}): Promise<Held> {
    const client = this.#session;
    const { id } = options;
    const patience = new Patience(client, this.path, options);
    try {
      for (;;) {
        // A create that is asked once is done once while the session lives: nothing has to be found again.
        const created = await this.#create(id, data, patience.signal);
        if (created !== null) return new Held(this.#client, new Place(client, created));
        const path = childPath(this.path, id ?? '');
        await untilAnswered(client, patience.signal, () =>
          untilGone(client, path, patience.signal),
        );
      }
    } finally {
      patience.end();
    }
  }

  /** Joins, and again by another session where its own has ended, until it is closed. */
  stay(options: StandingOptions): StandingMember {
    const { id, data, ...rest } = options;
    const join = (client: Client, signal: AbortSignal): Promise<Held> =>
      new Group(client, this.path).join(data, { id, signal });
    return new StandingMember(this.#client, join, rest);
  }

  /** As a replica sees them. */
  async members(): Promise<readonly Member[]> {
    await using view = new TreeCache(this.#client, this.path);
    await view.ready;
    return membersOf(view);
  }

  /** Those who are there, and then who comes, goes, or has other data. */
  watch(): GroupChanges {
    return new GroupChanges(new TreeCache(this.#client, this.path));
  }

  /** Null where there is a member of this id. */
  async #create(
    id: string | undefined,
    data: ZnodeData,
    signal: AbortSignal,
  ): Promise<Pick<CreatedZnode, 'path' | 'stat'> | null> {
    const { path } = this;
    const member = step.create(childPath(path, id ?? UNNAMED), data, {
      mode: id === undefined ? 'ephemeralSequential' : 'ephemeral',
    });
    try {
      const { results } = await unthrottled(this.#session, signal, () =>
        this.#session.transaction({
          when: [when.absent(path)],
          then: [step.create(path, '', { mode: 'container', parents: true }), member],
          otherwise: [member],
        }),
      );
      const created = results.at(-1);
      if (created?.kind !== 'created') throw new TypeError('a member was not created');
      return created;
    } catch (error) {
      if (error instanceof PaddockError && error.code === 'nodeExists') return null;
      throw error;
    }
  }
}

/** A znode that stands for a member. */
class Place implements Claim {
  readonly path: string;
  readonly czxid: CreatedZnode['stat']['czxid'];
  readonly alsoNeeds = [];
  readonly #client: Client;

  constructor(client: Client, { path, stat }: Pick<CreatedZnode, 'path' | 'stat'>) {
    this.#client = client;
    this.path = path;
    this.czxid = stat.czxid;
  }

  get token(): CreatedZnode['stat']['czxid'] {
    return this.czxid;
  }

  async leave(): Promise<void> {
    const guard = { path: this.path, czxid: this.czxid };
    try {
      await unthrottled(this.#client, undefined, () =>
        this.#client.transaction({ guard, then: [step.delete(this.path)] }),
      );
    } catch (error) {
      const isOther = error instanceof PaddockError && error.code === 'guardFailed';
      if (!isOther && !isGone(error)) throw error;
    }
  }
}

export function group(client: Client, path: string): Group {
  return new Group(client, path);
}
