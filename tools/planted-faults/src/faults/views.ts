import type { PlantedFault } from '../planted-fault.ts';

const GATHERING = 'libs/recipes/src/cache/gathering.ts';
const CACHE = 'libs/recipes/src/cache/tree-cache.ts';
const STATES = 'libs/recipes/test/gathering.test.ts';
const CACHE_TESTS = 'libs/simulator/test/recipes/cache.test.ts';
const CONFIG_TESTS = 'libs/simulator/test/recipes/config.test.ts';
const GROUP_TESTS = 'libs/simulator/test/recipes/group.test.ts';
const PARTITION_TESTS = 'libs/simulator/test/recipes/partition.test.ts';
const IN_ORDER =
  'are states that the tree was in, one behind the other, and the last one in the end';

export const VIEW_FAULTS: readonly PlantedFault[] = [
  {
    id: 'cache-mixes-states',
    fault: 'a cache shows what it has read, though it has heard of changes that it has not',
    breaks: ['P4'],
    file: GATHERING,
    find: 'if (this.isComplete) advances.push(',
    replace: 'if (this.#unlisted.size === 0) advances.push(',
    test: { file: STATES, name: IN_ORDER },
  },
  {
    id: 'cache-completes-the-past-with-the-present',
    fault: 'a cache takes what was changed since for what was there before',
    breaks: ['P4'],
    file: GATHERING,
    find: '<= target.zxid) target.missing',
    replace: '> -1) target.missing',
    test: { file: STATES, name: IN_ORDER },
  },
  {
    id: 'cache-forgets-the-parent',
    fault: 'a cache keeps the stat of a znode whose children have changed',
    breaks: ['P7'],
    file: CACHE,
    find: "kind === 'nodeCreated' || kind === 'nodeDeleted'",
    replace: 'false',
    test: { file: CACHE_TESTS, name: 'shows a znode and all below it, and follows them' },
  },
  {
    id: 'cache-walks-around-what-it-was-told-of',
    fault: 'a cache does not look below what was changed while it looked',
    breaks: ['P9'],
    file: GATHERING,
    find: 'if (this.#found.has(path)) continue;',
    replace: 'if (this.#unread.has(path) || this.#found.has(path)) continue;',
    test: { file: STATES, name: IN_ORDER },
  },
  {
    id: 'cache-trusts-compacted',
    fault: 'a cache goes on with what it has where the service cannot tell what was changed',
    breaks: ['P9'],
    file: CACHE,
    find: 'this.#gathering = this.#anew();\n    }',
    replace: 'return;\n    }',
    recipe: 'cache',
  },
  {
    id: 'cache-starves',
    fault: 'a cache shows nothing new for as long as something changes between any two reads',
    breaks: ['P9'],
    file: GATHERING,
    find: '[this.#unread, this.#toldAt.keys()]',
    replace: '[this.#unread]',
    test: {
      file: STATES,
      name: 'follow each other, though something changes between any two reads',
    },
  },
  {
    id: 'config-forgets-the-last-good-value',
    fault: 'a configuration has no value where what is written now cannot be used',
    breaks: ['P2'],
    file: 'libs/recipes/src/config.ts',
    find: 'this.rejected = update;',
    replace: 'this.rejected = update;\n    this.#value = null;',
    test: {
      file: CONFIG_TESTS,
      name: 'keeps its last good value, and reports what cannot be used',
    },
  },
  {
    id: 'config-overtakes-itself',
    fault: 'a configuration looks at a value while the schema looks at the one before',
    breaks: ['P3'],
    file: 'libs/recipes/src/config.ts',
    find: 'this.#looking = this.#looking.then(() => this.#lookAtNewest());',
    replace: 'this.#looking = this.#lookAtNewest();',
    test: {
      file: CONFIG_TESTS,
      name: 'does not go back where its schema takes longer for an older value',
    },
  },
  {
    id: 'member-leaves-for-another',
    fault: 'a member that was removed takes the next one of its id along when it leaves',
    breaks: ['P2'],
    file: 'libs/recipes/src/group/group.ts',
    find: 'transaction({ guard, then: [step.delete(this.path)] })',
    replace: 'delete(guard.path)',
    test: { file: GROUP_TESTS, name: 'is not left by one member for another one of the same id' },
  },
  {
    id: 'members-mix-with-later-ones',
    fault: 'what is told of a group is said to be of a later state than it is',
    breaks: ['P4'],
    file: 'libs/recipes/src/group/group-changes.ts',
    find: 'zxid: view.zxid }',
    replace: 'zxid: (view.zxid + 1) as typeof view.zxid }',
    recipe: 'group',
  },
  {
    id: 'parts-without-locks',
    fault: 'who should have a part by the members that he sees has it',
    breaks: ['P2'],
    file: 'libs/recipes/src/partition/partitioner.ts',
    find: '/locks/${part}`',
    replace: '/locks/${part}/${this.#options.id}`',
    recipe: 'partition',
    test: {
      file: PARTITION_TESTS,
      name: 'gives a part away when the work on it has returned, and not before',
    },
  },
  {
    id: 'parts-stay',
    fault: 'who has a part keeps it, whoever comes',
    breaks: ['P9'],
    file: 'libs/recipes/src/partition/partitioner.ts',
    find: 'if (!mine.has(part)) leaving',
    replace: 'if (mine.size === 0) leaving',
    test: {
      file: PARTITION_TESTS,
      name: 'shares all parts out, each to one member, anew when somebody comes or goes',
    },
  },
  {
    id: 'part-is-given-away-at-work',
    fault: 'a part is given away while the work on it goes on',
    breaks: ['P2'],
    file: 'libs/recipes/src/partition/partitioner.ts',
    find: 'if (!either.aborted) await this.#options.work(',
    replace: 'if (!either.aborted) void this.#options.work(',
    test: {
      file: PARTITION_TESTS,
      name: 'gives a part away when the work on it has returned, and not before',
    },
  },
  {
    id: 'down-instance-is-picked',
    fault: 'an instance that has failed too often is called all the same',
    breaks: ['P8'],
    file: 'libs/recipes/src/discovery/service-pool.ts',
    find: 'this.instances.filter(({ id }) => !this.#down.isDown(id))',
    replace: 'this.instances',
    recipe: 'discovery',
    test: { file: GROUP_TESTS, name: 'leaves out for a while what has failed too often' },
  },
  {
    id: 'member-stays-away',
    fault: 'a member that is to come back does not, where its session has ended',
    breaks: ['P8'],
    file: 'libs/recipes/src/group/standing-member.ts',
    find: 'if (IS_OVER.includes(client.state)) client = await reconnect();',
    replace: 'if (IS_OVER.includes(client.state)) return;',
    test: {
      file: GROUP_TESTS,
      name: 'has a member come back by another session, and after its znode was removed',
    },
  },
];
