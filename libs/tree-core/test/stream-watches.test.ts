import { DEPTH_MAX, NO_SESSION, PLAIN_WATCH, tellsOnTerms } from '@paddock/model';
import type {
  Change,
  DatabaseReply,
  EventKind,
  ShownZnode,
  WatchEvent,
  WatchTerms,
  ZnodePath,
  Zxid,
} from '@paddock/model';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  attachment,
  DatabaseWorld,
  FRONTEND_A,
  NEVER_STALE,
  only,
  path,
  readOf,
  session,
  setting,
  zxid,
} from './database-world.ts';
import { NaiveTree } from './znodes/naive-tree.ts';
import type { TreeChange, Wish } from './znodes/naive-tree.ts';
import { runs, wishes } from './znodes/tree-arbitraries.ts';

const ALL: WatchTerms = { ...PLAIN_WATCH, depth: DEPTH_MAX };
const WHOLE: WatchTerms = { ...ALL, withStat: true, withData: true };

function world(): DatabaseWorld {
  const made = new DatabaseWorld({ eventHistory: 4096 }, NEVER_STALE).start();
  made.connect(FRONTEND_A);
  // Something was applied: ZXID_ZERO would ask for what happens from now on.
  made.open(session(1), attachment(FRONTEND_A, 1));
  made.told(FRONTEND_A);
  return made;
}

function open(
  made: DatabaseWorld,
  watch: number,
  at: string,
  terms: WatchTerms,
  from?: Zxid,
): void {
  const start = from ?? made.core.status().applied;
  made.ask(FRONTEND_A, { kind: 'openWatch', watch, path: path(at), from: start, terms });
}

function changeOf(change: TreeChange): Change {
  const { path: at } = change;
  if (change.kind === 'set') {
    return { kind: 'setZnodeData', path: at, data: change.data, version: change.version };
  }
  if (change.kind === 'delete') {
    return { kind: 'deleteZnode', path: at, parentCversion: change.parentCversion };
  }
  const { data, parentCversion, parentCreates } = change;
  const life = { znodeKind: 'persistent', ephemeralOwner: NO_SESSION, ttlMs: 0 } as const;
  return { kind: 'createZnode', path: at, data, ...life, parentCversion, parentCreates };
}

function grow(made: DatabaseWorld, naive: NaiveTree, all: readonly Wish[]): void {
  for (const wish of all) {
    const change = naive.change({ ...wish, owner: NO_SESSION });
    if (change !== null) made.apply(changeOf(change));
  }
}

function eventsOf(replies: readonly DatabaseReply[], watch: number): WatchEvent[] {
  return only(replies, 'watchEvent').flatMap((it) => (it.watch === watch ? [it.event] : []));
}

const kinds: readonly EventKind[] = [
  'nodeCreated',
  'nodeDeleted',
  'nodeDataChanged',
  'nodeChildrenChanged',
];
const terms: fc.Arbitrary<WatchTerms> = fc.record({
  kinds: fc.subarray([...kinds]),
  depth: fc.constantFrom(0, 1, 2, DEPTH_MAX),
  withStat: fc.boolean(),
  withData: fc.boolean(),
  progressMs: fc.constant(0),
});

describe('a watch stream on terms', () => {
  it('tells of the kinds and levels that it asks for, and of nothing else', () => {
    const { told, where } = { told: [] as string[], where: world() };
    for (const name of ['/a', '/ab', '/a/b', '/a/b/c']) where.create(name);
    const asked: [number, string, Partial<WatchTerms>][] = [
      [1, '/a', {}],
      [2, '/a', { depth: 1 }],
      [3, '/a', { depth: 2, kinds: ['nodeDataChanged'] }],
      [4, '/', { depth: DEPTH_MAX, kinds: ['nodeChildrenChanged', 'nodeDeleted'] }],
    ];
    for (const [number, at, wish] of asked) open(where, number, at, { ...PLAIN_WATCH, ...wish });
    where.told(FRONTEND_A);
    where.apply(setting('/a', 1));
    where.apply(setting('/ab', 1));
    where.apply(setting('/a/b', 1));
    where.apply(setting('/a/b/c', 1));
    where.apply({ kind: 'deleteZnode', path: path('/a/b/c'), parentCversion: 2 });
    for (const { watch, event } of only(where.told(FRONTEND_A), 'watchEvent')) {
      told.push(`${watch} ${event.kind} ${event.path}`);
    }
    expect(told.sort()).toEqual([
      '1 nodeDataChanged /a',
      '2 nodeChildrenChanged /a/b',
      '2 nodeDataChanged /a',
      '2 nodeDataChanged /a/b',
      '3 nodeDataChanged /a',
      '3 nodeDataChanged /a/b',
      '3 nodeDataChanged /a/b/c',
      '4 nodeChildrenChanged /a/b',
      '4 nodeDeleted /a/b/c',
    ]);
  });

  it('P9: tells, when it comes back, what it would have told, in the same order', () => {
    fc.assert(
      fc.property(wishes(40), wishes(80), terms, fc.nat(), (before, during, asked, pick) => {
        const made = world();
        const naive = new NaiveTree();
        grow(made, naive, before);
        const paths = [...naive.znodes.keys()];
        const top = paths[pick % paths.length] ?? path('/');
        const start = made.core.status().applied;
        open(made, 1, top, asked);
        open(made, 3, top, ALL);
        made.told(FRONTEND_A);
        grow(made, naive, during);
        const replies = made.told(FRONTEND_A);
        open(made, 2, top, asked, start);
        const again = eventsOf(made.told(FRONTEND_A), 2);
        expect(again).toEqual(eventsOf(replies, 1));
        const wanted = eventsOf(replies, 3).filter((it) => tellsOnTerms(asked, top, it));
        expect(again).toEqual(wanted);
      }),
      runs(60),
    );
  });

  it('shows the znode as of the event, and nothing where it has changed again since', () => {
    const made = world();
    const start = made.create('/a');
    open(made, 1, '/a', { ...WHOLE, depth: 0 });
    made.told(FRONTEND_A);
    made.apply(setting('/a', 1, Uint8Array.of(1)));
    made.apply(setting('/a', 2, Uint8Array.of(2)));
    const live = only(made.told(FRONTEND_A), 'watchEvent');
    expect(live.map(({ shown }) => [shown?.stat?.version, shown?.data?.[0]])).toEqual([
      [1, 1],
      [2, 2],
    ]);
    open(made, 2, '/a', { ...WHOLE, depth: 0 }, start);
    const again = only(made.told(FRONTEND_A), 'watchEvent');
    expect(again.map(({ shown }) => [shown?.stat?.version, shown?.data?.[0]])).toEqual([
      [undefined, undefined],
      [2, 2],
    ]);
    made.create('/a/b');
    const [ofChildren] = only(made.told(FRONTEND_A), 'watchEvent');
    expect(ofChildren).toMatchObject({ shown: { stat: { numChildren: 1 } } });
    expect(ofChildren?.shown).not.toHaveProperty('data');
  });

  it('a snapshot and the watch from its zxid come to the tree as it is, whatever was written between', () => {
    fc.assert(
      fc.property(wishes(60), wishes(80), fc.nat(8), fc.boolean(), (before, during, pace, late) => {
        const made = world();
        const naive = new NaiveTree();
        grow(made, naive, before);
        const top = path('/');
        const copy = new Map<ZnodePath, ShownZnode>();
        let number = 0;
        let at: Zxid = zxid(0);
        const replies: DatabaseReply[] = [];
        const page = (): boolean => {
          const asked = readOf(NO_SESSION, top);
          const place = { path: top, watch: false, snapshot: number, bytes: 500 } as const;
          const operation = { kind: 'getSubtree', ...place } as const;
          if (asked.kind === 'read') made.ask(FRONTEND_A, { ...asked, operation });
          const all = made.told(FRONTEND_A);
          replies.push(...all);
          const result = only(all, 'readReply')[0]?.result;
          if (result?.kind !== 'subtree') throw new Error(JSON.stringify(result));
          for (const { path: of, stat, data } of result.znodes) copy.set(of, { stat, data });
          number = result.snapshot;
          at = result.zxid;
          return result.more;
        };
        let more = page();
        if (!late) open(made, 1, top, WHOLE, at);
        for (const [i, wish] of during.entries()) {
          grow(made, naive, [wish]);
          if (more && i % (pace + 1) === 0) more = page();
        }
        while (more) more = page();
        if (late) open(made, 1, top, WHOLE, at);
        replies.push(...made.told(FRONTEND_A));
        for (const { event, shown } of only(replies, 'watchEvent')) {
          const { path: of } = event;
          const known = copy.get(of);
          if (event.kind === 'nodeDeleted') copy.delete(of);
          else copy.set(of, { ...known, ...shown });
        }
        const seen = [...copy].map(([of, it]) => ({
          of,
          version: it.stat?.version,
          data: it.data,
        }));
        const wanted = [...naive.znodes].map(([of, { stat, data }]) => {
          return { of, version: stat.version, data };
        });
        const order = (a: { of: string }, b: { of: string }): number => (a.of < b.of ? -1 : 1);
        expect(seen.sort(order)).toEqual(wanted.sort(order));
      }),
      runs(40),
    );
  });
});

describe('the progress of a watch stream', () => {
  const MARKED = { ...PLAIN_WATCH, progressMs: 1000 };

  function elapse(made: DatabaseWorld, ms: number): DatabaseReply[] {
    made.nowMs += ms;
    made.step({ kind: 'tick' });
    return made.told(FRONTEND_A);
  }

  it('is told while it is quiet, behind every event up to there', () => {
    const made = world();
    made.create('/a');
    open(made, 1, '/a', MARKED);
    made.told(FRONTEND_A);
    expect(only(elapse(made, 999), 'watchProgress')).toEqual([]);
    const other = made.create('/other');
    expect(only(elapse(made, 1), 'watchProgress')).toEqual([
      { kind: 'watchProgress', watch: 1, zxid: other },
    ]);
    const at = made.apply(setting('/a', 1));
    const replies = elapse(made, 1000);
    expect(replies.map((it) => it.kind)).toEqual(['watchEvent', 'applied']);
    expect(only(elapse(made, 1000), 'watchProgress')).toMatchObject([{ zxid: at }]);
    made.ask(FRONTEND_A, { kind: 'closeWatch', watch: 1 });
    expect(only(elapse(made, 5000), 'watchProgress')).toEqual([]);
  });

  it('is not told of what the database has not reached yet', () => {
    const made = world();
    made.create('/a');
    open(made, 1, '/a', MARKED, zxid(500));
    expect(only(elapse(made, 2000), 'watchProgress')).toEqual([]);
  });
});
