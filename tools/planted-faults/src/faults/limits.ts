import type { PlantedFault } from '../planted-fault.ts';

const PROCESSOR_TESTS = 'libs/processor-core/test/limits.test.ts';
const FRONTEND_TESTS = 'libs/session-core/test/limits.test.ts';
const WATCHES = 'libs/session-core/src/session-watches.ts';

export const LIMIT_FAULTS: readonly PlantedFault[] = [
  {
    id: 'children-unlimited',
    fault: 'a znode has one child more than a znode may have',
    breaks: ['H2'],
    file: 'libs/processor-core/src/validation.ts',
    find: 'parent.numChildren >= limit',
    replace: 'parent.numChildren > limit',
    test: {
      file: PROCESSOR_TESTS,
      name: 'refuses the child too many, whatever its mode, and lets in one for one that goes',
    },
  },
  {
    id: 'refusals-lose-their-limit',
    fault: 'what the front-end refused for a limit is recorded without it',
    breaks: ['H2'],
    file: 'libs/processor-core/src/settlement.ts',
    find: "this.#finish(request, { ...operation, kind: 'failed' }, out);",
    replace: 'this.#finish(request, failed(operation.code, operation.reason), out);',
    test: {
      file: PROCESSOR_TESTS,
      name: 'of the front-end keeps its limit under the sequence of the write',
    },
  },
  {
    id: 'watches-asked-uncounted',
    fault: 'a pipeline of reads sets more watches than a session may have',
    breaks: ['H16'],
    file: WATCHES,
    find: 'const use = this.size + this.#asked.size;',
    replace: 'const use = this.size;',
    test: {
      file: FRONTEND_TESTS,
      name: 'refuses the read that would set one too many, in its place, and says why',
    },
  },
  {
    id: 'watches-asked-for-good',
    fault: 'a read that set no watch counts as one for good',
    breaks: ['H16'],
    file: WATCHES,
    find: 'else this.#asked.delete(key);',
    replace: '',
    test: {
      file: FRONTEND_TESTS,
      name: 'counts no watch twice, none that has fired, and none that a read has not set',
    },
  },
  {
    id: 'takes-behind-a-refused-write',
    fault:
      'what was sent behind a write that came too fast is taken, and the write comes behind it',
    breaks: ['H2', 'P2'],
    file: 'libs/session-core/src/client-requests.ts',
    find: 'if (session.isExpecting && sequence !== session.nextSequence) return;',
    replace: '',
    test: {
      file: FRONTEND_TESTS,
      name: 'H2: asks again for a write beyond it, and for all that is behind',
    },
  },
  {
    id: 'rate-of-each-connection',
    fault: 'a client has the rate anew on each of its connections',
    breaks: ['H2'],
    file: 'libs/session-core/src/client-names.ts',
    find: 'return named === undefined ? otherwise : `${named.scheme}:${named.id}`;',
    replace: 'return named === null ? named : otherwise;',
    test: {
      file: FRONTEND_TESTS,
      name: 'counts together what one identity asks, and apart what others do',
    },
  },
  {
    id: 'session-too-many',
    fault: 'an address has one session more than it may have',
    breaks: ['H16'],
    file: 'libs/session-core/src/refusals.ts',
    find: 'if (use < limit) return null;',
    replace: 'if (use <= limit) return null;',
    test: {
      file: FRONTEND_TESTS,
      name: 'refuses the session too many of an address, and says why; others open theirs',
    },
  },
];
