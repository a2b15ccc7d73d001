import type { BroadcasterEffects } from './broadcaster-effects.ts';
import type { BroadcasterEvent } from './broadcaster-event.ts';
import type { Elections } from './elections.ts';
import type { Roles } from './roles.ts';

type EventOf<Prefix extends string> = Extract<BroadcasterEvent, { kind: `${Prefix}${string}` }>;

/** What comes of other broadcasters. */
export type PeerEvent = EventOf<'elector' | 'candidate' | 'leader' | 'learner'>;

/** Hands it to whoever it concerns in the role of the moment. */
export function takePeerEvent(
  event: PeerEvent,
  elections: Elections,
  roles: Roles,
  nowMs: number,
  out: BroadcasterEffects,
): void {
  switch (event.kind) {
    case 'electorConnected':
    case 'electorReceived':
    case 'electorEnded':
      takeElectorEvent(event, elections, roles, nowMs, out);
      break;
    case 'candidateConnected':
    case 'candidateReceived':
    case 'candidateEnded':
      takeCandidateEvent(event, elections, roles, nowMs, out);
      break;
    case 'leaderConnected':
    case 'leaderReceived':
    case 'leaderEnded':
      takeLeaderEvent(event, elections, roles, nowMs, out);
      break;
    default:
      takeLearnerEvent(event, roles, nowMs, out);
  }
}

/** From those whom this broadcaster asks for their votes. */
function takeElectorEvent(
  event: EventOf<'elector'>,
  elections: Elections,
  roles: Roles,
  nowMs: number,
  out: BroadcasterEffects,
): void {
  const { electors, candidacy } = elections;
  if (event.kind === 'electorConnected') {
    elections.electorConnected(event.replica, out);
    return;
  }
  if (event.kind === 'electorEnded') {
    electors.ended(event.replica);
    return;
  }
  const elector = electors.find(event.replica);
  if (elector === undefined) return;
  for (const message of event.messages) {
    switch (message.kind) {
      case 'state':
        elections.told(elector, message, out);
        break;
      case 'preVoteAnswer':
        candidacy.preVoteAnswered(elector, message, nowMs, roles.standing(), out);
        break;
      case 'voteAnswer':
        if (candidacy.voteAnswered(elector, message, nowMs)) roles.win(nowMs, out);
        break;
    }
  }
}

/** From those who ask for this broadcaster's vote. */
function takeCandidateEvent(
  event: EventOf<'candidate'>,
  elections: Elections,
  roles: Roles,
  nowMs: number,
  out: BroadcasterEffects,
): void {
  const { voting, candidacy } = elections;
  const { link } = event;
  if (event.kind === 'candidateConnected') voting.connected(link, out);
  else if (event.kind === 'candidateEnded') voting.ended(link);
  else {
    const { isEngaged } = candidacy;
    if (voting.receive(link, event.messages, roles.standing(), isEngaged, out)) {
      candidacy.yield(nowMs);
    }
  }
}

/** From the leader that this broadcaster has dialled last. */
function takeLeaderEvent(
  event: EventOf<'leader'>,
  elections: Elections,
  roles: Roles,
  nowMs: number,
  out: BroadcasterEffects,
): void {
  const { following } = roles;
  if (following?.link !== event.link) return;
  if (event.kind === 'leaderConnected') following.connected(elections.identity.clusterId, out);
  else if (event.kind === 'leaderReceived') following.received(event.messages, nowMs, out);
  else following.lost ??= `the link has ended: ${event.end.reason}`;
}

/** From those who dial this broadcaster as their leader. */
function takeLearnerEvent(
  event: EventOf<'learner'>,
  { leadership }: Roles,
  nowMs: number,
  out: BroadcasterEffects,
): void {
  const { link } = event;
  switch (event.kind) {
    case 'learnerConnected':
      if (leadership !== null) leadership.connected(link, nowMs);
      else {
        const end = { cause: 'refused', reason: 'this replica does not lead' } as const;
        out.closeLearners.push({ link, end });
      }
      break;
    case 'learnerReceived':
      leadership?.received(link, event.messages, nowMs, out);
      break;
    case 'learnerFull': {
      const learner = leadership?.learners.find(link);
      if (learner !== undefined) learner.isFull = event.full;
      break;
    }
    case 'learnerEnded':
      leadership?.ended(link);
      break;
  }
}
