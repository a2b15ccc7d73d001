import type { PlantedFault } from '../planted-fault.ts';

const ADMISSION = 'libs/processor-core/src/admission.ts';
const CORE = 'libs/processor-core/src/request-processor-core.ts';
const OVERLAY = 'libs/processor-core/src/overlay.ts';
const EPHEMERAL_DELETIONS = 'libs/processor-core/src/ephemeral-deletions.ts';
const SETTLEMENT = 'libs/processor-core/src/settlement.ts';
const EXPIRY = 'libs/processor-core/src/session-expiry.ts';

export const PROCESSOR_FAULTS: readonly PlantedFault[] = [
  {
    id: 'serves-before-applied',
    fault: 'a processor serves its term before its database has applied what was proposed before',
    breaks: ['H1', 'H5'],
    file: CORE,
    find: 'const floor = serving?.state.overlay.floor ?? this.#loading?.lastProposed;',
    replace: 'const floor = serving?.state.overlay.floor ?? ZXID_ZERO;',
    test: {
      file: 'libs/processor-core/test/term.test.ts',
      name: 'H1 a: is not served before the database has applied what was proposed before it',
    },
  },
  {
    id: 'term-not-checked',
    fault: 'a processor takes batches of front-ends of any term',
    breaks: ['H1', 'P5'],
    file: CORE,
    find: 'if (serving?.term !== batch.term) {',
    replace: 'if (serving === null) {',
    test: {
      file: 'libs/processor-core/test/term.test.ts',
      name: 'H1 c: refuses batches of another term and says which one is served',
    },
  },
  {
    id: 'duplicates-executed',
    fault: 'a write that comes again is executed again',
    breaks: ['H2', 'P5'],
    file: ADMISSION,
    find: 'if (message.sequence !== expected) {',
    replace: 'if (message.sequence > expected) {',
    test: {
      file: 'libs/processor-core/test/sequence.test.ts',
      name: 'H2 b: drops a copy silently, whether the first is queued, proposed or applied',
    },
  },
  {
    id: 'gap-accepted',
    fault: 'a write is accepted though the one before it never came',
    breaks: ['H2', 'P2', 'P5'],
    file: ADMISSION,
    find: 'if (message.sequence !== expected) {',
    replace: 'if (message.sequence < expected) {',
    test: {
      file: 'libs/processor-core/test/sequence.test.ts',
      name: 'H2 a: leaves no gap: what comes too early is asked for again, once for a pipeline',
    },
  },
  {
    id: 'replaced-not-fenced',
    fault: 'a connection that a resume has replaced goes on writing',
    breaks: ['H3', 'P5'],
    file: ADMISSION,
    find: 'if (!sameAttachment(state.attachment, attachment)) {',
    replace: 'if (state.closing) {',
    test: {
      file: 'libs/processor-core/test/attachment.test.ts',
      name: 'H3 a: fences the one before from the acceptance of the resume on',
    },
  },
  {
    id: 'late-resume-wins',
    fault: 'a resume that was overtaken by a later attempt fences off the living connection',
    breaks: ['H3'],
    file: ADMISSION,
    find: 'if (attachment.attempt < state.attachment.attempt) {',
    replace: 'if (attachment.attempt < 0) {',
    test: {
      file: 'libs/processor-core/test/attachment.test.ts',
      name: 'H3 c: of a lower attempt is refused when it arrives behind a higher one',
    },
  },
  {
    id: 'look-ups-without-floor',
    fault: 'look-ups have no floor',
    breaks: ['H5', 'P1'],
    file: CORE,
    find: 'this.#lookUps.send(out.database, this.#database, floor);',
    replace: 'this.#lookUps.send(out.database, this.#database, ZXID_ZERO);',
    test: {
      file: 'libs/processor-core/test/overlay.test.ts',
      name: 'H5: has look-ups parked at the highest zxid that has left it',
    },
  },
  {
    id: 'overlay-dropped-early',
    fault: 'a change leaves the overlay before the look-up stream has said that it is applied',
    breaks: ['H5', 'P1'],
    file: OVERLAY,
    find: 'this.#applied = this.#heard < this.#last ? this.#heard : this.#last;',
    replace: 'this.#applied = this.#last;',
    test: {
      file: 'libs/processor-core/test/overlay.test.ts',
      name: 'H5 variant: drops nothing on the word of the stream before',
    },
  },
  {
    id: 'dropped-change-raises-no-floor',
    fault: 'look-ups are asked at no floor for what has left the overlay',
    breaks: ['H5', 'P1'],
    file: OVERLAY,
    find: 'this.#floor = maxZxid(this.#floor, znode.zxid);',
    replace: '',
    test: {
      file: 'libs/processor-core/test/overlay.test.ts',
      name: 'H5: has look-ups parked at the highest zxid that has left it',
    },
  },
  {
    id: 'version-in-flight-unseen',
    fault: 'a write does not see the version that a change in flight will give',
    breaks: ['P1'],
    file: SETTLEMENT,
    find: 'znode.written(change.data, change.version, zxid, time);',
    replace: '',
    test: {
      file: 'libs/processor-core/test/overlay.test.ts',
      name: 'H5: stays until the look-up stream has said that the change is applied',
    },
  },
  {
    id: 'look-ups-not-asked-again',
    fault: 'a database that comes back is asked nothing again',
    breaks: ['H5', 'P8'],
    file: CORE,
    find: 'this.#lookUps.resendAll();',
    replace: '',
    test: {
      file: 'libs/processor-core/test/overlay.test.ts',
      name: 'H5 variant: survives a database that restarts behind, which answers only from the floor on',
    },
  },
  {
    id: 'close-misses-flight',
    fault: 'a close deletes no ephemeral whose creation is in flight',
    breaks: ['H6'],
    file: EPHEMERAL_DELETIONS,
    find: 'for (const znode of [...overlay.ephemeralsOf(session)]) {',
    replace: 'for (const znode of []) {',
    test: {
      file: 'libs/processor-core/test/close.test.ts',
      name: 'H6 b: takes along what was pipelined before it and refuses what comes behind',
    },
  },
  {
    id: 'close-without-recheck',
    fault: 'a close does not recheck what it has looked up',
    breaks: ['H6'],
    file: EPHEMERAL_DELETIONS,
    find: 'if (present?.known === true && !(present.exists && present.ephemeralOwner === session)) {',
    replace: 'if (present === null) {',
    test: {
      file: 'libs/processor-core/test/close.test.ts',
      name: 'H6 a: leaves a foreign znode that has taken the path of its ephemeral',
    },
  },
  {
    id: 'writes-behind-a-close',
    fault: 'what comes behind the close of a session is still accepted',
    breaks: ['H6'],
    file: ADMISSION,
    find: 'state.closing = true;',
    replace: '',
    test: {
      file: 'libs/processor-core/test/close.test.ts',
      name: 'H6 b: takes along what was pipelined before it and refuses what comes behind',
    },
  },
  {
    id: 'ephemerals-unbounded',
    fault: 'the ephemerals of a session may outgrow the transaction that deletes them',
    breaks: ['H6'],
    file: 'libs/processor-core/src/validation.ts',
    find: 'if (ephemeral && owner.ephemeralBytes',
    replace: 'if (ephemeral && owner.ephemeralBytes < 0 && owner.ephemeralBytes',
    test: {
      file: 'libs/processor-core/test/close.test.ts',
      name: 'H6 c: always fits a transaction, because the create is refused that would make it not',
    },
  },
  {
    id: 'read-joins-sent-round',
    fault: 'a processor credits a read to a round that it sent before the read came',
    breaks: ['H13', 'P1'],
    file: 'libs/processor-core/src/confirmations.ts',
    find: 'this.#gathering.push(waiting);',
    replace:
      '(this.#underWay.at(this.#underWay.length - 1)?.waiting ?? this.#gathering).push(waiting);',
    test: {
      file: 'libs/processor-core/test/confirmations.test.ts',
      name: 'H13 c, e: is not credited to a round already sent',
    },
  },
  {
    id: 'expiry-by-wall-clock',
    fault: 'sessions expire by the wall clock',
    breaks: ['H17'],
    file: CORE,
    find: 'const nowMs = this.#dependencies.clock.monotonicMs();',
    replace: 'const nowMs = this.#dependencies.clock.wallMs();',
    test: {
      file: 'libs/processor-core/test/expiry.test.ts',
      name: 'H17 b: hears the touches that waited behind the tick first',
    },
  },
  {
    id: 'stall-counts',
    fault: 'the time in which the processor stood still counts against the sessions',
    breaks: ['H17'],
    file: EXPIRY,
    find: 'Math.min(Math.max(elapsedMs, 0), TICKS_PER_TICK * this.#tickMs);',
    replace: 'Math.max(elapsedMs, 0);',
    test: {
      file: 'libs/processor-core/test/expiry.test.ts',
      name: 'H17 b: advances by two ticks at most, however late a tick is',
    },
  },
  {
    id: 'no-full-timeout',
    fault: 'a session starts a term, as its life, without a full timeout',
    breaks: ['H17'],
    file: EXPIRY,
    find: `    this.renew(state);
    this.#place(state);`,
    replace: `    state.deadlineMs = this.#nowMs;
    this.#place(state);`,
    test: {
      file: 'libs/processor-core/test/expiry.test.ts',
      name: 'H17 a: is put off by touches, which are acknowledged, and by whatever else is accepted',
    },
  },
  {
    id: 'no-timer-after-new-term',
    fault: 'a session that a new term finds never expires',
    breaks: ['H17'],
    file: 'libs/processor-core/src/serving-term.ts',
    find: 'for (const session of sessions.values()) this.state.expiry.add(session);',
    replace: '',
    test: {
      file: 'libs/processor-core/test/expiry.test.ts',
      name: 'H17 d: starts with one full timeout in every term',
    },
  },
  {
    id: 'touches-renew-nothing',
    fault: 'touches renew nothing',
    breaks: ['H17'],
    file: ADMISSION,
    find: 'if (sameAttachment(state.attachment, attachment)) this.#term.expiry.renew(state);',
    replace: '',
    test: {
      file: 'libs/processor-core/test/expiry.test.ts',
      name: 'H17 a: is put off by touches, which are acknowledged, and by whatever else is accepted',
    },
  },
  {
    id: 'touched-by-the-deposed',
    fault: 'a processor acknowledges touches without a round that confirms its leader',
    breaks: ['H17'],
    file: 'libs/processor-core/src/serving-term.ts',
    find: "confirmations.add({ kind: 'touch', frontend, number: message.round });",
    replace: "out.frontends.push(frontend.link, { kind: 'touched', round: message.round });",
    test: {
      file: 'libs/processor-core/test/confirmations.test.ts',
      name: 'H17 a: is acknowledged only when a round that was sent after it has confirmed the leader',
    },
  },
  {
    id: 'expires-unread',
    fault: 'sessions expire while the processor does not read their front-ends',
    breaks: ['H16'],
    file: CORE,
    find: 'const isHeard = !this.#readingPaused && this.wantsRequests();',
    replace: 'const isHeard = true;',
    test: {
      file: 'libs/processor-core/test/expiry.test.ts',
      name: 'H16 c: stands still while the front-ends are not read',
    },
  },
  {
    id: 'time-goes-back',
    fault: 'time goes back with the wall clock',
    breaks: ['H17'],
    file: 'libs/processor-core/src/proposals.ts',
    find: 'if (wall > this.#time) this.#time = wall;',
    replace: 'this.#time = wall;',
    test: {
      file: 'libs/processor-core/test/expiry.test.ts',
      name: 'H17 c: and time itself never go back when the wall clock does',
    },
  },
  {
    id: 'tombstones-dropped-at-once',
    fault: 'the tombstone of a session is dropped at once',
    breaks: ['H20', 'P5'],
    file: 'libs/processor-core/src/tombstones.ts',
    find: 'this.#life = life;',
    replace: 'this.#life = 0;',
    test: {
      file: 'libs/processor-core/test/outcome-window.test.ts',
      name: 'H20: are dropped by a transaction after a bounded number of others',
    },
  },
  {
    id: 'sequential-in-flight-uncounted',
    fault: 'a sequential creation in flight does not count for the next name',
    breaks: ['H5', 'P1'],
    file: 'libs/processor-core/src/overlay-znode.ts',
    find: 'this.creates++;',
    replace: '',
    test: {
      file: 'libs/processor-core/test/validation.test.ts',
      name: 'names sequential znodes by the count of creations of the parent, also across deletions',
    },
  },
];
