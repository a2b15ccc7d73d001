import { formatZxid, NO_SESSION, ZXID_ZERO } from '@paddock/model';
import type { Zxid } from '@paddock/model';
import type { CachedZnode } from '@paddock/recipes';
import { ReferenceTree } from '../record/reference-tree.ts';
import { restoreOn } from '../record/restored-states.ts';
import type { World } from '../world.ts';

/** One znode, as far as users of a recipe see it. */
export interface ShownZnode {
  readonly text: string;
  readonly mzxid: Zxid;
}

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
  readonly #textOf: (znode: CachedZnode) => string | null;
  readonly #samples: Sample[] = [];

  /** `textOf`: null of a znode that is not shown. */
  constructor(
    world: World,
    path: string,
    violated: (what: string) => void,
    textOf: (znode: CachedZnode) => string | null,
  ) {
    this.#world = world;
    this.#path = path;
    this.#violated = violated;
    this.#textOf = textOf;
  }

  shown(who: string, zxid: Zxid, znodes: readonly ShownZnode[]): void {
    const rotten = new Set(this.#world.history.rotten.map((it) => it.zxid));
    // A database whose memory rots shows that until it finds out (P10).
    if (znodes.some(({ mzxid }) => rotten.has(mzxid))) return;
    this.#samples.push({ who, zxid, znodes: new Set(znodes.map(({ text }) => text)) });
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
    for (const { zxid, transaction, backup } of log.entries) {
      if ((samples[next]?.zxid ?? Infinity) < zxid) judgeBefore(zxid);
      if (backup !== null) restoreOn(tree, log, settings.limits, backup, zxid);
      if (transaction !== null) tree.apply(transaction.change, transaction);
    }
    judgeBefore(Infinity);
  }

  #stateOf(tree: ReferenceTree): ReadonlySet<string> {
    const path = this.#path;
    const terms = { snapshot: 0, bytes: 0, watch: false, atLeast: ZXID_ZERO } as const;
    const shown = tree.read({ kind: 'getSubtree', path, ...terms }, NO_SESSION);
    const znodes = shown.kind === 'subtree' ? shown.znodes : [];
    return new Set(znodes.flatMap((it) => this.#textOf(it) ?? []));
  }
}
