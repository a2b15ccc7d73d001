import type { PlantedFault } from '../planted-fault.ts';

const LINE = 'libs/recipes/src/line.ts';
const HELD = 'libs/recipes/src/held.ts';
const TESTS = 'libs/simulator/test/recipes/lock.test.ts';

export const RECIPE_FAULTS: readonly PlantedFault[] = [
  {
    id: 'lock-without-line',
    fault: 'whoever stands in line holds the lock',
    breaks: ['P2'],
    file: LINE,
    find: 'return contenders.findLast(({ number }) => number < this.#number) ?? null;',
    replace: 'return contenders.find(({ number }) => number < 0) ?? null;',
    recipe: 'lock',
    test: { file: TESTS, name: 'is held by one at a time, in the order in which they have asked' },
  },
  {
    id: 'herd-at-the-first',
    fault: 'everybody in line watches the first',
    breaks: ['P9'],
    file: LINE,
    find: 'return contenders.findLast(({ number }) => number < this.#number) ?? null;',
    replace: 'return contenders.find(({ number }) => number < this.#number) ?? null;',
    recipe: 'lock',
    unseen: 'it is slow, and not wrong',
    test: {
      file: TESTS,
      name: 'costs a hundred who wait one watch each, and wakes one of them at a release',
    },
  },
  {
    id: 'place-is-not-left',
    fault: 'who stops waiting stays in line',
    breaks: ['P9'],
    file: 'libs/recipes/src/line-lock.ts',
    find: 'taking.then((place) => place.leave()).catch(() => undefined);',
    replace: '',
    recipe: 'lock',
    test: { file: TESTS, name: 'is waited for as long as was said, and the line is left then' },
  },
  {
    id: 'fence-without-guard',
    fault: 'writes of a former holder take effect',
    breaks: ['H17'],
    file: 'libs/recipes/src/fenced-client.ts',
    find: 'return this.#client.transaction({ ...options, guard });',
    replace: 'return this.#client.transaction(options);',
    recipe: 'lock',
    test: {
      file: TESTS,
      name: 'lets nobody write who has lost it, however late the write arrives',
    },
  },
  {
    id: 'stopped-holder-believes',
    fault: 'a process that was stopped holds what it held, until it has heard otherwise',
    breaks: ['H17'],
    file: 'libs/client-core/src/client-core.ts',
    find: "return this.#isLostBy(this.#clock.monotonicMs()) ? 'lost' : this.#state;",
    replace: 'return this.#state;',
    recipe: 'lock',
    test: {
      file: TESTS,
      name: 'is not believed in by a process that was stopped while it was lost',
    },
  },
  {
    id: 'holder-waits-for-expiry',
    fault: 'a holder believes in its lock until it hears that its session has expired',
    breaks: ['H17'],
    file: HELD,
    find: "['lost', 'expired', 'closed']",
    replace: "['expired', 'closed']",
    recipe: 'lock',
    test: { file: TESTS, name: 'is lost, as its signal says, before somebody else can have it' },
  },
  {
    id: 'removed-place-is-held',
    fault: 'a holder does not see that its znode was removed',
    breaks: ['P9'],
    file: HELD,
    find: 'for (const path of [claim.path, ...claim.alsoNeeds]) void this.#watch(path);',
    replace: '',
    test: { file: TESTS, name: 'fails the work that was not done when it was lost' },
  },
  {
    id: 'place-is-given-up',
    fault: 'who has little patience gives up the taking of its place, and leaves the place',
    breaks: ['P9'],
    file: 'libs/recipes/src/line-lock.ts',
    find: '{ ...line, client: line.client.with({}) }',
    replace: 'line',
    test: { file: TESTS, name: 'is taken and left by a client whose calls have no time at all' },
  },
  {
    id: 'member-is-given-up',
    fault: 'who has little patience gives up the joining of a group, and is a member all the same',
    breaks: ['P9'],
    file: 'libs/recipes/src/group/group.ts',
    find: 'this.#session.transaction({',
    replace: 'this.#client.transaction({',
    test: {
      file: 'libs/simulator/test/recipes/group.test.ts',
      name: 'is joined, read and left by a client whose calls have no time at all',
    },
  },
];
