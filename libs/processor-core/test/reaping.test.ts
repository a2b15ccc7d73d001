import { encodeText, trustedPath } from '@paddock/model';
import type { CreateMode, ProcessorRequest } from '@paddock/model';
import { describe, expect, it } from 'vitest';
import { Connection, servedWith } from './stage.ts';
import type { Stage } from './stage.ts';

function create(owner: Connection, path: string, mode: CreateMode, ttlMs = 0): ProcessorRequest {
  return owner.write({
    ...{ kind: 'create', path: trustedPath(path), data: encodeText('x'), mode, ttlMs },
  });
}

/** A tick, so long after the one before, and what comes of it. */
function pass(stage: Stage, ms: number): string[] {
  stage.tick(ms);
  stage.settle();
  return stage.takeOutcomes();
}

const exists = (stage: Stage, path: string): boolean =>
  stage.database.znodes.has(trustedPath(path));

describe('znodes that go by themselves', () => {
  it('1.5: a container goes when its last child is deleted, and not while it has one', () => {
    const owner = new Connection(1);
    const stage = servedWith(owner);
    stage.send(create(owner, '/c', 'container'), owner.create('/c/a'), owner.create('/c/b'));
    stage.settle();
    stage.send(owner.delete('/c/a'));
    stage.settle();
    stage.takeOutcomes();
    expect(pass(stage, 1000)).toEqual([]);
    stage.send(owner.delete('/c/b'));
    stage.settle();
    stage.takeOutcomes();
    expect(pass(stage, 500)).toEqual(['deleteZnode']);
    expect(exists(stage, '/c')).toBe(false);
  });

  it('1.5: a container that has never had a child goes after five minutes', () => {
    const owner = new Connection(1);
    const stage = servedWith(owner);
    stage.send(create(owner, '/c', 'container'));
    stage.settle();
    stage.takeOutcomes();
    expect(pass(stage, 299_000)).toEqual([]);
    expect(pass(stage, 1000)).toEqual(['deleteZnode']);
  });

  it('1.5: a znode with a TTL goes when its data has not changed for that long', () => {
    const owner = new Connection(1);
    const stage = servedWith(owner);
    stage.send(create(owner, '/t', 'persistentWithTtl', 2000));
    stage.settle();
    stage.takeOutcomes();
    expect(pass(stage, 1999)).toEqual([]);
    stage.send(owner.set('/t'));
    stage.settle();
    stage.takeOutcomes();
    expect(pass(stage, 1999)).toEqual([]);
    expect(pass(stage, 1)).toEqual(['deleteZnode']);
  });

  it('1.5: a znode with a TTL stays as long as it has children, and may go with the last', () => {
    const owner = new Connection(1);
    const stage = servedWith(owner);
    stage.send(create(owner, '/t', 'persistentSequentialWithTtl', 1000));
    stage.settle();
    stage.send(owner.create('/t0000000000/a'));
    stage.settle();
    stage.takeOutcomes();
    expect(pass(stage, 5000)).toEqual([]);
    stage.send(owner.delete('/t0000000000/a'));
    stage.settle();
    stage.takeOutcomes();
    expect(pass(stage, 500)).toEqual(['deleteZnode']);
  });

  it('spares what was used between the answer and its turn', () => {
    const owner = new Connection(1);
    const stage = servedWith(owner);
    stage.send(create(owner, '/t', 'persistentWithTtl', 1000), create(owner, '/c', 'container'));
    stage.send(owner.create('/c/a'), owner.delete('/c/a'));
    stage.settle();
    stage.takeOutcomes();
    stage.tick(1000);
    stage.send(owner.set('/t'), owner.create('/c/b'));
    stage.settle();
    expect(stage.takeOutcomes()).toEqual(['setZnodeData', 'createZnode']);
    expect([exists(stage, '/t'), exists(stage, '/c')]).toEqual([true, true]);
  });

  it('deletes a znode once, however often the database names it', () => {
    const owner = new Connection(1);
    const stage = servedWith(owner);
    stage.send(create(owner, '/t', 'persistentWithTtl', 1));
    stage.settle();
    stage.takeOutcomes();
    const outcomes = [pass(stage, 10), pass(stage, 10), pass(stage, 10)].flat();
    expect(outcomes).toEqual(['deleteZnode']);
  });
});
