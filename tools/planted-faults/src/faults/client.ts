import type { PlantedFault } from '../planted-fault.ts';

const CORE = 'libs/client-core/src/client-core.ts';
const QUEUE = 'libs/client-core/src/request-queue.ts';

export const CLIENT_FAULTS: readonly PlantedFault[] = [
  {
    id: 'lost-watch-on-resume',
    fault: 'a resume brings no watches back',
    breaks: ['H15', 'P9'],
    file: CORE,
    find: 'watches: this.#watches.registrations(),',
    replace: 'watches: [],',
    test: {
      file: 'libs/client-core/test/client-core.test.ts',
      name: 'is resumed at the next server with a higher attempt, the floor and the watches',
    },
  },
  {
    id: 'resume-without-floor',
    fault: 'a resume does not say what the session has seen',
    breaks: ['H15', 'P3'],
    file: CORE,
    find: 'floor: this.#floor,',
    replace: 'floor: ZXID_ZERO,',
    test: {
      file: 'libs/client-core/test/client-core.test.ts',
      name: 'is resumed at the next server with a higher attempt, the floor and the watches',
    },
  },
  {
    id: 'attempts-do-not-count',
    fault: 'all resumes of a client are the same attempt',
    breaks: ['H3'],
    file: CORE,
    find: 'this.#attempt++;',
    replace: '',
    test: {
      file: 'libs/client-core/test/client-core.test.ts',
      name: 'is resumed at the next server with a higher attempt, the floor and the watches',
    },
  },
  {
    id: 'resumed-outcomes-ignored',
    fault: 'a client ignores the outcomes that a resume tells',
    breaks: ['P5'],
    file: 'libs/client-core/src/request-queue.ts',
    find: 'const foreign = this.recover(outcomes);\n    if (foreign === null) return null;',
    replace:
      'const foreign = outcomes.length < 0 ? this.recover(outcomes) : null;\n    if (foreign === null) return null;',
    test: {
      file: 'libs/client-core/test/client-core.test.ts',
      name: 'P5: settles what was recorded, sends the rest again, in the order of the calls',
    },
  },
  {
    id: 'acknowledges-untold',
    fault: 'a client acknowledges outcomes that it has not been told',
    breaks: ['H21', 'P5'],
    file: CORE,
    find: 'ackedThrough: this.#queue.acknowledged,',
    replace: 'ackedThrough: this.#queue.lastSequence,',
    test: {
      file: 'libs/client-core/test/exactly-once.test.ts',
      name: 'holds in',
    },
  },
  {
    id: 'foreign-outcome-taken',
    fault: 'a client takes the outcome of another operation under the same number for its own',
    breaks: ['H21', 'P5'],
    file: QUEUE,
    find: 'if (!request.sent || !isOutcomeOf(request.operation, outcome)) return outcome;',
    replace: '',
    unseen: 'only a client that starts its numbers anew sends another operation under an old one',
    test: {
      file: 'libs/client-core/test/client-core.test.ts',
      name: 'H21 d: stops when a recorded outcome is that of another write',
    },
  },
  {
    id: 'lost-from-newest-heartbeat',
    fault:
      'a client counts from the heartbeat that it has sent last, not from the one that is acknowledged',
    breaks: ['H17'],
    file: 'libs/client-core/src/heartbeats.ts',
    find: 'this.#aliveSinceMs = newest.sentMs;',
    replace: 'this.#aliveSinceMs = this.#dueMs - this.#timeoutMs / 3;',
    test: {
      file: 'libs/client-core/test/watches-and-session-life.test.ts',
      name: 'H17 a: is lost a timeout after the sending of the newest acknowledged heartbeat',
    },
  },
  {
    id: 'changes-told-twice',
    fault: 'a watch that goes on at another server tells again what it has told of a transaction',
    breaks: ['P9'],
    file: 'libs/client/src/changes.ts',
    find: '    this.#progress.streamEnded();\n',
    replace: '',
    test: {
      file: 'libs/client/test/changes.test.ts',
      name: 'P9: tells once what a connection has told of a transaction before it broke, and the rest of it',
    },
  },
  {
    id: 'changes-begin-anew',
    fault: 'a watch that loses its server goes on from where it was asked to begin, or from now on',
    breaks: ['P9'],
    file: 'libs/client/src/changes.ts',
    find: 'this.resumeFrom ?? options.from',
    replace: 'options.from',
    test: {
      file: 'libs/client/test/changes.test.ts',
      name: 'P9: goes on at another server where it loses one, behind what it has told',
    },
  },
  {
    id: 'guard-of-view-outside',
    fault: 'a view of a tree has its writes guarded by a znode of the whole tree',
    breaks: ['H17'],
    file: 'libs/client/src/tree-view.ts',
    find: 'guard: guard && { ...guard, path: this.absolute(guard.path) },',
    replace: 'guard,',
    test: {
      file: 'libs/client/test/chroot.test.ts',
      name: 'names every path of a transaction below its root',
    },
  },
  {
    id: 'given-up-is-sent',
    fault: 'what is given up before it was sent is done all the same',
    breaks: ['P5'],
    file: QUEUE,
    find: 'request.done = true;\n    this.#unwanted++;',
    replace: 'this.#unwanted++;',
    test: {
      file: 'libs/client-core/test/giving-up.test.ts',
      name: 'is not done where it was never sent, and takes no sequence from those behind it (P2)',
    },
  },
  {
    id: 'sent-is-said-not-to-be',
    fault: 'of what was sent and is given up the client says that it is not done',
    breaks: ['P5'],
    file: QUEUE,
    find: "out.push({ kind: 'givenUp', tag, wasSent });",
    replace: "out.push({ kind: 'givenUp', tag, wasSent: false });",
    test: {
      file: 'libs/client-core/test/giving-up.test.ts',
      name: 'is still decided by the session where it was sent, and sent again where that is lost (P5)',
    },
  },
  {
    id: 'signal-waits-to-hear',
    fault: 'the signal of a session fires when its end is heard of, and not when its time is over',
    breaks: ['H17'],
    file: 'libs/client/src/session-life.ts',
    find: "if (mayBeOver(state)) this.#abort(state, 'its time is over by the clock of this process');",
    replace: 'void state;',
    test: {
      file: 'libs/simulator/test/recipes/session-signal.test.ts',
      name: 'has fired when a process goes on that was stopped for longer, before that hears of anything',
    },
  },
  {
    id: 'update-without-version',
    fault: 'an update overwrites what somebody else has written since it read',
    breaks: ['P1'],
    file: 'libs/client/src/update.ts',
    find: '{ ...options, version: current.stat.version }',
    replace: 'options',
    test: {
      file: 'libs/simulator/test/recipes/typed-node.test.ts',
      name: 'is made once of what is there, however many make one at the same time',
    },
  },
];
