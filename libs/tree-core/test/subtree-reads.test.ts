import { NO_SESSION } from '@paddock/model';
import type { Acl, Identities, ReadResult } from '@paddock/model';
import { describe, expect, it } from 'vitest';
import {
  creation,
  DatabaseWorld,
  deletion,
  FRONTEND_A,
  FRONTEND_B,
  NEVER_STALE,
  only,
  path,
  readOf,
  setting,
} from './database-world.ts';

const ADA: Identities = [{ scheme: 'digest', id: 'ada:hash' }];
const ADAS: Acl = [{ permissions: 31, scheme: 'digest', id: 'ada:hash' }];

function world(limits = {}): DatabaseWorld {
  const made = new DatabaseWorld(limits, NEVER_STALE).start();
  made.connect(FRONTEND_A);
  made.connect(FRONTEND_B);
  for (const name of ['/a', '/a/b', '/a/c', '/a/b/d']) made.create(name);
  made.apply(creation('/a/hers', undefined, undefined, ADAS));
  made.told(FRONTEND_A);
  return made;
}

function elapse(made: DatabaseWorld, ms: number): void {
  made.nowMs += ms;
  made.step({ kind: 'tick' });
}

interface Page {
  readonly top?: string;
  readonly snapshot?: number;
  readonly bytes?: number;
  readonly identities?: Identities;
  readonly link?: number;
}

function page(made: DatabaseWorld, wish: Page = {}): ReadResult | undefined {
  const { top = '/a', snapshot = 0, bytes = 1, identities, link = FRONTEND_A } = wish;
  const asked = readOf(NO_SESSION, top);
  const place = { path: path(top), watch: false } as const;
  const operation = { kind: 'getSubtree', ...place, snapshot, bytes } as const;
  made.told(link);
  if (asked.kind === 'read') made.ask(link, { ...asked, operation, identities });
  return only(made.told(link), 'readReply')[0]?.result;
}

function subtree(result: ReadResult | undefined): Extract<ReadResult, { kind: 'subtree' }> {
  if (result?.kind !== 'subtree') throw new Error(`no page: ${JSON.stringify(result)}`);
  return result;
}

/** The paths of the rest, from the page behind `first` on. */
function rest(made: DatabaseWorld, snapshot: number): string[] {
  const paths: string[] = [];
  for (let more = true; more;) {
    const next = subtree(page(made, { snapshot }));
    paths.push(...next.znodes.map((it) => it.path));
    ({ more } = next);
  }
  return paths;
}

describe('a subtree, page by page', () => {
  it('is told as of the zxid of its first page, whatever changes meanwhile', () => {
    const made = world();
    const { applied } = made.core.status();
    const first = subtree(page(made));
    expect(first).toMatchObject({ zxid: applied, more: true, znodes: [{ path: '/a' }] });
    made.apply(setting('/a/c', 1, new Uint8Array(9)));
    made.apply(deletion('/a/b/d'));
    made.create('/a/new');
    const second = subtree(page(made, { snapshot: first.snapshot }));
    expect(second.zxid).toBe(applied);
    const told = [...second.znodes.map((it) => it.path), ...rest(made, first.snapshot)];
    expect(told.sort()).toEqual(['/a/b', '/a/b/d', '/a/c']);
    expect(page(made, { snapshot: first.snapshot })).toMatchObject({ code: 'throttled' });
  });

  it('shows nobody what they may not read', () => {
    const made = world();
    const all = (identities: Identities): string[] =>
      subtree(page(made, { bytes: 10_000, identities })).znodes.map((it) => it.path);
    expect(all(undefined)).not.toContain('/a/hers');
    expect(all(ADA)).toContain('/a/hers');
    expect(page(made, { top: '/a/hers' })).toMatchObject({ kind: 'failed', code: 'noAuth' });
    expect(page(made, { top: '/absent' })).toMatchObject({ kind: 'failed', code: 'noNode' });
  });

  it('is told to the front-end alone that has begun it, and as long as that asks in time', () => {
    const made = world();
    const { snapshot } = subtree(page(made));
    const gone = { kind: 'failed', code: 'throttled' };
    expect(page(made, { snapshot, link: FRONTEND_B })).toMatchObject(gone);
    expect(page(made, { snapshot })).toMatchObject({ kind: 'subtree' });
    elapse(made, 9000);
    expect(page(made, { snapshot })).toMatchObject({ kind: 'subtree' });
    elapse(made, 11_000);
    expect(page(made, { snapshot })).toMatchObject(gone);
  });

  it('ends early where nobody wants the rest, and where it was lost to its reader', () => {
    const made = world({ slowReaderBytes: 600 });
    const first = subtree(page(made));
    expect(page(made, { snapshot: first.snapshot, bytes: 0 })).toMatchObject({ more: false });
    expect(page(made, { snapshot: first.snapshot })).toMatchObject({ code: 'throttled' });
    const second = subtree(page(made));
    made.apply(setting('/a/b', 1, new Uint8Array(600)));
    made.apply(setting('/a/c', 1));
    made.apply(setting('/a/b/d', 1));
    expect(page(made, { snapshot: second.snapshot })).toMatchObject({ kind: 'subtree' });
    const third = subtree(page(made, { bytes: 1 }));
    made.apply(setting('/a/b', 2));
    made.apply(setting('/a/c', 2));
    expect(page(made, { snapshot: third.snapshot })).toMatchObject({ code: 'throttled' });
  });

  it('is refused where too many are being told', () => {
    const made = world();
    for (let i = 0; i < 16; i++) subtree(page(made));
    expect(page(made)).toMatchObject({ kind: 'failed', code: 'throttled' });
    made.disconnect(FRONTEND_A);
    made.connect(FRONTEND_A);
    expect(page(made)).toMatchObject({ kind: 'subtree' });
  });
});
