import type { PlantedFault } from '../planted-fault.ts';

const VALIDATION = 'libs/processor-core/src/transaction-validation.ts';
const TRIAL = 'libs/processor-core/src/overlay-trial.ts';
const NEEDS = 'libs/processor-core/src/transaction-needs.ts';
const TESTS = 'libs/processor-core/test/transactions.test.ts';
const SCHEDULES = {
  file: 'libs/processor-core/test/any-schedule.test.ts',
  name: 'comes to the outcomes of the same writes one after the other',
};

export const TRANSACTION_FAULTS: readonly PlantedFault[] = [
  {
    id: 'refused-steps-stand',
    fault: 'the version that a refused transaction would have given stays in the overlay',
    breaks: ['P1'],
    file: TRIAL,
    find: 'Object.assign(znode, before);',
    replace: 'Object.assign(znode, { ...before, version: znode.version });',
    test: SCHEDULES,
  },
  {
    id: 'refused-ephemerals-weigh',
    fault: 'the ephemerals of a refused transaction count against their session',
    breaks: ['H6'],
    file: TRIAL,
    find: 'this.#addBytes(owner, -bytes);',
    replace: 'void bytes;',
    test: {
      file: TESTS,
      name: 'H6 c: counts its ephemerals against their session, and not those that it took back',
    },
  },
  {
    id: 'ephemerals-of-steps-unowned',
    fault: 'the end of a session misses an ephemeral that a transaction in flight creates',
    breaks: ['H6'],
    file: TRIAL,
    find: 'this.#overlay.ownedAnew(znode, before.exists, before.ephemeralOwner);',
    replace: '',
    test: SCHEDULES,
  },
  {
    id: 'below-in-flight-unseen',
    fault: 'a recursive delete misses what is created below, and not applied yet',
    breaks: ['H5', 'P1'],
    file: NEEDS,
    find: 'for (const znode of this.#overlay.below(path)) found.add(this.#pin(znode.path));',
    replace: '',
    test: {
      file: TESTS,
      name: 'deletes what is below too, also what is still in flight, children first',
    },
  },
  {
    id: 'guard-by-path-alone',
    fault: 'a guard is passed by whoever holds the lock',
    breaks: ['P1'],
    file: VALIDATION,
    find: 'if (!lock.exists || lock.czxid !== guard.czxid) {',
    replace: 'if (!lock.exists) {',
    test: { file: TESTS, name: 'fencing: is refused where the lock is another one by now' },
  },
  {
    id: 'reaped-unjudged',
    fault: 'what was due is deleted, though it was used before its turn',
    breaks: ['P1'],
    file: 'libs/processor-core/src/settlement.ts',
    find: 'if (znode.exists && reapedAt(znode, timing.unusedContainerMs) <= proposals.time) {',
    replace: 'if (znode.exists && znode.numChildren === 0) {',
    test: {
      file: 'libs/processor-core/test/reaping.test.ts',
      name: 'spares what was used between the answer and its turn',
    },
  },
  {
    id: 'container-due-late',
    fault: 'a container that has lost its last child is listed as if it had never had one',
    breaks: ['P10'],
    file: 'libs/tree-core/src/znodes/znode-reaper.ts',
    find: 'listed.due <= due',
    replace: 'listed.due > 0',
    test: {
      file: 'libs/tree-core/test/znodes/znode-reaper.test.ts',
      name: 'is due at once where a container, listed as one that was never used, loses its child',
    },
  },
];
