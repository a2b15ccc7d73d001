import type { UnaryHandlers } from '@paddock/link-grpc';
import { PERMISSIONS, trustedPath, ZXID_ZERO } from '@paddock/model';
import type { Identities, LogQuery, OperationResult } from '@paddock/model';
import { describe, expect, it } from 'vitest';
import { PermittedHistory } from '../../src/permitted-history.ts';

const ada: Identities = [{ scheme: 'digest', id: 'ada:hash' }];

/** A database that says of each path what it is told to, and a log that notes who was let in. */
class World {
  readonly told: string[] = [];
  readonly asked: string[] = [];
  readonly answers: Readonly<Record<string, OperationResult>>;
  isCancelled = false;

  constructor(answers: Readonly<Record<string, OperationResult>>) {
    this.answers = answers;
  }

  readonly call: UnaryHandlers['call'] = (operation, answer, identities) => {
    if (operation.kind !== 'can') throw new Error(operation.kind);
    const { path, permissions } = operation;
    this.asked.push(`${path} ${permissions} ${identities?.[0]?.id ?? 'nobody'}`);
    const result = this.answers[path];
    if (result !== undefined) answer({ zxid: ZXID_ZERO, result });
    return () => (this.isCancelled = true);
  };

  ask(query: Partial<LogQuery>) {
    const all: LogQuery = {
      ...{ path: trustedPath('/a/b'), subtree: false, since: ZXID_ZERO, before: ZXID_ZERO },
      ...{ newestFirst: true, limit: 1, ...query },
    };
    const searching = { drained: () => undefined, cancel: () => undefined };
    const searches = {
      log: ({ path }: LogQuery) => {
        this.told.push(`log ${path}`);
        return searching;
      },
    };
    const receiver = {
      part: () => true,
      failed: (code: string, reason: string) => void this.told.push(`${code} ${reason}`),
    };
    return new PermittedHistory(searches, this).log(all, receiver, ada);
  }
}

const YES = { kind: 'permitted', permitted: true } as const;
const NO = { kind: 'permitted', permitted: false } as const;
const GONE = { kind: 'failed', code: 'noNode', reason: '' } as const;

describe('the past of a znode', () => {
  it('is told to who may read it', () => {
    const world = new World({ '/a/b': YES });
    world.ask({});
    expect(world.told).toEqual(['log /a/b']);
    expect(world.asked).toEqual([`/a/b ${PERMISSIONS.read} ada:hash`]);
  });

  it('is not told to others', () => {
    const world = new World({ '/a/b': NO });
    world.ask({});
    expect(world.told).toEqual(['noAuth the permission read on /a/b']);
  });

  it('that is gone is told to who may read the nearest one above', () => {
    const world = new World({ '/a/b': GONE, '/a': GONE, '/': NO });
    world.ask({});
    expect(world.told).toEqual(['noAuth the permission read on /']);
  });

  it('and of all below it is told to who may administer it', () => {
    const world = new World({ '/a/b': NO });
    world.ask({ subtree: true });
    expect(world.told).toEqual(['noAuth the permission admin on /a/b']);
    expect(world.asked).toEqual([`/a/b ${PERMISSIONS.admin} ada:hash`]);
  });

  it('is not told while nobody can say who may read it', () => {
    const world = new World({ '/a/b': { kind: 'failed', code: 'notServing', reason: 'away' } });
    world.ask({});
    expect(world.told).toEqual(['notServing away']);
  });

  it('is asked for no more once nobody wants it', () => {
    const world = new World({});
    world.ask({}).cancel();
    expect(world.isCancelled).toBe(true);
  });
});
