import type { PlantedFault } from '../planted-fault.ts';

const TRANSACTIONS = 'libs/tree-core/src/transactions.ts';
const CORE = 'libs/tree-core/src/database-core.ts';
const FRONTENDS = 'libs/tree-core/src/frontends/frontends.ts';
const SESSIONS = 'libs/tree-core/src/sessions/session-table.ts';
const ZNODE_SNAPSHOT = 'libs/tree-core/src/znodes/znode-snapshot.ts';

export const DATABASE_FAULTS: readonly PlantedFault[] = [
  {
    id: 'old-time-of-change',
    fault: 'a set of data keeps the old time of change',
    breaks: ['P1', 'P7'],
    file: 'libs/tree-core/src/znodes/znode-store.ts',
    find: `rows.setDouble(row, MTIME, time);
    this.#digest.addSelf(rows, row);`,
    replace: 'this.#digest.addSelf(rows, row);',
    test: {
      file: 'libs/tree-core/test/znodes/znode-store.test.ts',
      name: 'P7: replaying any stretch of changes once more to its end gives the same tree',
    },
  },
  {
    id: 'session-listed-twice',
    fault: 'a page of sessions begins with the one that it is to begin behind',
    breaks: ['P1'],
    file: 'libs/tree-core/src/sessions/sessions-by-id.ts',
    find: 'if ((sorted[middle] ?? 0) <= after) low = middle + 1;',
    replace: 'if ((sorted[middle] ?? 0) < after) low = middle + 1;',
    test: {
      file: 'libs/tree-core/test/reads.test.ts',
      name: 'list sessions by pages, with what they own and, where they are attached here, their watches',
    },
  },
  {
    id: 'watches-unlisted',
    fault: 'a list of watches leaves out those of data and of existence',
    breaks: ['P9'],
    file: 'libs/tree-core/src/frontends/watch-list.ts',
    find: "    collect(live.znodeWatches, 'data');\n",
    replace: '',
    test: {
      file: 'libs/tree-core/test/reads.test.ts',
      name: 'list the watches of the session that asks: those that would fire now, and no others',
    },
  },
  {
    id: 'outcome-before-events',
    fault: 'the outcome of a set of data goes before the events of the same zxid',
    breaks: ['H4', 'P4'],
    file: TRANSACTIONS,
    find: 'this.#settle(transaction, this.#setData(change, transaction, out), out);',
    replace: `const late = [];
        const push = (link, it) => late.push([link, it]);
        this.#settle(transaction, this.#setData(change, transaction, { frontends: { push } }), out);
        for (const [link, it] of late) out.frontends.push(link, it);`,
    test: {
      file: 'libs/tree-core/test/outcome-order.test.ts',
      name: 'H4: events come first, then the outcome, then the parked reads',
    },
  },
  {
    id: 'outcome-not-recorded',
    fault: 'the outcome of a write is told and not recorded',
    breaks: ['P5', 'H3'],
    file: SESSIONS,
    find: `this.#pushOutcome(session, outcome);
    const { window } = session;`,
    replace: 'const { window } = session;',
    test: {
      file: 'libs/tree-core/test/attach.test.ts',
      name: 'H15 b: learns the outcomes that were recorded while nobody was connected',
    },
  },
  {
    id: 'tombstone-without-outcomes',
    fault: 'the tombstone of a session has no outcomes',
    breaks: ['H20', 'P5'],
    file: SESSIONS,
    find: 'return this.addTombstone(session.session, end, zxid, session.lastSequence, outcomes);',
    replace: 'return this.addTombstone(session.session, end, zxid, session.lastSequence, []);',
    test: {
      file: 'libs/tree-core/test/sessions.test.ts',
      name: 'H20: an end leaves the last sequence and the outcomes that were not acknowledged',
    },
  },
  {
    id: 'window-trimmed-locally',
    fault: 'the window of outcomes is trimmed by what one replica alone is doing',
    breaks: ['H21', 'P10'],
    file: SESSIONS,
    find: 'window.count > session.windowCount ||',
    replace: 'window.count > session.windowCount - (this.#keeper === null ? 0 : 1) ||',
    test: {
      file: 'libs/tree-core/test/sessions.test.ts',
      name: 'H21 a: replicas that apply the same transactions have the same digest of sessions',
    },
  },
  {
    id: 'window-trimmed-below-outstanding',
    fault: 'the window keeps the newest outcome alone',
    breaks: ['H21', 'P5'],
    file: SESSIONS,
    find: 'window.count > session.windowCount ||',
    replace: 'window.count > 1 ||',
    test: {
      file: 'libs/tree-core/test/sessions.test.ts',
      name: 'H21 a: acknowledged outcomes leave first, then the replicated bounds hold',
    },
  },
  {
    id: 'marker-not-told',
    fault: 'front-ends are not told of the marker of a new term',
    breaks: ['H1', 'P8'],
    file: CORE,
    find: "this.#frontends.announce({ kind: 'termMarker', zxid, term }, out);",
    replace: '',
    test: {
      file: 'libs/tree-core/test/outcome-order.test.ts',
      name: 'the marker of a term and whether it is held reach every front-end',
    },
  },
  {
    id: 'marker-not-kept',
    fault:
      'a database forgets the marker that it has applied, so that no stream opens with its term',
    breaks: ['H15', 'P8'],
    file: CORE,
    find: 'state.term = term;',
    replace: '',
    test: {
      file: 'libs/tree-core/test/snapshots.test.ts',
      name: 'H15: sessions, outcomes and the term outlive the restart',
    },
  },
  {
    id: 'no-fence-at-database',
    fault: 'a front-end is not told that another one has resumed its session',
    breaks: ['H3'],
    file: FRONTENDS,
    find: 'if (isNew) this.#fence(row, replaced, zxid, out);',
    replace: '',
    test: {
      file: 'libs/tree-core/test/sessions.test.ts',
      name: 'H3: a resume elsewhere fences the older attachment and names the last sequence',
    },
  },
  {
    id: 'reads-of-replaced-answered',
    fault: 'reads that the replaced connection sent are answered to the one that has resumed',
    breaks: ['H3'],
    file: FRONTENDS,
    find: 'if (isNew) live.awaitsAttach = true;',
    replace: '',
    test: {
      file: 'libs/tree-core/test/attach.test.ts',
      name: 'H3: what the replaced connection had asked does not wait in the queue of the next one',
    },
  },
  {
    id: 'ephemerals-outlive-session',
    fault: 'the end of a session leaves its ephemerals',
    breaks: ['H6'],
    file: TRANSACTIONS,
    find: 'for (const deletion of change.znodes) this.#delete(deletion, zxid, out);',
    replace: '',
    test: {
      file: 'libs/tree-core/test/watches.test.ts',
      name: 'fire for each ephemeral that goes with its session',
    },
  },
  {
    id: 'no-old-images',
    fault: 'a snapshot saves no image of a znode that changes before the scan comes to it',
    breaks: ['H12', 'P7'],
    file: ZNODE_SNAPSHOT,
    find: 'if (row >= this.#cursor && row < this.#end && this.#isUnchanged(row)) this.#write(row);',
    replace: '',
    test: {
      file: 'libs/tree-core/test/znodes/znode-snapshot.test.ts',
      name: 'H12: is the tree at its zxid, whatever changes between its slices',
    },
  },
  {
    id: 'snapshot-has-the-newborn',
    fault: 'a snapshot has znodes as they have become while it was taken',
    breaks: ['H12', 'P7'],
    file: ZNODE_SNAPSHOT,
    find: 'if (rows.isUsed(row) && this.#isUnchanged(row)) this.#write(row);',
    replace: 'if (rows.isUsed(row)) this.#write(row);',
    test: {
      file: 'libs/tree-core/test/znodes/znode-snapshot.test.ts',
      name: 'H12: is the tree at its zxid, whatever changes between its slices',
    },
  },
  {
    id: 'no-old-session-images',
    fault: 'a snapshot has sessions as they have become while it was taken',
    breaks: ['H12', 'P7'],
    file: SESSIONS,
    find: 'this.#keeper.keepSession(session);',
    replace: '',
    test: {
      file: 'libs/tree-core/test/snapshots.test.ts',
      name: 'H12: the session table is exact at the zxid of the snapshot, whatever changes meanwhile',
    },
  },
  {
    id: 'rotten-memory-saved',
    fault: 'a snapshot is finished though what was scanned does not come to the running digest',
    breaks: ['H12', 'P10'],
    file: 'libs/tree-core/src/snapshots/snapshot-taking.ts',
    find: 'if (!isSound && !this.isEvidence) return rotten;',
    replace: '',
    test: {
      file: 'libs/tree-core/test/snapshots.test.ts',
      name: 'H12: the scan finds memory that has rotted, gives the snapshot up and says so',
    },
  },
  {
    id: 'minority-serves-on',
    fault: 'a database ignores the verdict that it is wrong',
    breaks: ['H22', 'P10'],
    file: 'libs/tree-core/src/hindrances.ts',
    find: "if (verdict === 'contradicted') this.#foundWrong(out);",
    replace: '',
    test: {
      file: 'libs/tree-core/test/digests.test.ts',
      name: 'H22: a database that a majority contradicts stops serving at once',
    },
  },
  {
    id: 'wrong-snapshot-offered',
    fault: 'a database that was found wrong hands its snapshots to others',
    breaks: ['H22', 'P10'],
    file: 'libs/tree-core/src/digest-verdicts.ts',
    find: 'return this.areSnapshotsTaken || zxid <= this.#agreed;',
    replace: 'return true;',
    test: {
      file: 'libs/tree-core/test/digests.test.ts',
      name: 'H22: without a majority no snapshot is taken, and the database goes on serving',
    },
  },
  {
    id: 'purge-beyond-oldest-snapshot',
    fault: 'the log is purged below the newest snapshot, though an older one may be needed',
    breaks: ['H23', 'P6'],
    file: CORE,
    find: '? oldestKept : ZXID_ZERO',
    replace: '? zxid : ZXID_ZERO',
    test: {
      file: 'libs/tree-core/test/snapshots.test.ts',
      name: 'H23: once it is verified the broadcaster learns how far it may purge',
    },
  },
  {
    id: 'purge-beyond-agreed-snapshot',
    fault: 'the log is purged though a majority has agreed on no snapshot that is left',
    breaks: ['H22', 'P10'],
    file: CORE,
    find: 'const purgeBelow = oldestKept <= this.#snapshots.agreed ? oldestKept',
    replace: 'const purgeBelow = oldestKept <= zxid ? oldestKept',
    test: {
      file: 'libs/tree-core/test/snapshots.test.ts',
      name: 'H22: nothing is purged behind which no majority has agreed on a snapshot',
    },
  },
  {
    id: 'agreed-snapshot-removed',
    fault: 'the newest snapshots stay, and not the last one that a majority had agreed with',
    breaks: ['H22', 'P10'],
    file: 'libs/txn-log/src/snapshot-files.ts',
    find: 'if (good !== undefined) kept.add(good);',
    replace: 'if (good === undefined) kept.clear();',
    test: {
      file: 'libs/txn-log/test/snapshot-files.test.ts',
      name: 'H22: keep the newest that a majority had agreed with, however old it is',
    },
  },
  {
    id: 'unknown-kind-skipped',
    fault: 'an entry of a newer version is skipped',
    breaks: ['H24', 'P10'],
    file: CORE,
    find: 'if (!(error instanceof CodecError)) throw error;',
    replace: 'if (error instanceof CodecError) return true;',
    unseen: 'the simulator runs one version',
    test: {
      file: 'libs/tree-core/test/entries.test.ts',
      name: 'H24: an unknown kind of transaction stops the database, saying so',
    },
  },
];
