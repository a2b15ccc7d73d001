import type { PlantedFault } from '../planted-fault.ts';

const SETTLEMENT = 'libs/processor-core/src/settlement.ts';
const TESTS = 'libs/processor-core/test/quotas.test.ts';

export const QUOTA_FAULTS: readonly PlantedFault[] = [
  {
    id: 'quotas-unchecked',
    fault: 'no quota refuses a creation or a change of data',
    breaks: ['H2'],
    file: 'libs/processor-core/src/validation.ts',
    find: 'return quotas.refusalOf(edit, znode);',
    replace: 'return null;',
    test: {
      file: TESTS,
      name: 'refuses the znode too many, and says whose quota, which limit, and what there is',
    },
  },
  {
    id: 'quotas-of-steps-unchecked',
    fault: 'no quota refuses a step of a transaction',
    breaks: ['H2'],
    file: 'libs/processor-core/src/transaction-validation.ts',
    find: 'if (this.#exceeded !== null) return at(this.#exceeded, { index, path: step.path });',
    replace: '',
    test: {
      file: TESTS,
      name: 'is judged step by step in a transaction, and all of it is taken back',
    },
  },
  {
    id: 'quotas-of-refused-steps',
    fault: 'what a refused transaction would have added counts against quotas',
    breaks: ['P1'],
    file: 'libs/processor-core/src/overlay-trial.ts',
    find: 'for (const it of this.#quotaChanges.reverse()) this.#quotas.undo(it);',
    replace: '',
    test: {
      file: TESTS,
      name: 'is judged step by step in a transaction, and all of it is taken back',
    },
  },
  {
    id: 'quota-counted-behind',
    fault: 'a quota that is set counts what the database has applied, and not what is in flight',
    breaks: ['H5'],
    file: SETTLEMENT,
    find: 'lookUps.subtreeUse(request, proposals.lastAssigned)',
    replace: 'lookUps.subtreeUse(request, overlay.floor)',
    test: {
      file: TESTS,
      name: 'counts what was in flight before it was set, and what the database has not applied',
    },
  },
  {
    id: 'quotas-keep-ephemerals',
    fault: 'the ephemerals that end with their session still count against quotas',
    breaks: ['H6'],
    file: 'libs/processor-core/src/ephemeral-deletions.ts',
    find: "term.quotas.changed({ kind: 'deleteZnode', ...deletion }, znode);",
    replace: '',
    test: {
      file: TESTS,
      name: 'gives back what the ephemerals of a session took, with its end',
    },
  },
  {
    id: 'quotas-outlive-znodes',
    fault: 'a database keeps the quota of a znode that is deleted',
    breaks: ['P7'],
    file: 'libs/tree-core/src/transactions.ts',
    find: 'quotas.znodeDeleted(path);',
    replace: '',
    test: { file: 'libs/tree-core/test/quotas.test.ts', name: 'end with their znode' },
  },
  {
    id: 'quotas-undigested',
    fault: 'the digest says nothing of quotas',
    breaks: ['P10'],
    file: 'libs/tree-core/src/quota-table.ts',
    find: 'this.#digest = digestSum(this.#digest, digestOf(path, quota));',
    replace: '',
    test: {
      file: 'libs/tree-core/test/quotas.test.ts',
      name: 'P10: are in the digest, which no quota leaves as it was',
    },
  },
];
