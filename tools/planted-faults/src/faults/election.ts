import type { PlantedFault } from '../planted-fault.ts';

const FOLLOWING = 'libs/zab-core/src/following.ts';
const ELECTIONS = 'libs/zab-core/src/elections.ts';
const VOTING = 'libs/zab-core/src/voting.ts';
const STREAMS = 'libs/zab-core/src/learner-streams.ts';

export const ELECTION_FAULTS: readonly PlantedFault[] = [
  {
    id: 'skip-truncation',
    fault: 'a follower says that it has cut off what its leader has not got, and keeps it',
    breaks: ['P1', 'P7'],
    file: FOLLOWING,
    find: "this.demand = { kind: 'truncate', after: message.after };",
    replace: 'this.positioned(message.after, out);',
    test: {
      file: 'libs/zab-core/test/scripted/truncated-follower.test.ts',
      name: 'says where it ends only when the cut is durable, and takes what comes behind',
    },
  },
  {
    id: 'epoch-durable-when-current',
    fault: 'an epoch is made durable when it becomes current, not when it is accepted',
    breaks: ['H24', 'P1'],
    file: 'libs/txn-log/src/txn-log.ts',
    find: 'writeEpochRecord(this.#disk, epochs);',
    replace:
      'if (epochs.currentEpoch === epochs.acceptedEpoch) writeEpochRecord(this.#disk, epochs);',
    test: {
      file: 'libs/txn-log/test/txn-log.test.ts',
      name: 'keeps the epochs',
    },
  },
  {
    id: 'epoch-acked-before-durable',
    fault: 'a follower acknowledges an epoch before it is durable',
    breaks: ['P1'],
    file: FOLLOWING,
    find: 'else if (epoch === epochs.accepted) this.#tellAccepted(out);',
    replace: 'this.#tellAccepted(out);',
    unseen: 'a stage writes epochs before it sends anything of the same step',
    test: {
      file: 'libs/zab-core/test/scripted/durable-steps.test.ts',
      name: 'bug 14: that it accepts an epoch',
    },
  },
  {
    id: 'vote-before-durable',
    fault: 'a vote is spoken before its epoch is durable',
    breaks: ['P1'],
    file: VOTING,
    find: "this.#epochs.accept(epoch, { kind: 'vote', link }, out);",
    replace:
      "this.#epochs.accept(epoch, { kind: 'vote', link }, out); this.accepted(link, epoch, out);",
    unseen: 'a stage writes epochs before it sends anything of the same step',
    test: {
      file: 'libs/zab-core/test/scripted/durable-steps.test.ts',
      name: 'bug 14: grants a vote only when the epoch is durable, and that epoch to nobody else',
    },
  },
  {
    id: 'new-leader-acked-before-durable',
    fault: "a follower makes an epoch current before its leader's history is durable",
    breaks: ['H10', 'P6'],
    file: FOLLOWING,
    find: 'if (this.#newLeaderAt !== null && history.durable >= this.#newLeaderAt) {',
    replace: 'if (this.#newLeaderAt !== null) {',
    test: {
      file: 'libs/zab-core/test/scripted/durable-steps.test.ts',
      name: 'bugs 2 and 3: that it has the history of the epoch: entries first, then the epoch, then the word',
    },
  },
  {
    id: 'vote-for-shorter-history',
    fault: 'a voter votes for a candidate that lacks what the voter has',
    breaks: ['P1', 'P6'],
    file: VOTING,
    find: "if (!reaches(history, standing.history)) return 'this history is longer';",
    replace: '',
    test: {
      file: 'libs/zab-core/test/scripted/pre-votes.test.ts',
      name: 'gives neither pre-vote nor vote to one with',
    },
  },
  {
    id: 'history-compared-by-zxid',
    fault: 'histories are compared by their last zxid alone, not by the epoch they are current in',
    breaks: ['P6'],
    file: 'libs/zab-core/src/standing.ts',
    find: 'if (theirs.currentEpoch !== ours.currentEpoch) return',
    replace: 'if (theirs.currentEpoch < 0) return',
    test: {
      file: 'libs/zab-core/test/scripted/pre-votes.test.ts',
      name: 'gives neither pre-vote nor vote to one with',
    },
  },
  {
    id: 'vote-beside-a-leader',
    fault: 'a voter that hears its leader votes for another one',
    breaks: ['H24', 'P8'],
    file: VOTING,
    find: "if (standing.hasLeader) return 'there is a leader';",
    replace: '',
    test: {
      file: 'libs/zab-core/test/scripted/pre-votes.test.ts',
      name: 'H24, bug 50: that hears its leader is moved by nobody who does not',
    },
  },
  {
    id: 'no-pre-vote',
    fault: 'a candidate raises its epoch without asking whether a quorum would vote',
    breaks: ['H24'],
    file: 'libs/zab-core/src/candidacy.ts',
    find: `if (this.#vote.isWon) this.#acceptOwn(out);
  }`,
    replace: `this.#acceptOwn(out);
  }`,
    test: {
      file: 'libs/zab-core/test/scripted/pre-votes.test.ts',
      name: 'H24: raises no epoch before a quorum would vote for it',
    },
  },
  {
    id: 'any-epoch-believed',
    fault: 'an epoch far above every known one is believed of anybody',
    breaks: ['H24'],
    file: 'libs/zab-core/src/electors.ts',
    find: 'if (epoch <= accepted + EPOCH_LEAP) return true;',
    replace: 'return true;',
    unseen: 'no fault of the simulator forges an epoch',
    test: {
      file: 'libs/zab-core/test/scripted/dead-epoch.test.ts',
      name: 'H24: does not believe an epoch far above every known one',
    },
  },
  {
    id: 'outrun-not-taken-up',
    fault: 'a leader does not go above the epoch that a learner has accepted',
    breaks: ['H24', 'P8'],
    file: 'libs/zab-core/src/leadership.ts',
    find: 'this.#outrun = Math.max(this.#outrun, message.acceptedEpoch);',
    replace: '',
    test: {
      file: 'libs/zab-core/test/scripted/dead-epoch.test.ts',
      name: 'H24: does not believe an epoch far above every known one',
    },
  },
  {
    id: 'vote-counts-twice',
    fault: 'a vote for a candidate of an epoch counts as well for the leader that discovers it',
    breaks: ['P1'],
    file: 'libs/zab-core/src/leadership.ts',
    find: 'if (isPromise) this.#accepted?.add(learner.identity);',
    replace: 'if (epoch >= 0) this.#accepted?.add(learner.identity);',
    test: {
      file: 'libs/zab-core/test/scripted/dead-epoch.test.ts',
      name: 'counts no acceptance that was a vote for somebody else, and goes above that epoch',
    },
  },
  {
    id: 'empty-voter-counts',
    fault: 'a voter is the same one when its disk was emptied',
    breaks: ['H7', 'P6'],
    file: 'libs/zab-core/src/quorum.ts',
    find: 'return a.replica === b.replica && a.incarnation === b.incarnation;',
    replace: 'return a.replica === b.replica;',
    test: {
      file: 'libs/zab-core/test/quorum.test.ts',
      name: 'H7: another life of a voter does not count',
    },
  },
  {
    id: 'founded-by-one',
    fault: 'an ensemble is founded by any voter that is listed, alone',
    breaks: ['H7', 'P1'],
    file: 'libs/zab-core/src/quorum.ts',
    find: 'return this.#voters.every((replica)',
    replace: 'return this.#voters.some((replica)',
    test: {
      file: 'libs/zab-core/test/scripted/membership-in-log.test.ts',
      name: 'H7: needs every voter that is listed',
    },
  },
  {
    id: 'new-life-not-admitted',
    fault: 'a voter that comes back with an empty disk is never admitted again',
    breaks: ['H7'],
    file: 'libs/zab-core/src/leadership.ts',
    find: "return this.phase === 'broadcast' ? this.#admission.wanted(this.learners.all) : null;",
    replace: 'return null;',
    test: {
      file: 'libs/zab-core/test/scripted/admission.test.ts',
      name: 'H7: is listed by itself once it has synchronized, and is asked for once',
    },
  },
  {
    id: 'empty-voter-stands',
    fault: 'a life of a replica that is no voter stands for leader',
    breaks: ['H7'],
    file: ELECTIONS,
    find: "return isObserver ? 'it is an observer' : 'this life of the replica is no voter';",
    replace: 'return null;',
    test: {
      file: 'libs/zab-core/test/broadcaster-core.test.ts',
      name: 'H7: never leads where the disk is not the one that the configuration lists',
    },
  },
  {
    id: 'hole-in-front-of-log',
    fault: 'a follower behind the start of the log is sent what is there, without a snapshot',
    breaks: ['H8', 'H23', 'P1'],
    file: STREAMS,
    find: 'if (last < logStart) {',
    replace: 'if (last < 0) {',
    test: {
      file: 'libs/zab-core/test/scripted/snapshot-transfer.test.ts',
      name: 'H8: sends it for a snapshot, and goes on from wherever that is',
    },
  },
  {
    id: 'snapshot-below-base-served',
    fault:
      'a database whose snapshot is older than the base of the log is served as if it had history',
    breaks: ['H8'],
    file: 'libs/zab-core/src/delivery.ts',
    find: 'else if (database.applied < bounds.logStart || database.snapshot < bounds.base) {',
    replace: 'else if (database.applied < bounds.logStart) {',
    test: {
      file: 'libs/zab-core/test/delivery.test.ts',
      name: 'H8: a database whose snapshot is older than the base needs another',
    },
  },
  {
    id: 'silent-leader-followed',
    fault: 'a follower never gives up a leader that says nothing',
    breaks: ['P8'],
    file: FOLLOWING,
    find: "this.lost = 'the leader says nothing';",
    replace: '',
    test: {
      file: 'libs/zab-core/test/scripted/step-down.test.ts',
      name: 'P8: looks for another when the leader has said nothing for its bound',
    },
  },
  {
    id: 'leads-without-quorum',
    fault: 'a leader that hears no quorum leads on',
    breaks: ['P8'],
    file: 'libs/zab-core/src/leadership.ts',
    find: "this.lost = 'a quorum of voters says nothing';",
    replace: '',
    test: {
      file: 'libs/zab-core/test/scripted/rounds.test.ts',
      name: 'H1, H13: of a term that ended is never answered, nor after the leader has stepped down',
    },
  },
  {
    id: 'behind-without-snapshot-stands',
    fault: 'a replica whose database needs a snapshot stands for leader',
    breaks: ['H8', 'H18'],
    file: ELECTIONS,
    find: "if (role.needsSnapshot) return 'its database needs a snapshot';",
    replace: '',
    test: {
      file: 'libs/zab-core/test/scripted/digests.test.ts',
      name: 'H18, H22: whose own database a majority contradicts leads no more, at once, and has it fetch another',
    },
  },
];
