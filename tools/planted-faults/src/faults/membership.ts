import type { PlantedFault } from '../planted-fault.ts';

export const MEMBERSHIP_FAULTS: readonly PlantedFault[] = [
  {
    id: 'change-without-quorum',
    fault: 'a change is proposed though no quorum of the new voters is synchronized',
    breaks: ['H11'],
    file: 'libs/zab-core/src/membership-plan.ts',
    find: 'after.synchronized.length < after.quorum',
    replace: 'after.voters.length === 0',
    unseen: 'no seed changes the membership',
    test: {
      file: 'libs/zab-core/test/scripted/membership-change.test.ts',
      name: 'is refused where no quorum of the new voters is synchronized',
    },
  },
  {
    id: 'added-before-it-has-learned',
    fault: 'a replica is added that is connected, and has not learned yet',
    breaks: ['H7'],
    file: 'libs/zab-core/src/membership-plan.ts',
    find: 'const present = synchronized.find((it) => it.replica === replica);',
    replace: 'const present = learners.find((it) => it.replica === replica);',
    unseen: 'no seed changes the membership',
    test: {
      file: 'libs/zab-core/test/scripted/membership-change.test.ts',
      name: 'learns first: it is refused while it is not here with all that the leader has',
    },
  },
  {
    id: 'stale-change',
    fault: 'a change is made whatever configuration it was made from',
    breaks: ['H11'],
    file: 'libs/zab-core/src/membership-plan.ts',
    find: 'if (version !== null && version !== current.version) {',
    replace: 'if (version === -1) {',
    unseen: 'no seed changes the membership',
    test: {
      file: 'libs/zab-core/test/scripted/membership-change.test.ts',
      name: 'is refused where it is made from another version than is obeyed',
    },
  },
  {
    id: 'second-change-at-once',
    fault: 'a change does not wait for the one before it to settle',
    breaks: ['H11'],
    file: 'libs/zab-core/src/administration.ts',
    find: 'const busy = this.#busy();\n    if (busy !== null) return refused(busy);\n    const planned',
    replace: 'const planned',
    unseen: 'no seed changes the membership',
    test: {
      file: 'libs/zab-core/test/scripted/membership-change.test.ts',
      name: 'waits for the one before it',
    },
  },
  {
    id: 'changed-before-settled',
    fault: 'a change is told as made before the logs of a quorum tell that it is committed',
    breaks: ['H11'],
    file: 'libs/zab-core/src/administration.ts',
    find: 'if (!isLogged || !memberships.isSettled(history.committed)) return null;',
    replace: 'if (!isLogged || memberships.isChanging) return null;',
    unseen: 'no seed changes the membership',
    test: {
      file: 'libs/zab-core/test/scripted/membership-change.test.ts',
      name: 'is told to the operator once the logs of a quorum tell of it',
    },
  },
  {
    id: 'removed-too-early',
    fault: 'a removed voter is sent away while its vote may still be needed',
    breaks: ['H11', 'P6'],
    file: 'libs/zab-core/src/dismissal.ts',
    find: 'if (removed.length === 0 || !memberships.isSettled(history.committed)) return;',
    replace: 'if (removed.length === 0) return;',
    unseen: 'no seed changes the membership',
    test: {
      file: 'libs/zab-core/test/scripted/membership-change.test.ts',
      name: 'is told so, and no sooner than the logs of a quorum say that it is needed no more',
    },
  },
  {
    id: 'removed-goes-on',
    fault: 'a replica that is told of its removal goes on',
    breaks: ['H7'],
    file: 'libs/zab-core/src/following.ts',
    find: `      case 'removed':
        out.fatal = {`,
    replace: `      case 'removed':
        if (message.version > 0) return;
        out.fatal = {`,
    unseen: 'no seed changes the membership',
    test: {
      file: 'libs/zab-core/test/scripted/membership-change.test.ts',
      name: 'stops when it is told',
    },
  },
  {
    id: 'old-voters-not-asked',
    fault:
      'while a change is not committed, the voters that it leaves out are not asked for their votes',
    breaks: ['H11'],
    file: 'libs/zab-core/src/memberships.ts',
    find: 'for (const { configuration } of this.#dated.toReversed()) {',
    replace: 'for (const { configuration } of this.#dated.slice(-1)) {',
    unseen: 'no seed changes the membership',
    test: {
      file: 'libs/zab-core/test/scripted/membership-change.test.ts',
      name: 'H11: is dialled for its vote as long as that is not committed',
    },
  },
  {
    id: 'heir-without-everything',
    fault: 'leadership is handed over before the heir has all that was proposed',
    breaks: ['P8'],
    file: 'libs/zab-core/src/hand-over.ts',
    find: 'if (learner.window.confirmed < history.last) return;',
    replace: '',
    unseen: 'no seed changes the membership',
    test: {
      file: 'libs/zab-core/test/scripted/hand-over.test.ts',
      name: 'goes to a voter that has everything, after no more is proposed',
    },
  },
  {
    id: 'hand-over-without-end',
    fault: 'writes are still taken while leadership is handed over',
    breaks: ['P8'],
    file: 'libs/zab-core/src/hand-over.ts',
    find: `    this.#tenure.end(\`leadership goes to replica \${heir}\`, out);
`,
    replace: '',
    unseen: 'no seed changes the membership',
    test: {
      file: 'libs/zab-core/test/scripted/hand-over.test.ts',
      name: 'goes to a voter that has everything, after no more is proposed',
    },
  },
  {
    id: 'others-race-the-heir',
    fault: 'those to whom leadership does not go stand as soon as its heir',
    breaks: ['P8'],
    file: 'libs/zab-core/src/roles.ts',
    find: "this.look(lost ?? '', handedTo !== null && !isHeir, nowMs, out);",
    replace: "this.look(lost ?? '', false, nowMs, out);",
    unseen: 'no seed changes the membership',
    test: {
      file: 'libs/zab-core/test/scripted/hand-over.test.ts',
      name: 'the heir stands at once, and the others later',
    },
  },
  {
    id: 'leader-left-out-stays',
    fault: 'a leader that is no voter any more keeps leading',
    breaks: ['H11'],
    file: 'libs/zab-core/src/administration.ts',
    find: 'if (this.#isLeftOut && !this.#handOver.isUnderWay) {',
    replace: 'if (nowMs < 0) {',
    unseen: 'no seed changes the membership',
    test: {
      file: 'libs/zab-core/test/scripted/hand-over.test.ts',
      name: 'is given away by a leader that a change has left out, once the logs of a quorum tell of that',
    },
  },
];
