import type { PlantedFault } from '../planted-fault.ts';

const LEADERSHIP = 'libs/zab-core/src/leadership.ts';
const FOLLOWING = 'libs/zab-core/src/following.ts';
const ROUNDS = 'libs/zab-core/src/rounds.ts';
const QUORUM = 'libs/zab-core/src/quorum.ts';
const DELIVERY = 'libs/zab-core/src/delivery.ts';

export const BROADCASTER_FAULTS: readonly PlantedFault[] = [
  {
    id: 'follower-acks-unsynced',
    fault: 'a follower acknowledges what it has appended, before it is durable',
    breaks: ['P6'],
    file: FOLLOWING,
    find: `if (!this.#isAcknowledging || history.durable <= this.#acknowledged) return;
    this.#acknowledged = history.durable;
    out.leader.push(this.link, { kind: 'ack', zxid: history.durable });`,
    replace: `if (!this.#isAcknowledging || history.last <= this.#acknowledged) return;
    this.#acknowledged = history.last;
    out.leader.push(this.link, { kind: 'ack', zxid: history.last });`,
    test: {
      file: 'libs/zab-core/test/scripted/durable-steps.test.ts',
      name: 'bug 41: that it has an entry',
    },
  },
  {
    id: 'leader-counts-unsynced',
    fault: 'a leader counts its own log as an acknowledgement before it is durable',
    breaks: ['P6'],
    file: LEADERSHIP,
    find: 'this.#quorum.acknowledge(self, history.durable);',
    replace: 'this.#quorum.acknowledge(self, history.last);',
    test: {
      file: 'libs/zab-core/test/broadcaster-core.test.ts',
      name: 'bug 41: delivers nothing before it is durable here',
    },
  },
  {
    id: 'commit-without-quorum',
    fault: 'an entry is committed with one acknowledgement less than a majority',
    breaks: ['P1', 'P6'],
    file: QUORUM,
    find: 'Math.floor((ascending.length - 1) / 2)]',
    replace: 'Math.floor((ascending.length - 1) / 2) + 1] ?? ascending[0]',
    test: {
      file: 'libs/zab-core/test/quorum.test.ts',
      name: 'commits what the slowest of the fastest majority has',
    },
  },
  {
    id: 'win-with-half',
    fault: 'half of the voters, rounded down, are a majority in votes of all kinds',
    breaks: ['P1', 'P6'],
    file: QUORUM,
    find: 'return count * 2 > voters.length;',
    replace: 'return count * 2 + 1 >= voters.length;',
    test: {
      file: 'libs/zab-core/test/quorum.test.ts',
      name: 'H11: of two configurations is one of each',
    },
  },
  {
    id: 'follower-commits-all',
    fault: 'a follower takes all that it has for committed once the leader commits anything',
    breaks: ['P1', 'P7'],
    file: FOLLOWING,
    find: 'history.markCommitted(this.#committed < history.last ? this.#committed : history.last);',
    replace: 'history.markCommitted(history.last);',
    test: {
      file: 'libs/zab-core/test/scripted/lost-and-duplicate.test.ts',
      name: 'remembers a commit point that is further on than what has come',
    },
  },
  {
    id: 'acks-of-unsynchronized',
    fault: "acknowledgements count of a learner that has not made the leader's epoch current",
    breaks: ['P6'],
    file: LEADERSHIP,
    find: 'if (learner.isSynchronized) this.#quorum.acknowledge(learner.identity, zxid);',
    replace: 'this.#quorum.acknowledge(learner.identity, zxid);',
    test: {
      file: 'libs/zab-core/test/scripted/late-follower.test.ts',
      name: 'bug 12: may acknowledge proposals before NEWLEADER, and they count once it is synchronized',
    },
  },
  {
    id: 'establish-at-once',
    fault: 'a leader commits before a quorum has its history and its epoch',
    breaks: ['P6'],
    file: LEADERSHIP,
    find: "if (this.phase === 'synchronization' && this.#synchronized.isWon) this.#establish(out);",
    replace: "if (this.phase === 'synchronization') this.#establish(out);",
    test: {
      file: 'libs/zab-core/test/scripted/dead-epoch.test.ts',
      name: 'commits nothing of the new epoch before a quorum has synchronized with it',
    },
  },
  {
    id: 'forget-between-new-leader-and-ack',
    fault: 'what is proposed before a learner has acknowledged NEWLEADER is never sent to it',
    breaks: ['P1', 'P8'],
    file: 'libs/zab-core/src/learner-streams.ts',
    find: "if (learner.state !== 'streaming') continue;",
    replace: `if (learner.state !== 'streaming') continue;
      if (learner.isNewLeaderSent && !learner.isSynchronized) {
        learner.window.startAt(this.#history.last);
        continue;
      }`,
    test: {
      file: 'libs/zab-core/test/scripted/late-follower.test.ts',
      name: 'bug 4: is sent what is under way from its acceptance of the epoch on, not from its synchronization',
    },
  },
  {
    id: 'difference-not-sent',
    fault: 'a follower that is behind is sent what comes, and not what it lacks',
    breaks: ['P1', 'P8'],
    file: 'libs/zab-core/src/learner-streams.ts',
    find: 'learner.window.startAt(last);',
    replace: 'learner.window.startAt(history.last);',
    test: {
      file: 'libs/zab-core/test/scripted/snapshot-transfer.test.ts',
      name: 'H8: sends it for a snapshot, and goes on from wherever that is',
    },
  },
  {
    id: 'stale-commit-of-up-to-date',
    fault: 'UPTODATE carries the commit point of the beginning of the epoch',
    breaks: ['P8'],
    file: LEADERSHIP,
    find: "out.learners.push(learner.link, { kind: 'upToDate', committed });",
    replace: "out.learners.push(learner.link, { kind: 'upToDate', committed: this.#initial });",
    test: {
      file: 'libs/zab-core/test/scripted/late-follower.test.ts',
      name: 'is told with COMMIT-LD what is committed by now, not what was when it was sent the history',
    },
  },
  {
    id: 'duplicate-proposal-is-fatal',
    fault: 'a proposal that is here already ends the following of its leader',
    breaks: ['P8'],
    file: FOLLOWING,
    find: 'if (entry.zxid <= history.last) continue;',
    replace: "if (entry.zxid <= history.last) this.lost = 'sent twice';",
    test: {
      file: 'libs/zab-core/test/scripted/lost-and-duplicate.test.ts',
      name: 'drops proposals that it has already',
    },
  },
  {
    id: 'deliver-undurable',
    fault: 'a database is handed what is committed and not durable here',
    breaks: ['H9', 'P7'],
    file: 'libs/zab-core/src/history.ts',
    find: 'return this.committed < this.durable ? this.committed : this.durable;',
    replace: 'return this.committed;',
    test: {
      file: 'libs/zab-core/test/history.test.ts',
      name: 'H9: what a quorum has and this disk has not cannot be delivered',
    },
  },
  {
    id: 'any-next-zxid',
    fault: 'a broadcaster accepts any zxid above the last',
    breaks: ['H1'],
    file: 'libs/zab-core/src/terms.ts',
    find: 'if (entry.zxid !== this.expected(lastProposed)) return',
    replace: 'if (entry.zxid <= lastProposed) return',
    test: {
      file: 'libs/zab-core/test/broadcaster-core.test.ts',
      name: 'in the zxids ends the stream',
    },
  },
  {
    id: 'proposals-of-any-term',
    fault: 'a broadcaster takes proposals of a term that has ended',
    breaks: ['H1'],
    file: 'libs/zab-core/src/tenure.ts',
    find: 'if (this.#terms.isHeld && term === this.#terms.current) return true;',
    replace: 'if (this.#terms.isHeld) return true;',
    test: {
      file: 'libs/zab-core/test/broadcaster-core.test.ts',
      name: 'H1: a term that was never granted ends the stream',
    },
  },
  {
    id: 'configuration-obeyed-at-commit',
    fault: 'a configuration is obeyed when it is committed, not when it is appended',
    breaks: ['H11'],
    file: 'libs/zab-core/src/memberships.ts',
    find: 'const formed = this.#dated.map(',
    replace: 'const formed = this.#dated.slice(0, 1).map(',
    test: {
      file: 'libs/zab-core/test/scripted/admission.test.ts',
      name: 'H11: and no entry behind the change is committed by the former voters alone',
    },
  },
  {
    id: 'old-quorum-not-asked',
    fault: 'a configuration is obeyed alone from its append on, without a quorum of the one before',
    breaks: ['H11'],
    file: 'libs/zab-core/src/memberships.ts',
    find: 'const formed = this.#dated.map(',
    replace: 'const formed = this.#dated.slice(-1).map(',
    test: {
      file: 'libs/zab-core/test/scripted/admission.test.ts',
      name: 'H11: counts from the append on, together with a quorum of the former voters',
    },
  },
  {
    id: 'configuration-survives-truncation',
    fault: 'a configuration that is cut off the log is obeyed on',
    breaks: ['H11'],
    file: 'libs/zab-core/src/log-change.ts',
    find: 'this.#ensemble.memberships.truncate(last);',
    replace: '',
    test: {
      file: 'libs/zab-core/test/scripted/membership-in-log.test.ts',
      name: 'H11: is obeyed by a follower from its append on, and as before once that is cut off',
    },
  },
  {
    id: 'round-without-quorum',
    fault: 'a round of confirmation counts when it is sent, whoever answers',
    breaks: ['H13', 'P1'],
    file: ROUNDS,
    find: 'if (this.#vote?.isWon !== true) return;',
    replace: 'if (this.#vote === null) return;',
    test: {
      file: 'libs/zab-core/test/scripted/rounds.test.ts',
      name: 'H13: is answered once a quorum has acknowledged it, with what is committed then',
    },
  },
  {
    id: 'request-joins-sent-round',
    fault: 'a request is credited to a round that was sent before it came',
    breaks: ['H13', 'P1'],
    file: ROUNDS,
    find: 'this.#waiting.push(waiter);',
    replace: '(this.#vote === null ? this.#waiting : this.#asked).push(waiter);',
    test: {
      file: 'libs/zab-core/test/scripted/rounds.test.ts',
      name: 'H13 e: what arrives while one is under way waits for the next, which then answers all',
    },
  },
  {
    id: 'any-heartbeat-answers-round',
    fault: 'a round is confirmed by answers to heartbeats before it',
    breaks: ['H13', 'P1'],
    file: ROUNDS,
    find: 'if (round === this.#round) this.#vote?.add(voter);',
    replace: 'if (round <= this.#round) this.#vote?.add(voter);',
    test: {
      file: 'libs/zab-core/test/scripted/rounds.test.ts',
      name: 'H13 c: counts for a request only if it was sent after the request had arrived',
    },
  },
  {
    id: 'confirmed-before-own-history',
    fault: 'a new leader confirms reads before what it began with is committed',
    breaks: ['H13', 'P1'],
    file: LEADERSHIP,
    find: "return this.phase === 'broadcast' && this.#ensemble.history.committed >= this.#initial;",
    replace: 'return true;',
    test: {
      file: 'libs/zab-core/test/scripted/rounds.test.ts',
      name: 'H13 d: confirms nothing before what the epoch began with is committed',
    },
  },
  {
    id: 'pause-is-silence',
    fault: 'a leader that stood still takes the silence of that time for the death of the others',
    breaks: ['H13', 'P8'],
    file: 'libs/zab-core/src/broadcaster-core.ts',
    find: 'leadership?.stoodStill(stoodStillMs);',
    replace: '',
    test: {
      file: 'libs/zab-core/test/scripted/step-down.test.ts',
      name: 'bug 43: that stood still does not hold the silence of that time against its followers',
    },
  },
  {
    id: 'leads-without-stages',
    fault: 'a leader whose processor or database is lost leads on',
    breaks: ['H18', 'P8'],
    file: 'libs/zab-core/src/incumbency.ts',
    find: 'else leadership.lost ??= reason;',
    replace: '',
    test: {
      file: 'libs/zab-core/test/scripted/step-down.test.ts',
      name: 'stays away, and not before',
    },
  },
  {
    id: 'wrong-database-leads',
    fault: 'a leader whose database was found wrong leads on',
    breaks: ['H18', 'H22'],
    file: 'libs/zab-core/src/broadcaster-core.ts',
    find: 'if (isContradicted && leadership !== null) {',
    replace: 'if (isContradicted && leadership === undefined) {',
    test: {
      file: 'libs/zab-core/test/scripted/digests.test.ts',
      name: 'H18, H22: whose own database a majority contradicts leads no more, at once, and has it fetch another',
    },
  },
  {
    id: 'digest-verdict-ignored',
    fault: 'a database that differs from the majority goes on and is sent more',
    breaks: ['H22', 'P10'],
    file: 'libs/zab-core/src/digest-comparison.ts',
    find: 'this.#delivery.contradict(link, zxid, out);',
    replace: '',
    test: {
      file: 'libs/zab-core/test/scripted/digests.test.ts',
      name: 'H22: passes on the digest, and takes the verdict against it as its own',
    },
  },
  {
    id: 'first-opinion-wins',
    fault: 'the digest that comes first is the right one, without a majority',
    breaks: ['H22', 'P10'],
    file: 'libs/zab-core/src/digest-votes.ts',
    find: 'rule.isWon(votersFor(opinions, digest)));',
    replace: 'votersFor(opinions, digest).length > 0);',
    test: {
      file: 'libs/zab-core/test/scripted/digests.test.ts',
      name: 'H22: tells all what a majority has, once it has',
    },
  },
  {
    id: 'digests-never-compared',
    fault: 'digests are told, and nobody compares them',
    breaks: ['H22', 'P10'],
    file: 'libs/zab-core/src/digest-votes.ts',
    find: 'if (!this.#hasNews) return [];',
    replace: 'return [];',
    test: {
      file: 'libs/zab-core/test/scripted/digests.test.ts',
      name: 'H22: tells all what a majority has, once it has',
    },
  },
  {
    id: 'purge-below-applied',
    fault: 'the log is purged up to what was applied, not to the oldest verified snapshot',
    breaks: ['H23', 'P6'],
    file: DELIVERY,
    find: 'if (below === null || database.purgeBelow < below) below = database.purgeBelow;',
    replace: 'if (below === null || database.applied < below) below = database.applied;',
    test: {
      file: 'libs/zab-core/test/delivery.test.ts',
      name: 'H23: goes below the snapshot that every database has verified, and never without one',
    },
  },
  {
    id: 'applied-ahead-of-log',
    fault: 'a database that has applied what the log has lost is served on',
    breaks: ['H9', 'P6'],
    file: DELIVERY,
    find: 'if (database.applied > last) {',
    replace: 'if (database.applied < 0) {',
    test: {
      file: 'libs/zab-core/test/delivery.test.ts',
      name: 'stops where the database has applied more than the log has',
    },
  },
];
