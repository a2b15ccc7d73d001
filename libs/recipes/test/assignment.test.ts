import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { assignmentOf } from '../src/partition/assignment.ts';

const parts = fc.uniqueArray(fc.string({ minLength: 1 }), { maxLength: 40 });
const members = fc.uniqueArray(fc.string({ minLength: 1 }), { minLength: 1, maxLength: 9 });

describe('the assignment of parts to members', () => {
  it('gives each part to one member, and nobody more than an even share, rounded up', () => {
    fc.assert(
      fc.property(parts, members, (all, those) => {
        const assigned = assignmentOf(all, those);
        expect([...assigned.values()].flat().sort()).toEqual(all.toSorted());
        const most = Math.max(...[...assigned.values()].map(({ length }) => length));
        expect(most).toBeLessThanOrEqual(Math.ceil(all.length / those.length));
      }),
    );
  });

  it('is the same in whatever order parts and members are told', () => {
    fc.assert(
      fc.property(parts, members, (all, those) => {
        const back = assignmentOf(all.toReversed(), those.toReversed());
        const forth = assignmentOf(all, those);
        for (const member of those) expect(back.get(member)).toEqual(forth.get(member));
      }),
    );
  });

  it('moves few parts where somebody comes', () => {
    const all = Array.from({ length: 100 }, (_, i) => `part ${i}`);
    const before = ownersOf(assignmentOf(all, ['a', 'b', 'c', 'd']));
    const after = ownersOf(assignmentOf(all, ['a', 'b', 'c', 'd', 'e']));
    const moved = all.filter((part) => after.get(part) !== before.get(part));
    // A fifth has to move.
    expect(moved.length).toBeLessThan(50);
  });

  it('is nothing where nobody is there', () => {
    expect(assignmentOf(['a'], []).size).toBe(0);
  });
});

function ownersOf(assigned: ReadonlyMap<string, readonly string[]>): ReadonlyMap<string, string> {
  return new Map([...assigned].flatMap(([member, has]) => has.map((part) => [part, member])));
}
