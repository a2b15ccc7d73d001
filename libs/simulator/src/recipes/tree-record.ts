import { decodeText, formatZxid, NO_SESSION, ZXID_ZERO } from '@paddock/model';
import type { Zxid } from '@paddock/model';
import type { CachedZnode } from '@paddock/recipes';
import { describe } from '../record/describe.ts';
import { ReferenceTree } from '../record/reference-tree.ts';
import { transactionsOn } from '../record/restored-states.ts';
import type { World } from '../world.ts';

interface Sample {
  readonly who: string;
  readonly zxid: Zxid;
  readonly znodes: ReadonlySet<string>;
}

/** What users have shown as the state of a subtree at a zxid, to be held against the log once all of that is known. */
export class TreeRecord {
  readonly #world: World;
  readonly #path: string;
  readonly #violated: (what: string) => void;
  readonly #samples: Sample[] = [];

  constructor(world: World, path: string, violated: (what: string) => void) {
    this.#world = world;
    this.#path = path;
    this.#violated = violated;
  }

  shown(who: string, zxid: Zxid, znodes: readonly CachedZnode[]): void {
    const rotten = new Set(this.#world.history.rotten.map((it) => it.zxid));
    // A database whose memory rots shows that until it finds out (P10).
    if (znodes.some(({ stat }) => rotten.has(stat.mzxid))) return;
    this.#samples.push({ who, zxid, znodes: new Set(znodes.map(textOfZnode)) });
  }

  judge(): void {
    const { log, settings } = this.#world;
    const tree = new ReferenceTree(settings.limits);
    const samples = this.#samples.toSorted((a, b) => a.zxid - b.zxid);
    let next = 0;
    const judgeBefore = (zxid: number): void => {
      const state = next < samples.length ? this.#stateOf(tree) : new Set<string>();
      for (let it = samples[next]; it !== undefined && it.zxid < zxid; it = samples[++next]) {
        const wrong = [...it.znodes].filter((znode) => !state.has(znode));
        const missing = [...state].filter((znode) => !it.znodes.has(znode));
        if (wrong.length + missing.length === 0) continue;
        const shown = `${it.who} shows @${formatZxid(it.zxid)} ${wrong.join('; ')}`;
        this.#violated(`${shown}, and not ${missing.join('; ')}`);
      }
    };
    for (const transaction of transactionsOn(tree, log, settings.limits)) {
      const { zxid, change } = transaction;
      if ((samples[next]?.zxid ?? Infinity) < zxid) judgeBefore(zxid);
      tree.apply(change, transaction);
    }
    judgeBefore(Infinity);
  }

  #stateOf(tree: ReferenceTree): ReadonlySet<string> {
    const path = this.#path;
    const terms = { snapshot: 0, bytes: 0, watch: false, atLeast: ZXID_ZERO } as const;
    const shown = tree.read({ kind: 'getSubtree', path, ...terms }, NO_SESSION);
    return new Set(shown.kind === 'subtree' ? shown.znodes.map(textOfZnode) : []);
  }
}

function textOfZnode({ path, data, stat }: Pick<CachedZnode, 'path' | 'data' | 'stat'>): string {
  return `${path} "${decodeText(data)}" ${describe(stat)}`;
}
