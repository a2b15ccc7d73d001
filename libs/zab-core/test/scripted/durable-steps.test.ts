import { makeEpoch, makeZxid } from '@paddock/model';
import { describe, expect, it } from 'vitest';
import { entries } from '../broadcaster-fixture.ts';
import {
  DATABASE,
  discovered,
  elected,
  endOf,
  PROCESSOR,
  ScriptedReplica,
  SECOND,
  THIRD,
  trioHistory,
} from './scripted-replica.ts';

const z = makeZxid;

function epochs(acceptedEpoch: number, currentEpoch: number) {
  return { acceptedEpoch: makeEpoch(acceptedEpoch), currentEpoch: makeEpoch(currentEpoch) };
}

describe('a follower says nothing before it is durable', () => {
  const history = trioHistory([z(3, 9)]);

  it('bug 14: that it accepts an epoch', () => {
    const follower = discovered(5, { history, epochsAtOnce: false });
    expect(follower.writes).toEqual([epochs(5, 3)]);
    expect(follower.toldLeader().map((it) => it.kind)).toEqual(['follow']);
    follower.step({ kind: 'epochsWritten', epochs: epochs(5, 3) });
    expect(follower.toldLeader().map((it) => it.kind)).toEqual(['epochAccepted']);
  });

  it('bugs 2 and 3: that it has the history of the epoch: entries first, then the epoch, then the word', () => {
    const follower = discovered(5, { history });
    follower.entriesFromLeader(entries(4, 1, 3));
    follower.fromLeader({ kind: 'newLeader', epoch: makeEpoch(5) });
    follower.toldLeader();
    expect(follower.writes).toEqual([epochs(5, 3)]);
    follower.sync(z(4, 2));
    expect(follower.writes).toEqual([epochs(5, 3)]);
    expect(follower.toldLeader().map((it) => it.kind)).toEqual(['ack']);
    follower.sync();
    expect(follower.writes).toEqual([epochs(5, 3), epochs(5, 5)]);
    expect(follower.toldLeader()).toContainEqual({ kind: 'synchronized', epoch: 5 });
  });

  it('bug 3: the epoch that is being written as current is not spoken of', () => {
    const follower = discovered(5, { history, epochsAtOnce: false });
    follower.step({ kind: 'epochsWritten', epochs: epochs(5, 3) });
    follower.fromLeader({ kind: 'newLeader', epoch: makeEpoch(5) });
    follower.toldLeader();
    expect(follower.writes.at(-1)).toEqual(epochs(5, 5));
    expect(follower.toldLeader()).toEqual([]);
    follower.step({ kind: 'epochsWritten', epochs: epochs(5, 5) });
    expect(follower.toldLeader().map((it) => it.kind)).toEqual(['synchronized', 'ack']);
  });

  it('bug 41: that it has an entry', () => {
    const follower = discovered(5, { history });
    follower.fromLeader({ kind: 'newLeader', epoch: makeEpoch(5) });
    follower.toldLeader();
    follower.entriesFromLeader(entries(5, 1, 4));
    expect(follower.toldLeader()).toEqual([]);
    follower.sync(z(5, 3));
    follower.sync();
    expect(follower.toldLeader()).toEqual([
      { kind: 'ack', zxid: z(5, 3) },
      { kind: 'ack', zxid: z(5, 4) },
    ]);
  });

  it('bug 4: of entries that were committed when they came it applies none before they are in its log', () => {
    const follower = discovered(5, { history });
    follower.entriesFromLeader(entries(4, 1, 3), z(4, 3));
    follower.fromLeader({ kind: 'newLeader', epoch: makeEpoch(5) });
    follower.fromLeader({ kind: 'upToDate', committed: z(4, 3) });
    expect(follower.delivered(DATABASE)).toEqual([]);
    follower.sync(z(4, 2));
    expect(follower.delivered(DATABASE)).toEqual([z(4, 1), z(4, 2)]);
  });
});

describe('a follower that crashed', () => {
  it('between accepting an epoch and saying so takes part again, in that epoch or above', () => {
    const history = trioHistory([z(3, 9)], { epochs: epochs(5, 3) });
    const follower = discovered(5, { history });
    expect(follower.toldLeader().at(-1)).toEqual({
      kind: 'epochAccepted',
      epoch: 5,
      history: endOf(z(3, 9)),
      isPromise: false,
    });
  });

  it('between the entries of an epoch and the epoch is behind everybody who has both', () => {
    // Its log has what leader 5 sent of epoch 4, its currentEpoch is 3 (bug 2: the other way round entries are lost).
    const history = trioHistory([z(3, 9), z(4, 3)], { epochs: epochs(5, 3), committed: z(3, 9) });
    const voter = new ScriptedReplica({ history });
    const vote = (mine: ReturnType<typeof endOf>) =>
      voter.fromCandidate(SECOND, { kind: 'preVote', ballot: 1, history: mine });
    expect(vote(endOf(z(4, 3), 5))).toMatchObject([{ granted: true }]);
    expect(vote(endOf(z(4, 3), 3))).toMatchObject([{ granted: true }]);
    expect(vote(endOf(z(4, 2), 3))).toMatchObject([{ granted: false }]);
  });

  it('bug 13: with an accepted epoch that never became current stands above it', () => {
    const history = trioHistory([z(3, 9)], { epochs: epochs(5, 3) });
    const candidate = new ScriptedReplica({ history });
    candidate.serve();
    candidate.meet(SECOND);
    candidate.grantPreVote(2);
    expect(candidate.writes).toEqual([epochs(6, 3)]);
  });
});

describe('a leader says nothing before it is durable', () => {
  it('bug 14: its epoch, to those whose votes it asks for', () => {
    const history = trioHistory([z(3, 9)]);
    const candidate = new ScriptedReplica({ history, epochsAtOnce: false });
    candidate.serve();
    candidate.meet(SECOND);
    candidate.grantPreVote(2);
    expect(candidate.writes).toEqual([epochs(4, 3)]);
    expect(candidate.asked(2)).toEqual([]);
    candidate.step({ kind: 'epochsWritten', epochs: epochs(4, 3) });
    expect(candidate.asked(2)).toEqual([{ kind: 'vote', epoch: 4, history: endOf(z(3, 9)) }]);
  });

  it('that it has its own history in the new epoch: one acknowledgement of NEWLEADER like another', () => {
    const leader = elected({ history: trioHistory([z(3, 9)]), epochsAtOnce: false });
    expect(leader.core.status().role).toBe('looking');
    leader.step({ kind: 'epochsWritten', epochs: epochs(4, 3) });
    leader.grantVote(2);
    leader.joinInSync(2, SECOND);
    expect(leader.core.status().role).toBe('leader');
    expect(leader.core.status().phase).toBe('synchronization');
    expect(leader.terms(PROCESSOR)).toEqual([]);
    leader.step({ kind: 'epochsWritten', epochs: epochs(4, 4) });
    expect(leader.core.status().phase).toBe('broadcast');
    expect(leader.terms(PROCESSOR).length).toBe(1);
  });

  it('bug 19: and leads no more once its disk has failed', () => {
    const leader = elected();
    leader.joinInSync(2, SECOND);
    leader.propose(PROCESSOR, entries(1, 1, 3));
    leader.step({ kind: 'diskFailed', reason: 'EIO' });
    expect(leader.fatal?.code).toBe('diskFailed');
    leader.ack(2, z(1, 3));
    leader.joinInSync(3, THIRD);
    expect(leader.delivered(DATABASE)).toEqual([]);
    expect(leader.heard(3)).toEqual([]);
  });
});

describe('a voter', () => {
  it('bug 14: grants a vote only when the epoch is durable, and that epoch to nobody else', () => {
    const history = trioHistory([z(3, 9)]);
    const voter = new ScriptedReplica({ history, epochsAtOnce: false });
    const vote = { kind: 'vote', epoch: makeEpoch(4), history: endOf(z(3, 9)) } as const;
    expect(voter.fromCandidate(SECOND, vote)).toEqual([]);
    expect(voter.writes).toEqual([epochs(4, 3)]);
    expect(voter.fromCandidate(THIRD, vote)).toEqual([
      { kind: 'voteAnswer', epoch: 4, granted: false, acceptedEpoch: 3 },
    ]);
    voter.step({ kind: 'epochsWritten', epochs: epochs(4, 3) });
    expect(voter.answers(SECOND)).toEqual([
      { kind: 'voteAnswer', epoch: 4, granted: true, acceptedEpoch: 4 },
    ]);
    expect(voter.fromCandidate(THIRD, vote)).toMatchObject([{ granted: false, acceptedEpoch: 4 }]);
  });

  it('that crashed after its vote was durable gives that epoch to nobody else either', () => {
    const history = trioHistory([z(3, 9)], { epochs: epochs(4, 3) });
    const voter = new ScriptedReplica({ history });
    const vote = { kind: 'vote', epoch: makeEpoch(4), history: endOf(z(3, 9)) } as const;
    expect(voter.fromCandidate(THIRD, vote)).toMatchObject([{ granted: false, acceptedEpoch: 4 }]);
  });
});
