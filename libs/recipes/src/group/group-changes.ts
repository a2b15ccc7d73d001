import type { Zxid } from '@paddock/client';
import type { TreeCache } from '../cache/tree-cache.ts';
import { Latest } from '../latest.ts';
import { membersOf } from './member.ts';
import type { Member } from './member.ts';

/** How a group differs from what was last told of it. */
export interface GroupChange {
  readonly added: readonly Member[];
  /** As they were. */
  readonly removed: readonly Member[];
  /** Those with other data. */
  readonly updated: readonly Member[];
  /** In the order in which they have joined. */
  readonly all: readonly Member[];
  /** Of the state that this is. */
  readonly zxid: Zxid;
}

/**
 * The members of a group, for `for await`: first all who are there, and then each difference. Who takes them slowly is
 * told of several changes at once. It fails with the session; leaving the loop ends its watch.
 */
export class GroupChanges implements AsyncIterableIterator<GroupChange, undefined> {
  readonly #states: Latest<Pick<GroupChange, 'all' | 'zxid'>>;
  #told: readonly Member[] | null = null;

  constructor(view: TreeCache) {
    this.#states = new Latest(() => view.close());
    view.on('advance', () => {
      if (view.state === 'ended') this.#states.end(view.error);
      else this.#states.put({ all: membersOf(view), zxid: view.zxid });
    });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async next(): Promise<IteratorResult<GroupChange, undefined>> {
    for (;;) {
      const { done, value } = await this.#states.next();
      if (done === true) return { done, value: undefined };
      const before = this.#told;
      this.#told = value.all;
      const change = differenceOf(before ?? [], value.all);
      const { added, removed, updated } = change;
      const isDifferent = added.length + removed.length + updated.length > 0;
      if (before === null || isDifferent) {
        return { done: false, value: { ...change, ...value } };
      }
    }
  }

  return(): Promise<IteratorResult<GroupChange, undefined>> {
    return this.#states.return().then(() => ({ done: true, value: undefined }));
  }
}

/** Who joined anew under an id has left and come. */
function differenceOf(
  before: readonly Member[],
  now: readonly Member[],
): Pick<GroupChange, 'added' | 'removed' | 'updated'> {
  const then = new Map(before.map((it) => [it.id, it]));
  const there = new Map(now.map((it) => [it.id, it]));
  const isSame = (a: Member | undefined, b: Member): boolean => a?.since === b.since;
  return {
    added: now.filter((it) => !isSame(then.get(it.id), it)),
    removed: before.filter((it) => !isSame(there.get(it.id), it)),
    updated: now.filter((it) => {
      const was = then.get(it.id);
      return was?.since === it.since && was.changed !== it.changed;
    }),
  };
}
