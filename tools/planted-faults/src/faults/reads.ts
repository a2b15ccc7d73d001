import type { PlantedFault } from '../planted-fault.ts';

const CORE = 'libs/tree-core/src/database-core.ts';
const FRONTENDS = 'libs/tree-core/src/frontends/frontends.ts';
const ATTACHED = 'libs/tree-core/src/frontends/attached-sessions.ts';
const READS = 'libs/tree-core/src/frontends/reads.ts';
const HISTORY = 'libs/tree-core/src/watches/event-history.ts';

export const READ_FAULTS: readonly PlantedFault[] = [
  {
    id: 'read-only-for-all',
    fault: 'a replica that has lost the leader answers also those that have not accepted that',
    breaks: ['H13'],
    file: READS,
    find: 'if (!isServing && !(acceptsReadOnly && isReadOnly)) {',
    replace: 'if (!isServing && !isReadOnly) {',
    test: {
      file: 'libs/tree-core/test/freshness.test.ts',
      name: 'H13: a replica that has lost the leader answers those that accept it, and says so',
    },
  },
  {
    id: 'read-only-unmarked',
    fault: 'a replica that has lost the leader does not say so in its answers',
    breaks: ['H13'],
    file: READS,
    find: 'this.#reply(stream, number, result, out, !isServing);',
    replace: 'this.#reply(stream, number, result, out);',
    test: {
      file: 'libs/tree-core/test/freshness.test.ts',
      name: 'H13: a replica that has lost the leader answers those that accept it, and says so',
    },
  },
  {
    id: 'read-only-at-start',
    fault: 'a replica that has never been fresh answers those that accept one without a leader',
    breaks: ['H13'],
    file: 'libs/tree-core/src/availability.ts',
    find: 'return this.#reason === REASONS.stale && this.freshness.freshMs > -Infinity;',
    replace: 'return this.#reason === REASONS.stale;',
    test: {
      file: 'libs/tree-core/test/freshness.test.ts',
      name: 'H13: one that has just started, or was found wrong, answers nobody, whatever they accept',
    },
  },
  {
    id: 'freshness-of-newest-probe',
    fault: 'an answer to an old probe makes the replica as fresh as the probe it has sent last',
    breaks: ['H13'],
    file: 'libs/tree-core/src/freshness.ts',
    find: 'this.#freshMs = Math.max(this.#freshMs, this.#sentMs[slot] ?? -Infinity);',
    replace: 'this.#freshMs = this.#sentMs[this.#sent % REMEMBERED];',
    test: {
      file: 'libs/tree-core/test/freshness.test.ts',
      name: 'H13: a replica that always lags a little is fresh as of the floors that it has reached',
    },
  },
  {
    id: 'fresh-before-applied',
    fault:
      'a replica is fresh when its probe is answered, before it has applied what the answer names',
    breaks: ['H13'],
    file: 'libs/tree-core/src/freshness.ts',
    find: 'return this.reached(applied);',
    replace: 'return this.reached(Infinity);',
    test: {
      file: 'libs/tree-core/test/freshness.test.ts',
      name: 'H13 d: a restarted replica serves nothing before what was committed then is applied',
    },
  },
  {
    id: 'stale-reads-served',
    fault: 'local reads are served however long ago the leader was heard',
    breaks: ['H13', 'P3'],
    file: 'libs/tree-core/src/availability.ts',
    find: "this.#hindrance ?? (this.freshAgoMs <= this.#staleReadsMs ? null : ('stale' as const));",
    replace: 'this.#hindrance;',
    test: {
      file: 'libs/tree-core/test/freshness.test.ts',
      name: 'H13 f: a replica that was stopped for too long says so before it answers what has queued',
    },
  },
  {
    id: 'late-clock-before-reads',
    fault:
      'a database that stood still answers what waited in its sockets before it looks at the clock',
    breaks: ['H13'],
    file: CORE,
    find: 'if (this.#loading === null) this.#confirmation.check(out);',
    replace: '',
    test: {
      file: 'libs/tree-core/test/freshness.test.ts',
      name: 'H13 f: a replica that was stopped for too long says so before it answers what has queued',
    },
  },
  {
    id: 'read-below-floor',
    fault: 'a read is answered though its floor is not applied',
    breaks: ['H15', 'P3'],
    file: READS,
    find: 'floor <= this.#state.applied &&',
    replace: 'floor >= 0 &&',
    test: {
      file: 'libs/tree-core/test/outcome-order.test.ts',
      name: 'P4: an event comes before a read that shows what it announces, of any session',
    },
  },
  {
    id: 'read-before-own-write',
    fault: 'a read is answered before the write of its session that it follows',
    breaks: ['H14', 'P2'],
    file: READS,
    find: 'afterSequence <= live.row.lastSequence &&',
    replace: 'afterSequence >= 0 &&',
    test: {
      file: 'libs/tree-core/test/reads.test.ts',
      name: 'H14 a: a read parked behind a write shows it and none of the later ones',
    },
  },
  {
    id: 'reads-overtake-parked',
    fault: 'a read is answered while an earlier one of its session is parked',
    breaks: ['H14', 'P2', 'P3'],
    file: READS,
    find: 'parked.first === null &&',
    replace: '',
    test: {
      file: 'libs/tree-core/test/freshness.test.ts',
      name: 'H14: a read that waits to be fresh parks the later ones of its session alone',
    },
  },
  {
    id: 'parked-reads-wait-on',
    fault: 'reads that wait for a write are answered behind later transactions',
    breaks: ['H14', 'P2'],
    file: FRONTENDS,
    find: 'if (live.parked.first !== null) this.#reads.drain(live, out);',
    replace: '',
    test: {
      file: 'libs/tree-core/test/reads.test.ts',
      name: 'H14 a: a read parked behind a write shows it and none of the later ones',
    },
  },
  {
    id: 'attach-below-floor',
    fault: 'an attach is answered by a database that has not applied what the session was told',
    breaks: ['H15', 'P3'],
    file: ATTACHED,
    find: 'if (pending.floor <= this.#state.applied) this.complete(pending, out);',
    replace: 'if (pending.floor >= 0) this.complete(pending, out);',
    test: {
      file: 'libs/tree-core/test/attach.test.ts',
      name: 'H15 a: waits until its floor is applied, and so do the reads behind it',
    },
  },
  {
    id: 'missed-events-untold',
    fault: 'an attach tells none of the events that were missed',
    breaks: ['H15', 'P4', 'P9'],
    file: ATTACHED,
    find: 'for (const event of withoutRepeats(events)) {',
    replace: 'for (const event of []) {',
    test: {
      file: 'libs/tree-core/test/attach.test.ts',
      name: 'H15 c: after a snapshot a watch learns from the zxids of the znode what it has missed',
    },
  },
  {
    id: 'watch-lost-on-attach',
    fault: 'an attach does not set the watches of znodes again',
    breaks: ['H15', 'P9'],
    file: ATTACHED,
    find: 'else watches.watchZnode(live, path);',
    replace: '',
    test: {
      file: 'libs/tree-core/test/attach.test.ts',
      name: 'H15 c: after a snapshot a watch learns from the zxids of the znode what it has missed',
    },
  },
  {
    id: 'compacted-untold',
    fault: 'a watch of which the history cannot tell is dropped without a word',
    breaks: ['H15', 'P9'],
    file: ATTACHED,
    find: "if (missed === 'compacted') compacted.push({ kind, path, from: applied });",
    replace: "if (missed === 'compacted') return;",
    test: {
      file: 'libs/tree-core/test/attach.test.ts',
      name: 'H15 c: after a snapshot a watch learns from the zxids of the znode what it has missed',
    },
  },
  {
    id: 'history-behind-snapshot',
    fault: 'the history claims to reach back behind the snapshot that was loaded',
    breaks: ['H15', 'P9'],
    file: CORE,
    find: 'this.#state.history.startAt(snapshot);',
    replace: '',
    test: {
      file: 'libs/tree-core/test/attach.test.ts',
      name: 'H15 c: after a snapshot a watch learns from the zxids of the znode what it has missed',
    },
  },
  {
    id: 'history-never-forgets',
    fault: 'the history claims to have the events that it has overwritten',
    breaks: ['P9'],
    file: HISTORY,
    find: 'if (this.#recorded >= this.#capacity) this.#floor = this.#zxidAt(slot);',
    replace: '',
    test: {
      file: 'libs/tree-core/test/attach.test.ts',
      name: 'P9: a watch hears of the end of its znode, also of one that came and went once more',
    },
  },
  {
    id: 'persistent-watch-unrestored',
    fault: 'a persistent watch that comes back is set, and not told what it has missed',
    breaks: ['P9'],
    file: 'libs/tree-core/src/frontends/attached-sessions.ts',
    find: 'else events.push(...history.toldBy(kind, path, from));',
    replace: '',
    test: {
      file: 'libs/tree-core/test/persistent-watches.test.ts',
      name: 'P9: that come back are told what they have missed, before the answer, and go on',
    },
  },
  {
    id: 'compacted-not-covered',
    fault:
      'a persistent watch takes what one-shot ones have missed of a compacted time for its own',
    breaks: ['P9'],
    file: 'libs/client-core/src/watch-table.ts',
    find: 'persistent.progress.covered(from);',
    replace: '',
    test: {
      file: 'libs/client-core/test/persistent-watches.test.ts',
      name: 'P9: leave to one-shot watches what those are told of the time that is compacted',
    },
  },
  {
    id: 'rest-of-transaction-missed',
    fault:
      'a persistent watch that was told one event of a transaction does not ask for the others',
    breaks: ['P9'],
    file: 'libs/model/src/persistent-watch.ts',
    find: 'this.covered(trustedZxid(zxid - 1));',
    replace: 'this.covered(zxid);',
    test: {
      file: 'libs/client-core/test/persistent-watches.test.ts',
      name: 'P9: come back behind what was told, and are told nothing twice',
    },
  },
  {
    id: 'read-only-below-the-floor',
    fault: 'a connection that is read-only shows less than what its client has seen',
    breaks: ['P3'],
    file: 'libs/session-core/src/read-only-sessions.ts',
    find: 'floor: maxZxid(slot.floor, session.floor),',
    replace: 'floor: slot.floor,',
    test: {
      file: 'libs/session-core/test/read-only.test.ts',
      name: 'P3: reads at or above what it has seen, and one after the other never less',
    },
  },
  {
    id: 'read-only-covers-events',
    fault:
      'what a client reads from a replica without a leader counts as if its events had been told',
    breaks: ['P9'],
    file: 'libs/client-core/src/client-core.ts',
    find: 'if (!this.#readOnly.isOn) this.#watches.answered(',
    replace: 'this.#watches.answered(',
    test: {
      file: 'libs/client-core/test/read-only.test.ts',
      name: 'P9: what it reads meanwhile covers no event: watches come back behind what was told before',
    },
  },
  {
    id: 'read-only-refuses-what-was-sent',
    fault: 'a client is told that a write was refused as read-only which was sent before, and ran',
    breaks: ['P5'],
    file: 'libs/client-core/src/read-only.ts',
    find: 'return wasSent ? WAITS : REFUSED;',
    replace: 'return REFUSED;',
    test: {
      file: 'libs/client-core/test/read-only.test.ts',
      name: 'P5: keeps a write that may have taken effect, and all behind it, for the session',
    },
  },
  {
    id: 'read-only-is-life',
    fault: 'a connection that is read-only counts as a sign of life of the session',
    breaks: ['H17'],
    file: 'libs/client-core/src/client-core.ts',
    find: 'this.#heartbeats.listened(timeoutMs, nowMs);',
    replace: 'this.#heartbeats.started(timeoutMs, nowMs);',
    test: {
      file: 'libs/client-core/test/read-only.test.ts',
      name: 'H17: is lost all the same once nobody has acknowledged a sign of life for long enough',
    },
  },
];
