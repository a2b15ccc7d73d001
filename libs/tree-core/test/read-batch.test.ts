import { counterOf, NO_SESSION } from '@paddock/model';
import type { Acl, BatchedRead, DatabaseReply, Identities } from '@paddock/model';
import { describe, expect, it } from 'vitest';
import {
  creation,
  DatabaseWorld,
  FRONTEND_A,
  only,
  path,
  readOf,
  setting,
  zxid,
} from './database-world.ts';

const ADA: Identities = [{ scheme: 'digest', id: 'ada:hash' }];
const ADAS: Acl = [{ permissions: 31, scheme: 'digest', id: 'ada:hash' }];
const BYTES = 1000;

function world(limits = {}): DatabaseWorld {
  const made = new DatabaseWorld(limits).start();
  made.connect(FRONTEND_A);
  made.create('/a');
  made.create('/a/b');
  made.apply(setting('/a', 1, new Uint8Array(BYTES)));
  made.apply(creation('/mine', undefined, undefined, ADAS));
  made.told(FRONTEND_A);
  return made;
}

function read(kind: BatchedRead['kind'], name: string): BatchedRead {
  return { kind, path: path(name) };
}

function ask(
  made: DatabaseWorld,
  reads: readonly BatchedRead[],
  terms: { readonly identities?: Identities; readonly floor?: ReturnType<typeof zxid> } = {},
): DatabaseReply[] {
  const asked = readOf(NO_SESSION, '/');
  const operation = { kind: 'readMany', path: path('/'), watch: false, reads } as const;
  if (asked.kind === 'read') made.ask(FRONTEND_A, { ...asked, ...terms, operation });
  return made.told(FRONTEND_A);
}

describe('a batch of reads', () => {
  const reads = [
    read('getData', '/a'),
    read('exists', '/absent'),
    read('getChildren', '/a'),
    read('countDescendants', '/'),
  ];

  it('shows one state, and each read is answered or refused by itself', () => {
    const made = world();
    const { applied } = made.core.status();
    const [reply] = only(ask(made, reads), 'readReply');
    expect(reply).toMatchObject({
      zxid: applied,
      result: {
        kind: 'many',
        results: [
          { kind: 'data', stat: { version: 1, dataLength: BYTES } },
          { kind: 'failed', code: 'noNode' },
          { kind: 'children', children: ['b'] },
          { kind: 'descendants', descendants: 3, subtreeBytes: BYTES },
        ],
      },
    });
  });

  it('waits as a whole for the zxid that it must not be older than', () => {
    const made = world();
    const { applied } = made.core.status();
    const floor = zxid(counterOf(applied) + 1);
    expect(only(ask(made, reads, { floor }), 'readReply')).toEqual([]);
    made.apply(setting('/a', 2));
    const [reply] = only(made.told(FRONTEND_A), 'readReply');
    expect(reply).toMatchObject({ zxid: floor, result: { kind: 'many' } });
  });

  it('refuses what goes beyond the bytes of one answer, and nothing else with it', () => {
    const made = world({ linkMessageBytes: 2 * (BYTES + 600) });
    const twice = [read('getData', '/a'), read('getData', '/a'), read('exists', '/a/b')];
    const [reply] = only(ask(made, twice), 'readReply');
    expect(reply?.result).toMatchObject({
      results: [{ kind: 'data' }, { kind: 'failed', code: 'tooLarge' }, { kind: 'stat' }],
    });
  });

  it('shows nobody what they may not read', () => {
    const made = world();
    const mine = (['getData', 'exists', 'getChildren', 'countDescendants'] as const).map((kind) =>
      read(kind, '/mine'),
    );
    const refused = { kind: 'failed', code: 'noAuth' };
    expect(only(ask(made, mine), 'readReply')[0]?.result).toMatchObject({
      results: [refused, refused, refused, refused],
    });
    expect(only(ask(made, mine, { identities: ADA }), 'readReply')[0]?.result).toMatchObject({
      results: [{ kind: 'data' }, { kind: 'stat' }, { kind: 'children' }, { kind: 'descendants' }],
    });
  });
});
