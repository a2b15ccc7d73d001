import type { PlantedFault } from '../planted-fault.ts';

const RESTORATION = 'libs/tree-core/src/snapshots/restoration.ts';
const RESTORATION_TESTS = 'libs/tree-core/test/restoration.test.ts';
const BACKUP_FILE = 'libs/replica/src/backup-file.ts';
const BACKUP_FILE_TESTS = 'libs/replica/test/backup/backup-file.test.ts';
const RESTORING = 'libs/replica/src/restoring.ts';
const RESTORING_TESTS = 'libs/replica/test/backup/restoring.test.ts';
const LEARNER_STREAMS = 'libs/zab-core/src/learner-streams.ts';
const ZAB_TESTS = 'libs/zab-core/test/scripted/restoration.test.ts';
const RUNNING_TESTS = 'libs/replica/test/backup/running-database.test.ts';
const UNSEEN = 'no ensemble of the simulator is founded with a backup';

export const BACKUP_FAULTS: readonly PlantedFault[] = [
  {
    id: 'backup-named-unread',
    fault: 'a backup gets its name before it was read back',
    breaks: ['P10'],
    file: BACKUP_FILE,
    find: `const { content } = readBackup(partial);
    renameSync(partial, file);`,
    replace: `renameSync(partial, file);
    const { content } = readBackup(file);`,
    test: {
      file: BACKUP_FILE_TESTS,
      name: 'leaves what stood there before where what came is not sound',
    },
    unseen: UNSEEN,
  },
  {
    id: 'backup-digests-unchecked',
    fault: 'the rows of a backup, or of any snapshot, need not come to its digests',
    breaks: ['P10'],
    file: 'libs/tree-core/src/snapshots/snapshot-loading.ts',
    find: 'if (reason !== undefined) return bad(reason);',
    replace: '',
    test: {
      file: BACKUP_FILE_TESTS,
      name: 'P10: is refused where checksums hold and the rows do not come to the digests',
    },
    unseen: UNSEEN,
  },
  {
    id: 'restored-in-the-same-epoch',
    fault:
      'a restored ensemble begins in the epoch that the backup knows, and gives its zxids again',
    breaks: ['P1', 'P3'],
    file: RESTORATION,
    find: 'state.knownEpoch() + 1',
    replace: 'state.knownEpoch()',
    test: {
      file: RESTORATION_TESTS,
      name: 'begins in a later epoch than any that the backup knows of',
    },
    unseen: UNSEEN,
  },
  {
    id: 'restored-ephemerals-stay',
    fault: 'the ephemerals of a backup stay, owned by sessions that have ended',
    breaks: ['H6'],
    file: RESTORATION,
    find: 'znodes.delete(znodes.find(path), parent.cversion + 1, zxid);',
    replace: '',
    test: {
      file: RESTORATION_TESTS,
      name: 'has the znodes of the backup without its sessions and their ephemerals',
    },
    unseen: UNSEEN,
  },
  {
    id: 'restored-replica-stands-alone',
    fault: 'a restored voter forms an ensemble of its own, and serves without the others',
    breaks: ['H7'],
    file: RESTORING,
    find: 'initialConfiguration(database.identity, ensemble)',
    replace: 'initialConfiguration(database.identity, [])',
    test: {
      file: RESTORING_TESTS,
      name: 'H7: of three voters leaves an ensemble that is not formed, and needs them all',
    },
    unseen: UNSEEN,
  },
  {
    id: 'restored-without-log',
    fault: 'the log of a restored replica does not begin behind its snapshot',
    breaks: ['H8'],
    file: RESTORING,
    find: 'foundLog(diskOf(broadcaster.path), begins, configuration);',
    replace: '',
    test: {
      file: RESTORING_TESTS,
      name: 'H8: leaves a replica that waits for a snapshot where the disk is full on the way',
    },
    unseen: UNSEEN,
  },
  {
    id: 'backup-for-anybody',
    fault: 'anybody is given a backup, and with it every znode',
    breaks: [],
    file: 'libs/replica/src/backup-relay.ts',
    find: 'if (refusal !== null) {',
    replace: 'if (refusal !== null && atLeast < 0) {',
    test: {
      file: 'libs/replica/test/backup/backup-relay.test.ts',
      name: 'is for the user super alone, or where there is none for callers on the machine',
    },
    unseen: UNSEEN,
  },
  {
    id: 'restoration-sent-unheld',
    fault: 'a learner is sent a restoration whose backup its database does not hold',
    breaks: ['H8'],
    file: LEARNER_STREAMS,
    find: 'if (next === null || learner.held.has(next.backup)) return this.#history.last;',
    replace: 'return this.#history.last;',
    test: {
      file: ZAB_TESTS,
      name: 'H8: is not sent to a learner whose database does not hold the backup',
    },
  },
  {
    id: 'restoration-without-holders',
    fault: 'a restoration is logged before a quorum of voters holds its backup',
    breaks: ['P8'],
    file: 'libs/zab-core/src/restoring.ts',
    find: 'return quorum.isWon(holders);',
    replace: 'return true;',
    test: {
      file: ZAB_TESTS,
      name: 'is not logged before a quorum holds the backup, and writes go on until then',
    },
  },
  {
    id: 'restoration-without-new-epoch',
    fault: 'the term behind a restoration is of the same epoch',
    breaks: ['H1'],
    file: 'libs/zab-core/src/restoring.ts',
    find: "this.#incumbency.rollOver('a backup was restored', out);",
    replace: '',
    test: {
      file: ZAB_TESTS,
      name: 'is the last entry of its term, and a later epoch begins behind it',
    },
  },
  {
    id: 'log-from-before-restoration',
    fault: 'a learner that is behind a committed restoration is sent the log, not a snapshot',
    breaks: ['H8'],
    file: 'libs/zab-core/src/broadcaster-core.ts',
    find: 'restorations.newestCommitted(history.committed),',
    replace: 'ZXID_ZERO,',
    test: {
      file: ZAB_TESTS,
      name: 'H8: makes a snapshot needed by whoever is before it, once it is committed',
    },
  },
  {
    id: 'restored-outcomes-lost',
    fault: 'sessions that a restoration ends are forgotten, with what became of their writes',
    breaks: ['H20', 'P5'],
    file: RESTORATION,
    find: "state.sessions.addTombstone(it.session, 'restored', zxid, it.lastSequence, outcomes);",
    replace: '',
    test: {
      file: 'libs/tree-core/test/restoration-while-running.test.ts',
      name: 'H20: ends the sessions of the ensemble, and keeps what became of their writes',
    },
  },
  {
    id: 'backup-held-unverified',
    fault: 'a backup is held that was not loaded to see that it comes to its digests',
    breaks: ['P10'],
    file: 'libs/replica/src/backup-store.ts',
    find: "else if (end.reason !== '') failed(end.reason);",
    replace: '',
    test: {
      file: RUNNING_TESTS,
      name: 'P10: is refused where it is not what its name says, and leaves nothing',
    },
  },
  {
    id: 'backup-of-later-zxid',
    fault: 'a backup of a later zxid than the ensemble has come to is restored below that',
    breaks: ['P1', 'P3'],
    file: 'libs/zab-core/src/restoring.ts',
    find: 'if (taken < this.#ensemble.history.last) return true;',
    replace: 'if (taken < Infinity) return true;',
    test: {
      file: ZAB_TESTS,
      name: 'of a backup of a later zxid comes in an epoch above that, so that no zxid comes again',
    },
    unseen: 'a backup of the simulator is one of its own ensemble, which has come further',
  },
  {
    id: 'restored-backup-held-again',
    fault:
      'a backup that the log has restored may be restored again, though its name is to come once',
    breaks: ['H8'],
    file: 'libs/zab-core/src/restorations.ts',
    find: 'if (!this.#dated.some((it) => it.backup === backup)) this.#held.add(backup);',
    replace: 'this.#held.add(backup);',
    test: { file: ZAB_TESTS, name: 'is refused of a backup that the log has restored already' },
  },
  {
    id: 'lost-backup-unsaid',
    fault:
      'a database that has lost the backup which its next entry restores waits, and says nothing',
    breaks: ['H8'],
    file: 'libs/tree-core/src/snapshots/backups.ts',
    find: "if (this.#isLost) out.broadcaster.push(link, { kind: 'backupLost', zxid: this.restoringAt });",
    replace: '',
    test: {
      file: 'libs/tree-core/test/restoration-while-running.test.ts',
      name: 'H8: that is not here is told to the broadcaster on each link, and nothing is applied or served',
    },
  },
  {
    id: 'lost-backup-served',
    fault: 'a database that cannot apply a restoration goes on telling of the state before it',
    breaks: ['H13', 'H23'],
    file: 'libs/tree-core/src/hindrances.ts',
    find: `    lookUps.closeAll(NEEDS_SNAPSHOT, out);
    this.#awaitSnapshot(out);`,
    replace: '    lookUps.closeAll(NEEDS_SNAPSHOT, out);',
    test: {
      file: 'libs/tree-core/test/restoration-while-running.test.ts',
      name: 'H8: that is not here is told to the broadcaster on each link, and nothing is applied or served',
    },
  },
  {
    id: 'restored-sessions-expire',
    fault: 'clients are told of sessions that a restoration ends that they have expired',
    breaks: ['H20'],
    file: RESTORATION,
    find: "state.sessions.addTombstone(it.session, 'restored', zxid",
    replace: "state.sessions.addTombstone(it.session, 'expired', zxid",
    test: {
      file: 'libs/tree-core/test/restoration-while-running.test.ts',
      name: 'H20: ends the sessions of the ensemble, and keeps what became of their writes',
    },
  },
];
