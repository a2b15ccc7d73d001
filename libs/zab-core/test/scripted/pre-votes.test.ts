import { makeEpoch, makeZxid } from '@paddock/model';
import { describe, expect, it } from 'vitest';
import { entries } from '../broadcaster-fixture.ts';
import {
  endOf,
  following,
  leading,
  PROCESSOR,
  ScriptedReplica,
  SECOND,
  THIRD,
  trioHistory,
} from './scripted-replica.ts';

const z = makeZxid;
const LEAP = 2 ** 10;
const history = trioHistory([z(4, 9)]);

function standing(): ScriptedReplica {
  const replica = new ScriptedReplica({ history });
  replica.serve();
  replica.meet(SECOND);
  return replica;
}

const preVote = { kind: 'preVote', ballot: 1, history: endOf(z(4, 9)) } as const;
const vote = (epoch: number) =>
  ({ kind: 'vote', epoch: makeEpoch(epoch), history: endOf(z(4, 9)) }) as const;

describe('a candidate', () => {
  it('H24: raises no epoch before a quorum would vote for it', () => {
    const candidate = standing();
    expect(candidate.asked(2)).toEqual([{ kind: 'preVote', ballot: 1, history: endOf(z(4, 9)) }]);
    candidate.fromElector(2, {
      kind: 'preVoteAnswer',
      ballot: 1,
      granted: false,
      acceptedEpoch: makeEpoch(4),
    });
    for (let i = 0; i < 30; i++) candidate.tick();
    expect(candidate.writes).toEqual([]);
    expect(candidate.asked(2).every((it) => it.kind === 'preVote')).toBe(true);
  });

  it('bug 50: that reaches nobody asks nobody, and raises nothing', () => {
    const replica = new ScriptedReplica({ history });
    replica.serve();
    for (let i = 0; i < 100; i++) replica.tick();
    expect(replica.writes).toEqual([]);
    replica.meet(SECOND);
    expect(replica.core.status().acceptedEpoch).toBe(4);
  });

  it('counts no answer to an earlier question', () => {
    const candidate = standing();
    for (let i = 0; i < 8; i++) candidate.tick();
    expect(candidate.asked(2).length).toBeGreaterThan(1);
    candidate.fromElector(2, {
      kind: 'preVoteAnswer',
      ballot: 1,
      granted: true,
      acceptedEpoch: makeEpoch(4),
    });
    expect(candidate.writes).toEqual([]);
  });

  it('stands with an epoch above what it hears of in the answers', () => {
    const candidate = standing();
    candidate.grantPreVote(2, makeEpoch(40));
    expect(candidate.core.status().acceptedEpoch).toBe(41);
  });

  it('H24: does not heed an epoch far above every known one in an answer', () => {
    const candidate = standing();
    candidate.grantPreVote(2, makeEpoch(5 + LEAP));
    expect(candidate.core.status().acceptedEpoch).toBe(5);
  });

  it('needs a quorum of votes, and loses with a refusal', () => {
    const candidate = standing();
    candidate.grantPreVote(2);
    candidate.fromElector(2, {
      kind: 'voteAnswer',
      epoch: makeEpoch(5),
      granted: false,
      acceptedEpoch: makeEpoch(6),
    });
    expect(candidate.core.status().role).toBe('looking');
    candidate.grantVote(2);
    expect(candidate.core.status().role).toBe('looking');
  });
});

describe('a voter', () => {
  it('H24: changes nothing by a pre-vote', () => {
    const voter = new ScriptedReplica({ history });
    expect(voter.fromCandidate(SECOND, preVote)).toEqual([
      { kind: 'preVoteAnswer', ballot: 1, granted: true, acceptedEpoch: 4 },
    ]);
    expect(voter.fromCandidate(THIRD, preVote)).toMatchObject([{ granted: true }]);
    expect(voter.writes).toEqual([]);
  });

  it('H24, bug 50: that hears its leader is moved by nobody who does not', () => {
    // Nobody's history is longer than this one's: there is no other reason to refuse.
    const longest = { history: endOf(z(5, 9)) };
    const requests = [
      { ...preVote, ...longest },
      { ...vote(9), ...longest },
    ] as const;
    const follower = following(5, { history });
    expect(follower.fromCandidate(THIRD, ...requests)).toMatchObject([
      { kind: 'preVoteAnswer', granted: false },
      { kind: 'voteAnswer', granted: false },
    ]);
    expect(follower.core.status()).toMatchObject({ role: 'follower', acceptedEpoch: 5 });
    const leader = leading({ history });
    expect(leader.fromCandidate(THIRD, ...requests)).toMatchObject([
      { granted: false },
      { granted: false },
    ]);
    expect(leader.core.status()).toMatchObject({ role: 'leader', acceptedEpoch: 5 });
  });

  it.each([
    ['an older epoch', endOf(z(4, 9), 3)],
    ['a shorter log', endOf(z(4, 8))],
  ])('gives neither pre-vote nor vote to one with %s', (_what, theirs) => {
    const voter = new ScriptedReplica({ history });
    const answers = voter.fromCandidate(
      SECOND,
      { ...preVote, history: theirs },
      { ...vote(5), history: theirs },
    );
    expect(answers).toMatchObject([{ granted: false }, { granted: false }]);
    expect(voter.writes).toEqual([]);
  });

  it('H7: gives its vote to nobody of another ensemble, and to nobody unknown', () => {
    const voter = new ScriptedReplica({ history });
    voter.step({ kind: 'candidateConnected', link: 1 });
    voter.step({ kind: 'candidateReceived', link: 1, messages: [preVote, vote(5)] });
    const identity = { ...SECOND, clusterId: 'another', voters: [1, 2, 3] };
    const messages = [{ kind: 'introduce', identity } as const, preVote, vote(5)];
    voter.step({ kind: 'candidateReceived', link: 1, messages });
    const answers = (voter.toCandidates.get(1) ?? []).filter((it) => it.kind !== 'state');
    expect(answers.map((it) => it.granted)).toEqual([false, false, false, false]);
    expect(voter.writes).toEqual([]);
  });

  it('H24: accepts an epoch up to 2¹⁰ above its own, and none further, which it reports', () => {
    const near = new ScriptedReplica({ history });
    expect(near.fromCandidate(SECOND, vote(4 + LEAP))).toMatchObject([{ granted: true }]);
    const far = new ScriptedReplica({ history });
    expect(far.fromCandidate(SECOND, vote(5 + LEAP))).toMatchObject([{ granted: false }]);
    expect(far.writes).toEqual([]);
    expect(far.events.at(-1)).toMatchObject({ level: 'error', epoch: 5 + LEAP });
  });

  it('H24: accepts one further above where a quorum of voters reports it', () => {
    const voter = new ScriptedReplica({ history });
    voter.meet(SECOND, { acceptedEpoch: makeEpoch(5000) });
    expect(voter.fromCandidate(THIRD, vote(5001))).toMatchObject([{ granted: false }]);
    voter.meet(THIRD, { acceptedEpoch: makeEpoch(5000) });
    expect(voter.fromCandidate(SECOND, vote(5001))).toMatchObject([{ granted: true }]);
  });

  it('gives no pre-vote once it has decided to raise the epoch itself', () => {
    const candidate = standing();
    candidate.grantPreVote(2);
    expect(candidate.fromCandidate(THIRD, preVote)).toMatchObject([{ granted: false }]);
  });
});

describe('an epoch whose counter runs out', () => {
  it('H24, bug 16: is followed by the next one of the same leader, without an election or a lost link', () => {
    const leader = leading({ lastCounter: 4 });
    leader.propose(PROCESSOR, entries(1, 2, 4));
    leader.sync();
    expect(leader.core.status()).toMatchObject({ role: 'leader', phase: 'discovery', epoch: 2 });
    const accepted = {
      kind: 'epochAccepted',
      epoch: makeEpoch(2),
      history: endOf(z(1, 4)),
      isPromise: true,
    } as const;
    leader.fromLearner(2, accepted);
    leader.fromLearner(2, accepted);
    expect(leader.heard(2).filter((it) => it.kind === 'newLeader')).toEqual([
      { kind: 'newLeader', epoch: 2 },
    ]);
    leader.fromLearner(2, { kind: 'synchronized', epoch: makeEpoch(2) });
    leader.propose(PROCESSOR, entries(2, 1, 2));
    leader.sync();
    leader.ack(2, z(2, 2));
    expect(leader.core.status().committed).toBe(z(2, 2));
    expect(leader.closed).toEqual([]);
    expect(leader.toElectors.get(3) ?? []).toEqual([]);
  });
});
