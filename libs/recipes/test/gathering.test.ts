import { trustedZxid } from '@paddock/model';
import type { Stat, Zxid } from '@paddock/client';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CachedZnode } from '../src/cache/cached-znode.ts';
import { Gathering } from '../src/cache/gathering.ts';
import type { Shown, Wanted } from '../src/cache/gathering.ts';

const PATHS = ['/', '/a', '/a/b', '/a/b/c', '/a/d', '/e', '/e/f', '/e/g'];

type Told = { readonly path: string; readonly zxid: Zxid; readonly isOfParent: boolean };
type Answer = { readonly zxid: Zxid; readonly shown: ReadonlyMap<string, Shown> };

/** A tree that keeps all its states, and what a session is sent of it, in order: events and answers. */
class NaiveService {
  readonly states: Map<string, CachedZnode>[] = [new Map([['/', znodeAt('/', 0, 0, 0)]])];
  readonly sent: (Told | Answer)[] = [];

  get last(): number {
    return this.states.length - 1;
  }

  get #now(): Map<string, CachedZnode> {
    return this.states[this.last] ?? new Map();
  }

  /** Creates, sets or deletes, as it can. */
  touch(path: string): void {
    const zxid = this.states.length;
    const next = new Map(this.#now);
    const found = next.get(path);
    const above = parentOf(path);
    const hasChildren = childrenOf(next, path).length > 0;
    const isCreated = found === undefined;
    const isDeleted = found !== undefined && !hasChildren && path !== '/' && zxid % 2 === 0;
    if (isCreated && !next.has(above)) return;
    if (isDeleted) next.delete(path);
    else if (isCreated) next.set(path, znodeAt(path, zxid, zxid, zxid));
    else next.set(path, znodeAt(path, found.stat.czxid, zxid, found.stat.pzxid));
    const isOfParent = isCreated || isDeleted;
    const parent = next.get(above);
    if (isOfParent && parent !== undefined) {
      next.set(above, znodeAt(above, parent.stat.czxid, parent.stat.mzxid, zxid));
    }
    this.states.push(next);
    this.sent.push({ path, zxid: trustedZxid(zxid), isOfParent });
  }

  answer(wanted: readonly Wanted[]): void {
    const now = this.#now;
    const shown = wanted.map(({ path, lists }): [string, Shown] => [
      path,
      { znode: now.get(path) ?? null, children: lists ? childrenOf(now, path) : null },
    ]);
    this.sent.push({ zxid: trustedZxid(this.last), shown: new Map(shown) });
  }
}

/** What the events and answers of a session come to. */
class NaiveView {
  readonly znodes = new Map<string, CachedZnode>();
  readonly #service: NaiveService;
  readonly #width: number;
  #gathering = new Gathering('/', 'below');
  #asked: readonly Wanted[] | null = null;
  #isAwaiting = false;
  zxid = -1;
  advances = 0;

  constructor(service: NaiveService, width: number) {
    this.#service = service;
    this.#width = width;
  }

  get isComplete(): boolean {
    return this.#gathering.isComplete;
  }

  ask(): void {
    if (this.#isAwaiting || this.#gathering.isComplete) return;
    this.#isAwaiting = true;
    this.#asked = this.#gathering.wanted(this.#width);
  }

  /** The service comes to its request. */
  isRead(): void {
    if (this.#asked !== null) this.#service.answer(this.#asked);
    this.#asked = null;
  }

  hear(): void {
    const next = this.#service.sent.shift();
    if (next === undefined) return;
    if ('path' in next) this.#gathering.told(next.path, next.zxid, next.isOfParent);
    else this.#heard(next);
  }

  /** An application may hear of an answer late, and of events behind it before. */
  hearLate(): void {
    const [first, second] = this.#service.sent;
    if (first === undefined || 'path' in first || second === undefined || !('path' in second)) {
      return;
    }
    this.#service.sent.splice(0, 2, second, first);
  }

  #heard(next: Answer): void {
    this.#isAwaiting = false;
    for (const { zxid, isWhole, znodes } of this.#gathering.shown(next.zxid, next.shown)) {
      if (isWhole) this.znodes.clear();
      for (const [path, znode] of znodes) {
        if (znode === null) this.znodes.delete(path);
        else this.znodes.set(path, znode);
      }
      expect(zxid).toBeGreaterThanOrEqual(this.zxid);
      this.zxid = zxid;
      this.advances++;
      expect(textOf(this.znodes)).toEqual(textOf(this.#service.states[zxid] ?? new Map()));
    }
  }

  /** The service cannot tell what has changed. */
  startAgain(): void {
    if (!this.#isAwaiting && this.#service.sent.length === 0) {
      this.#gathering = new Gathering('/', 'below');
    }
  }
}

describe('states that are put together from events and reads', () => {
  it('are states that the tree was in, one behind the other, and the last one in the end', () => {
    const action = fc.oneof(
      {
        weight: 4,
        arbitrary: fc.constantFrom(...PATHS).map((path) => ({ kind: 'touch', path }) as const),
      },
      ...(['ask', 'isRead', 'hear', 'hear', 'hearLate'] as const).map((kind) => ({
        weight: 2,
        arbitrary: fc.constant({ kind } as const),
      })),
      { weight: 1, arbitrary: fc.constant({ kind: 'startAgain' } as const) },
    );
    const runs = fc.property(
      fc.array(action, { minLength: 30, maxLength: 200, size: 'max' }),
      fc.integer({ min: 1, max: 9 }),
      (actions, width) => {
        const service = new NaiveService();
        for (const path of PATHS) service.touch(path);
        service.sent.length = 0;
        const view = new NaiveView(service, width);
        for (const it of actions) {
          if (it.kind === 'touch') service.touch(it.path);
          else view[it.kind]();
        }
        for (let i = 0; i < 1000 && !(view.isComplete && service.sent.length === 0); i++) {
          view.ask();
          view.isRead();
          view.hear();
        }
        expect(textOf(view.znodes)).toEqual(textOf(service.states[service.last] ?? new Map()));
      },
    );
    fc.assert(runs, { numRuns: 600 });
  });

  it('follow each other, though something changes between any two reads', () => {
    const service = new NaiveService();
    for (const path of PATHS) service.touch(path);
    service.sent.length = 0;
    const view = new NaiveView(service, 9);
    for (let i = 0; i < 400; i++) {
      view.ask();
      service.touch(PATHS[(i * 5) % PATHS.length] ?? '');
      service.touch(PATHS[(i * 3) % PATHS.length] ?? '');
      view.isRead();
      service.touch(PATHS[(i * 7) % PATHS.length] ?? '');
      while (service.sent.length > 1) view.hear();
    }
    expect(view.advances).toBeGreaterThan(50);
  });

  it('follow each other, though more changes between two reads than goes in one', () => {
    const service = new NaiveService();
    const paths = Array.from({ length: 200 }, (_, i) => `/${i}`);
    for (const path of paths) service.touch(path);
    service.sent.length = 0;
    const view = new NaiveView(service, 12);
    for (let i = 0; i < 400; i++) {
      view.ask();
      for (let j = 0; j < 5; j++) service.touch(paths[(i * 35 + j * 7) % paths.length] ?? '');
      view.isRead();
      for (let j = 0; j < 4; j++) service.touch(paths[(i * 28 + j * 7 + 3) % paths.length] ?? '');
      while (service.sent.length > 2) view.hear();
    }
    expect(view.advances).toBeGreaterThan(20);
  });
});

function znodeAt(path: string, czxid: number, mzxid: number, pzxid: number): CachedZnode {
  const stat: Stat = {
    ...{ czxid: trustedZxid(czxid), mzxid: trustedZxid(mzxid), pzxid: trustedZxid(pzxid) },
    ...{ ctime: 0, mtime: 0, version: 0, cversion: 0, aversion: 0 },
    ...{
      ephemeralOwner: null as never,
      dataLength: 0,
      numChildren: 0,
      kind: 'persistent',
      ttlMs: 0,
    },
  };
  return { path, data: new Uint8Array(0), stat };
}

function parentOf(path: string): string {
  return path.slice(0, Math.max(1, path.lastIndexOf('/')));
}

function childrenOf(znodes: ReadonlyMap<string, unknown>, path: string): readonly string[] {
  return [...znodes.keys()].filter((it) => it !== '/' && it !== path && parentOf(it) === path);
}

function textOf(znodes: ReadonlyMap<string, CachedZnode>): readonly string[] {
  return [...znodes.values()]
    .map(({ path, stat }) => `${path} ${stat.czxid} ${stat.mzxid} ${stat.pzxid}`)
    .sort();
}
