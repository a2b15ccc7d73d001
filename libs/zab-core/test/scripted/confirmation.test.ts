import { makeZxid } from '@paddock/model';
import { describe, expect, it } from 'vitest';
import { DATABASE, leading, ScriptedReplica, SECOND, trioHistory } from './scripted-replica.ts';

function probe(leader: ScriptedReplica, number: number): void {
  leader.fromDatabase(DATABASE, { kind: 'probe', probe: number });
}

/** The second replica answers a round of heartbeats: the newest one that it was sent. */
function answer(leader: ScriptedReplica, round = leader.round(2)): void {
  leader.fromLearner(2, { kind: 'heartbeatAck', round });
}

function confirmed(leader: ScriptedReplica): number[] {
  const told = leader.toDatabase.get(DATABASE) ?? [];
  return told.flatMap((it) => (it.kind === 'probed' ? [it.probe] : []));
}

describe('a leader that is asked whether it still leads', () => {
  it('H13: says so when a quorum has answered, and not before', () => {
    const leader = leading();
    probe(leader, 1);
    expect(confirmed(leader)).toEqual([]);
    answer(leader);
    expect(confirmed(leader)).toEqual([1]);
  });

  it('H13 c, e: credits nothing to a round that was sent before it was asked', () => {
    const leader = leading();
    probe(leader, 1);
    probe(leader, 2);
    answer(leader);
    expect(confirmed(leader)).toEqual([1]);
    leader.tick();
    answer(leader);
    expect(confirmed(leader)).toEqual([1, 2]);
  });

  it('H13 c: takes no answer to an earlier heartbeat for one to the round', () => {
    const leader = leading();
    leader.tick();
    const before = leader.round(2);
    probe(leader, 1);
    answer(leader, before);
    expect(confirmed(leader)).toEqual([]);
  });

  it('H13 d: says nothing before what its epoch began with is committed', () => {
    const history = trioHistory([makeZxid(1, 9)], { committed: makeZxid(1, 5) });
    const leader = new ScriptedReplica({ history, epochsAtOnce: false });
    const written = (): void => {
      const epochs = leader.writes.at(-1);
      if (epochs !== undefined) leader.step({ kind: 'epochsWritten', epochs });
    };
    leader.serve();
    leader.meet(SECOND);
    leader.grantPreVote(2);
    written();
    leader.grantVote(2);
    leader.joinInSync(2, SECOND);
    probe(leader, 1);
    leader.tick();
    answer(leader);
    expect(confirmed(leader)).toEqual([]);
    written();
    leader.tick();
    answer(leader);
    expect(confirmed(leader)).toEqual([1]);
  });
});
