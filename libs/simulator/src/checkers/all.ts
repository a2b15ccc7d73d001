import { acknowledgedIsDurable } from './acknowledged-is-durable.ts';
import { agreement } from './agreement.ts';
import type { Checker } from './checked-run.ts';
import { committedLogMonotonicity } from './committed-log-monotonicity.ts';
import { counters } from './counters.ts';
import { endsAreTrue } from './ends-are-true.ts';
import { ephemeralsEndWithSession } from './ephemerals-end-with-session.ts';
import { epochsNeverGoBack } from './epochs-never-go-back.ts';
import { equalDigests } from './equal-digests.ts';
import { eventsAreTrue } from './events-are-true.ts';
import { eventsBeforeState } from './events-before-state.ts';
import { exactlyOnce } from './exactly-once.ts';
import { hardQuotasHold } from './hard-quotas-hold.ts';
import { integrity } from './integrity.ts';
import { leadership } from './leadership.ts';
import { linearizableRegisters } from './linearizable-registers.ts';
import { linearizableSequences } from './linearizable-sequences.ts';
import { linearizableWrites } from './linearizable-writes.ts';
import { localSessionsLeaveNoTrace } from './local-sessions-leave-no-trace.ts';
import { neverBackwards } from './never-backwards.ts';
import { oneVoteAnEpoch } from './one-vote-an-epoch.ts';
import { persistentWatchesAreComplete } from './persistent-watches-are-complete.ts';
import { prefixConsistency } from './prefix-consistency.ts';
import { primaryIntegrity } from './primary-integrity.ts';
import { globalPrimaryOrder, localPrimaryOrder } from './primary-order.ts';
import { readsAreFreshEnough } from './reads-are-fresh-enough.ts';
import { readsShowOneState } from './reads-show-one-state.ts';
import { realTimeOrder } from './real-time-order.ts';
import { reapedWhenDue } from './reaped-when-due.ts';
import { sessionOrder } from './session-order.ts';
import { sessionsExpireForAReason } from './sessions-expire-for-a-reason.ts';
import { sessionsLiveWhileAlive } from './sessions-live-while-alive.ts';
import { sessionsListed } from './sessions-listed.ts';
import { totalOrder } from './total-order.ts';
import { watchesListed } from './watches-listed.ts';
import { watchStreamsAreComplete } from './watch-streams-are-complete.ts';

/** By name, so that a violation says whose it is. */
export const CHECKERS: Readonly<Record<string, Checker>> = {
  leadership,
  oneVoteAnEpoch,
  epochsNeverGoBack,
  acknowledgedIsDurable,
  prefixConsistency,
  totalOrder,
  integrity,
  localPrimaryOrder,
  globalPrimaryOrder,
  primaryIntegrity,
  committedLogMonotonicity,
  agreement,
  equalDigests,
  linearizableRegisters,
  linearizableSequences,
  linearizableWrites,
  realTimeOrder,
  readsAreFreshEnough,
  readsShowOneState,
  sessionOrder,
  neverBackwards,
  eventsBeforeState,
  eventsAreTrue,
  persistentWatchesAreComplete,
  exactlyOnce,
  counters,
  ephemeralsEndWithSession,
  reapedWhenDue,
  hardQuotasHold,
  endsAreTrue,
  sessionsExpireForAReason,
  sessionsLiveWhileAlive,
  watchStreamsAreComplete,
  sessionsListed,
  localSessionsLeaveNoTrace,
  watchesListed,
};
