import type { Checker } from './checked-run.ts';
import { committedStays } from './committed-stays.ts';
import { counters } from './counters.ts';
import { ephemeralsEndWithSession } from './ephemerals-end-with-session.ts';
import { eventsAreTrue } from './events-are-true.ts';
import { eventsBeforeState } from './events-before-state.ts';
import { exactlyOnce } from './exactly-once.ts';
import { linearizableWrites } from './linearizable-writes.ts';
import { neverBackwards } from './never-backwards.ts';
import { readsShowOneState } from './reads-show-one-state.ts';
import { realTimeOrder } from './real-time-order.ts';
import { sessionOrder } from './session-order.ts';
import { sessionsExpireForAReason } from './sessions-expire-for-a-reason.ts';
import { sessionsLiveWhileAlive } from './sessions-live-while-alive.ts';
import { watchStreamsAreComplete } from './watch-streams-are-complete.ts';

/** By name, so that a violation says whose it is. */
export const CHECKERS: Readonly<Record<string, Checker>> = {
  committedStays,
  linearizableWrites,
  realTimeOrder,
  readsShowOneState,
  sessionOrder,
  neverBackwards,
  eventsBeforeState,
  eventsAreTrue,
  exactlyOnce,
  counters,
  ephemeralsEndWithSession,
  sessionsExpireForAReason,
  sessionsLiveWhileAlive,
  watchStreamsAreComplete,
};
