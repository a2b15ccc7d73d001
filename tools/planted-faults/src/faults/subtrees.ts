import type { PlantedFault } from '../planted-fault.ts';

const SNAPSHOT = 'libs/tree-core/src/znodes/subtree-snapshot.ts';
const STREAMS = 'libs/tree-core/src/frontends/stream-watches.ts';

const SNAPSHOT_TEST = {
  file: 'libs/tree-core/test/znodes/subtree-snapshot.test.ts',
  name: 'is the subtree at its zxid, whatever changes between its slices',
};
const AGAIN_TEST = {
  file: 'libs/tree-core/test/stream-watches.test.ts',
  name: 'P9: tells, when it comes back, what it would have told, in the same order',
};

export const SUBTREE_FAULTS: readonly PlantedFault[] = [
  {
    id: 'counter-behind',
    fault: 'a sequential creation tells the number of the next one',
    breaks: ['P5'],
    file: 'libs/tree-core/src/transactions.ts',
    find: 'const counter = change.parentCreates - 1;',
    replace: 'const counter = change.parentCreates;',
  },
  {
    id: 'batch-without-permission',
    fault: 'a batch of reads shows what its caller may not read',
    breaks: ['P7'],
    file: 'libs/tree-core/src/frontends/read-batch.ts',
    find: "if (!permits(acl, 'read', identities)) return missingPermission(path, 'read', identities);",
    replace:
      "if (false as boolean) return missingPermission(path, 'read', identities);\n  permits(acl, 'read', identities);",
    test: {
      file: 'libs/tree-core/test/read-batch.test.ts',
      name: 'shows nobody what they may not read',
    },
    unseen: 'nobody is known in the simulation',
  },
  {
    id: 'subtree-image-unsaved',
    fault: 'a znode that changes before its subtree is told is left out',
    breaks: ['P7'],
    file: SNAPSHOT,
    find: 'this.#saved.push(image);',
    replace: 'this.#savedBytes += 0;',
    test: SNAPSHOT_TEST,
  },
  {
    id: 'subtree-lost-cursor',
    fault: 'a snapshot of a subtree loses its way where the next znode is deleted',
    breaks: ['P7'],
    file: SNAPSHOT,
    find: 'if (this.#next[level] === row) this.#next[level] = this.#behind(row, level);',
    replace: 'if (this.#next[level] === row) this.#next[level] = 0;',
    test: {
      file: 'libs/tree-core/test/znodes/subtree-snapshot.test.ts',
      name: 'goes on where the znode to be told next is deleted',
    },
  },
  {
    id: 'stream-resume-skips',
    fault: 'a watch stream that comes back is not told of the first it has missed',
    breaks: ['P9'],
    file: STREAMS,
    find: 'for (const event of missed) {',
    replace: 'for (const event of missed.slice(1)) {',
    test: AGAIN_TEST,
  },
  {
    id: 'stream-filter-drops',
    fault: 'a watch stream does not tell of what lies at the last level that it asks for',
    breaks: ['P9'],
    file: 'libs/model/src/watch-terms.ts',
    find: 'return levels <= depth;',
    replace: 'return levels < depth;',
    test: {
      file: 'libs/tree-core/test/stream-watches.test.ts',
      name: 'tells of the kinds and levels that it asks for, and of nothing else',
    },
    unseen: 'the checker asks the same function',
  },
  {
    id: 'stream-progress-ahead',
    fault: 'a watch stream says that it is where the next transaction will be',
    breaks: ['P9'],
    file: STREAMS,
    find: 'zxid: applied,',
    replace: 'zxid: (applied + 1) as typeof applied,',
    test: {
      file: 'libs/tree-core/test/stream-watches.test.ts',
      name: 'is told while it is quiet, behind every event up to there',
    },
  },
  {
    id: 'stream-parted-transaction',
    fault: 'a watch stream goes on behind a transaction of which it was told a part',
    breaks: ['P9'],
    file: 'libs/model/src/stream-progress.ts',
    find: 'this.covered(trustedZxid(zxid - 1));',
    replace: 'this.covered(zxid);',
    test: {
      file: 'libs/session-core/test/watch-streams.test.ts',
      name: 'P9: a stream that breaks between the events of one transaction costs none, and repeats none',
    },
  },
];
