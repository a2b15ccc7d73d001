import type { PlantedFault } from '../planted-fault.ts';

const CORE = 'libs/session-core/src/session-frontend-core.ts';
const PROGRESS = 'libs/session-core/src/session-progress.ts';
const REQUESTS = 'libs/session-core/src/client-requests.ts';
const OPENING = 'libs/session-core/src/session-opening.ts';
const REPLIES = 'libs/session-core/src/database-replies.ts';
const PROCESSOR = 'libs/session-core/src/processor-replies.ts';
const TICK = 'libs/session-core/src/frontend-tick.ts';
const TOUCHES = 'libs/session-core/src/touch-rounds.ts';

export const FRONTEND_FAULTS: readonly PlantedFault[] = [
  {
    id: 'marker-settles-nothing',
    fault: 'what is unsettled is not sent to the processor of the next term',
    breaks: ['H1', 'P5'],
    file: CORE,
    find: 'requestAgain(front, out);',
    replace: '',
    test: {
      file: 'libs/session-core/test/leader-change.test.ts',
      name: 'H1: writes in flight as the leader changes are answered from the table, or sent again in order',
    },
  },
  {
    id: 'expect-ignored',
    fault: 'a front-end does not go back to the write that the processor expects',
    breaks: ['H2', 'P5'],
    file: PROCESSOR,
    find: 'session.rewindTo(reply.sequence, holdUntilMs);',
    replace: '',
    test: {
      file: 'libs/session-core/test/terms.test.ts',
      name: 'H2 a: a refusal that consumes nothing is sent again, with all that is behind it',
    },
  },
  {
    id: 'verdict-without-basis',
    fault: 'a verdict of the processor is believed before the database has applied its basis',
    breaks: ['H4', 'P4'],
    file: PROCESSOR,
    find: 'if (verdict.basis <= database.applied) pass(front, verdict, out);',
    replace: 'if (verdict.basis >= 0) pass(front, verdict, out);',
    test: {
      file: 'libs/session-core/test/terms.test.ts',
      name: 'H4 b: a verdict waits for its basis, and a newer term voids it',
    },
  },
  {
    id: 'verdict-outlives-term',
    fault: 'what an older term refused stays refused under a newer one',
    breaks: ['H4'],
    file: REPLIES,
    find: 'voidVerdicts(front);',
    replace: '',
    test: {
      file: 'libs/session-core/test/leader-change.test.ts',
      name: 'H4 b: what the old leader refused is void with the new one, and its own refusal holds',
    },
  },
  {
    id: 'linearizable-read-is-local',
    fault: 'a linearizable read does not wait for a confirmed floor',
    breaks: ['H13', 'P1'],
    file: REQUESTS,
    find: 'if (isLinearizable(operation)) confirmFloor(front, session, slot);',
    replace: 'if (isLinearizable(operation)) slot.floorKnown = true;',
    test: {
      file: 'libs/session-core/test/consistency.test.ts',
      name: 'H13 a: a linearizable read is sent with a floor that the leader confirmed after it came',
    },
  },
  {
    id: 'sync-without-round',
    fault: 'a sync is answered without a round of confirmation',
    breaks: ['H13', 'P1'],
    file: REQUESTS,
    find: `slot.floor = ZXID_ZERO;
      confirmFloor(front, session, slot);`,
    replace: `slot.floor = ZXID_ZERO;
      slot.floorKnown = true;`,
    test: {
      file: 'libs/session-core/test/order.test.ts',
      name: 'H13: a sync is answered at its floor; the reads behind it carry it, the writes wait',
    },
  },
  {
    id: 'sync-before-applied',
    fault: 'a sync is answered before this replica has applied its floor',
    breaks: ['H13', 'P3'],
    file: PROGRESS,
    find: 'if (slot.floorKnown && session.attached && slot.floor <= database.applied) {',
    replace: 'if (slot.floorKnown && session.attached) {',
    test: {
      file: 'libs/session-core/test/order.test.ts',
      name: 'H13: a sync is answered at its floor; the reads behind it carry it, the writes wait',
    },
  },
  {
    id: 'sync-before-attached',
    fault: 'a sync is answered before its session has been told what it missed',
    breaks: ['H15', 'P4'],
    file: PROGRESS,
    find: 'if (slot.floorKnown && session.attached && slot.floor <= database.applied) {',
    replace: 'if (slot.floorKnown && slot.floor <= database.applied) {',
    test: {
      file: 'libs/session-core/test/order.test.ts',
      name: 'P4: a sync waits until a new stream has told its session what it missed',
    },
  },
  {
    id: 'read-follows-nothing',
    fault: 'reads do not name the write that they follow',
    breaks: ['H14', 'P2'],
    file: PROGRESS,
    find: 'afterSequence: slot.sequence,',
    replace: 'afterSequence: 0,',
    test: {
      file: 'libs/session-core/test/consistency.test.ts',
      name: 'H14 b: reads behind a linearizable one wait with it, writes until it is parked at its floor',
    },
  },
  {
    id: 'writes-overtake-reads',
    fault: 'a write is forwarded before the reads in front of it are parked or answered',
    breaks: ['H14', 'P2'],
    file: PROGRESS,
    find: 'if (position >= session.readCursor || slot.number > database.readsAccepted) return;',
    replace: '',
    test: {
      file: 'libs/session-core/test/order.test.ts',
      name: 'H14 a: a write is forwarded only when the earlier reads are parked or answered',
    },
  },
  {
    id: 'read-without-session-floor',
    fault: 'reads carry no floor of their session',
    breaks: ['H15', 'P3'],
    file: PROGRESS,
    find: 'slot.floor = maxZxid(slot.floor, maxZxid(session.floor, session.syncFloor));',
    replace: 'slot.floor = maxZxid(slot.floor, session.syncFloor);',
    test: {
      file: 'libs/session-core/test/order.test.ts',
      name: 'P3: every read carries the highest zxid that its session was told',
    },
  },
  {
    id: 'attach-without-floor',
    fault: 'an attach carries no floor',
    breaks: ['H15', 'P3'],
    file: OPENING,
    find: 'floor: session.floor,',
    replace: 'floor: 0,',
    test: {
      file: 'libs/session-core/test/attach.test.ts',
      name: 'H15 a, b: after a database restart sessions attach before their reads go again',
    },
  },
  {
    id: 'attach-without-watches',
    fault: 'an attach brings no watches back',
    breaks: ['H15', 'P9'],
    file: OPENING,
    find: 'watches: watches.slice(first, end),',
    replace: 'watches: [],',
    test: {
      file: 'libs/session-core/test/attach.test.ts',
      name: 'H15: missed events that a broken stream may have swallowed are asked for again',
    },
  },
  {
    id: 'attach-skips-outcomes',
    fault: 'an attach does not ask for the outcomes that were missed',
    breaks: ['H15', 'P5'],
    file: OPENING,
    find: 'firstUnsettled: session.settledThrough + 1,',
    replace: 'firstUnsettled: session.nextSequence,',
    test: {
      file: 'libs/session-core/test/attach.test.ts',
      name: 'H15 a, b: after a database restart sessions attach before their reads go again',
    },
  },
  {
    id: 'held-events-lost',
    fault: 'events that come before the answer of a resume are lost',
    breaks: ['P4', 'P9'],
    file: OPENING,
    find: "for (const event of session.heldEvents) out.clients.push(session.link, { kind: 'event', event });",
    replace: '',
    test: {
      file: 'libs/session-core/test/attach.test.ts',
      name: 'P4: a resume tells of missed events and compacted watches before its outcomes',
    },
  },
  {
    id: 'slow-client-not-touched',
    fault: 'a front-end does not touch the clients that it does not read',
    breaks: ['H16'],
    file: TOUCHES,
    find: 'if (session.isOwn || session.pausedHere || session.pausedByDriver) session.alive = true;',
    replace: 'if (session.isOwn) session.alive = true;',
    test: {
      file: 'libs/session-core/test/liveness.test.ts',
      name: 'H16 c: a client whose socket is not read is touched by the front-end',
    },
  },
  {
    id: 'frontend-answers-heartbeats',
    fault: 'a front-end acknowledges heartbeats itself',
    breaks: ['H17'],
    file: REQUESTS,
    find: 'if (request.number > session.heartbeat) session.heartbeat = request.number;',
    replace: `if (request.number > session.heartbeat) session.heartbeat = request.number;
      out.clients.push(session.link, { kind: 'heartbeat', acknowledged: request.number });`,
    test: {
      file: 'libs/session-core/test/liveness.test.ts',
      name: 'H17 a: a heartbeat is acknowledged only when the leader has acknowledged its touch',
    },
  },
  {
    id: 'unacknowledged-stay',
    fault: 'connections stay whose touches no leader acknowledges',
    breaks: ['H17'],
    file: TICK,
    find: 'if (isHeld && session.greeted && front.touches.isOverdue(session, nowMs)) {',
    replace: 'if (isHeld && !session.greeted && front.touches.isOverdue(session, nowMs)) {',
    test: {
      file: 'libs/session-core/test/liveness.test.ts',
      name: 'H17 a: connections whose touches the holder of the term ignores are closed',
    },
  },
  {
    id: 'death-of-processor-is-told',
    fault: 'connections are closed for want of acknowledgements though no processor holds the term',
    breaks: ['H17', 'P8'],
    file: TICK,
    find: 'const isHeld = database.termHeld && processor.term !== TERM_ZERO;',
    replace: 'const isHeld = true;',
    test: {
      file: 'libs/session-core/test/liveness.test.ts',
      name: 'H17 a: while no processor holds the term nobody is closed for want of its word',
    },
  },
  {
    id: 'no-touches-without-database',
    fault: 'a front-end whose database is gone touches its sessions no more',
    breaks: ['H25'],
    file: TICK,
    find: 'if (nowMs >= front.nextTouchMs) {',
    replace: 'if (nowMs >= front.nextTouchMs && database.isUp) {',
    test: {
      file: 'libs/session-core/test/liveness.test.ts',
      name: 'H25: without its database a front-end holds reads, touches on, and then sends clients away',
    },
  },
  {
    id: 'clients-wait-without-database',
    fault: 'a front-end keeps its connections however long its database is gone',
    breaks: ['H25'],
    file: TICK,
    find: '} else if (nowMs - database.lostAtMs > timeoutMs / 3) {',
    replace: '} else if (nowMs < 0) {',
    test: {
      file: 'libs/session-core/test/liveness.test.ts',
      name: 'H25: without its database a front-end holds reads, touches on, and then sends clients away',
    },
  },
  {
    id: 'sessions-taken-without-database',
    fault: 'a front-end takes sessions while its database is gone',
    breaks: ['H25'],
    file: 'libs/session-core/src/frontend.ts',
    find: 'if (!isLong && !isBlind) return null;',
    replace: 'return null;',
    test: {
      file: 'libs/session-core/test/liveness.test.ts',
      name: 'H25: without its database a front-end holds reads, touches on, and then sends clients away',
    },
  },
  {
    id: 'unary-write-runs-twice',
    fault: 'calls run again when their session has ended without a tombstone',
    breaks: ['H19', 'P5'],
    file: 'libs/session-core/src/unary-requests.ts',
    find: "let last = ending.cause === 'forgotten' && ended.greeted ? Infinity : ended.settledThrough;",
    replace: 'let last = ended.settledThrough;',
    test: {
      file: 'libs/session-core/test/unary.test.ts',
      name: 'H19: what an own session without a tombstone had may have run, and does not run again',
    },
  },
  {
    id: 'unary-outcomes-forgotten',
    fault: 'calls run again when their session has ended, whatever its tombstone tells',
    breaks: ['H19', 'H20', 'P5'],
    file: 'libs/session-core/src/unary-requests.ts',
    find: 'for (const outcome of ending.outcomes) {',
    replace: 'for (const outcome of []) {',
    test: {
      file: 'libs/session-core/test/unary.test.ts',
      name: 'H19: what the tombstone of an own session shows never ran runs in another one',
    },
  },
  {
    id: 'forgotten-is-expired',
    fault:
      'a client is told that its session expired where nobody knows any more what became of its writes',
    breaks: ['H20', 'P5'],
    file: 'libs/session-core/src/session-ending.ts',
    find: "endSession(front, session, { cause: 'forgotten', reason, outcomes: NO_OUTCOMES }, out);",
    replace:
      "endSession(front, session, { cause: 'expired', reason, outcomes: NO_OUTCOMES }, out);",
    test: {
      file: 'libs/session-core/test/attach.test.ts',
      name: 'H20: a client is told where nobody knows its session any more, so that it does not guess',
    },
  },
  {
    id: 'first-word-late-is-breach',
    fault: 'a connection whose first word is late is refused, which ends its session',
    breaks: ['H16'],
    file: TICK,
    find: "if (waitedMs > timeoutMs) endAsElsewhere(front, session, 'neither open nor resume came', out);",
    replace:
      "if (waitedMs > timeoutMs) endAsRefused(front, session, 'neither open nor resume came', out);",
    test: {
      file: 'libs/session-core/test/liveness.test.ts',
      name: 'H16 c: a connection whose first word does not come in time is closed, and no session ends by it',
    },
  },
];
