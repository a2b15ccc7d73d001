import { decodeConfiguration, encodeConfiguration } from '@paddock/codec';
import { makeZxid, ZXID_ZERO } from '@paddock/model';
import type {
  EnsembleConfiguration,
  LogEntry,
  MembersAnswer,
  MemberStep,
  ReplicaMember,
} from '@paddock/model';
import { describe, expect, it } from 'vitest';
import { entry, SELF } from '../broadcaster-fixture.ts';
import {
  endOf,
  following,
  leading,
  PROCESSOR,
  ScriptedReplica,
  SECOND,
  THIRD,
  TRIO,
  trioHistory,
} from './scripted-replica.ts';

const z = makeZxid;
const FOURTH = { replica: 4, incarnation: 10 } as const;

function change(replica: ScriptedReplica, ...steps: MemberStep[]): MembersAnswer | undefined {
  return replica.ask({ kind: 'change', change: { version: null, steps } });
}

function codeOf(answer: MembersAnswer | undefined): string | undefined {
  return answer?.kind === 'refused' ? answer.code : answer?.kind;
}

/** What the processor was asked to propose, oldest first. */
function asked(leader: ScriptedReplica): EnsembleConfiguration[] {
  return leader
    .replies(PROCESSOR)
    .flatMap((it) => (it.kind === 'configure' ? [decodeConfiguration(it.configuration)] : []));
}

function configured(counter: number, configuration: EnsembleConfiguration): LogEntry {
  const payload = encodeConfiguration(configuration);
  return { zxid: z(1, counter), kind: 'configuration', payload };
}

/** The processor proposes what it was asked for last, as the next entry. */
function proposeAsked(leader: ScriptedReplica, counter: number): void {
  const newest = asked(leader).at(-1);
  if (newest === undefined) throw new Error('the processor was asked for nothing');
  leader.propose(PROCESSOR, [configured(counter, newest)]);
  leader.sync();
}

function votersOf(configuration: EnsembleConfiguration | null | undefined): number[] {
  return (configuration?.members ?? []).flatMap((it) => (it.role === 'voter' ? it.replica : []));
}

const addFourth: MemberStep = { kind: 'add', replica: 4, role: 'voter', address: 'replica-4' };

/** All three voters are there, and a fourth replica that learns. */
function leadingFour(): ScriptedReplica {
  const leader = leading();
  leader.joinInSync(3, THIRD);
  leader.joinInSync(4, FOURTH);
  return leader;
}

describe('a replica that is added', () => {
  it('learns first: it is refused while it is not here with all that the leader has', () => {
    const leader = leading();
    expect(codeOf(change(leader, addFourth))).toBe('notSynchronized');
    leader.join(4, FOURTH, endOf(ZXID_ZERO));
    expect(codeOf(change(leader, addFourth))).toBe('notSynchronized');
    expect(asked(leader)).toEqual([]);
  });

  it('is listed in the life in which it learns, once both quorums have that', () => {
    const leader = leadingFour();
    expect(change(leader, addFourth)).toBeUndefined();
    const [wanted] = asked(leader);
    expect(wanted).toMatchObject({ version: 2, removed: [] });
    expect(wanted?.members.at(-1)).toEqual({ ...FOURTH, role: 'voter', address: 'replica-4' });
    proposeAsked(leader, 2);
    leader.ack(2, z(1, 2));
    expect(leader.core.status().committed).toBe(z(1, 1));
    leader.ack(4, z(1, 2));
    expect(leader.core.status().committed).toBe(z(1, 2));
  });

  it('is told to the operator once the logs of a quorum tell of it', () => {
    const leader = leadingFour();
    change(leader, addFourth);
    proposeAsked(leader, 2);
    for (const link of [2, 3, 4]) leader.ack(link, z(1, 2));
    expect(leader.answered).toEqual([]);
    proposeAsked(leader, 3);
    expect(leader.answered).toEqual([]);
    for (const link of [2, 3]) leader.ack(link, z(1, 3));
    expect(leader.answered).toMatchObject([{ kind: 'changed', configuration: { version: 2 } }]);
  });

  it('may be an observer, and is promoted in the life that is listed alone', () => {
    const leader = leadingFour();
    change(leader, { ...addFourth, role: 'observer' });
    proposeAsked(leader, 2);
    leader.ack(2, z(1, 2));
    expect(leader.answered).toMatchObject([{ kind: 'changed' }]);
    leader.step({ kind: 'learnerEnded', link: 4, end: { cause: 'lost', reason: 'gone' } });
    expect(codeOf(change(leader, { kind: 'promote', replica: 4 }))).toBe('notSynchronized');
    leader.joinInSync(5, FOURTH);
    expect(change(leader, { kind: 'promote', replica: 4 })).toBeUndefined();
    expect(votersOf(asked(leader).at(-1))).toEqual([1, 2, 3, 4]);
  });
});

describe('a change of membership', () => {
  it('is refused where no quorum of the new voters is synchronized', () => {
    const leader = leading();
    leader.joinInSync(4, FOURTH);
    const steps: MemberStep[] = [{ kind: 'remove', replica: 2 }];
    expect(codeOf(change(leader, ...steps))).toBe('newConfigNoQuorum');
    expect(asked(leader)).toEqual([]);
    expect(change(leader, ...steps, addFourth)).toBeUndefined();
  });

  it('waits for the one before it', () => {
    const leader = leadingFour();
    change(leader, addFourth);
    const second: MemberStep = { kind: 'demote', replica: 3 };
    expect(codeOf(change(leader, second))).toBe('changeInProgress');
    proposeAsked(leader, 2);
    expect(codeOf(change(leader, second))).toBe('changeInProgress');
    for (const link of [2, 3, 4]) leader.ack(link, z(1, 2));
    expect(codeOf(change(leader, second))).toBe('changeInProgress');
    proposeAsked(leader, 3);
    for (const link of [2, 3, 4]) leader.ack(link, z(1, 3));
    expect(change(leader, second)).toBeUndefined();
  });

  it('is refused where it is made from another version than is obeyed', () => {
    const leader = leadingFour();
    const ask = (version: number) =>
      leader.ask({ kind: 'change', change: { version, steps: [addFourth] } });
    expect(codeOf(ask(0))).toBe('versionMismatch');
    expect(codeOf(ask(2))).toBe('versionMismatch');
    expect(ask(1)).toBeUndefined();
  });

  it('names what is wrong with it', () => {
    const leader = leadingFour();
    const codes = [
      change(leader),
      change(leader, addFourth, { kind: 'remove', replica: 4 }),
      change(leader, { ...addFourth, address: '' }),
      change(leader, { kind: 'promote', replica: 2 }),
      change(leader, { kind: 'demote', replica: 9 }),
      change(leader, { kind: 'remove', replica: 9 }),
      change(leader, { ...addFourth, replica: 2 }),
      change(leader, ...[1, 2, 3].map((replica) => ({ kind: 'remove' as const, replica }))),
    ].map(codeOf);
    const invalid = 'invalid';
    const none = 'noSuchMember';
    expect(codes).toEqual([
      invalid,
      invalid,
      invalid,
      invalid,
      none,
      none,
      'alreadyMember',
      invalid,
    ]);
    expect(asked(leader)).toEqual([]);
  });

  it('commits nothing behind it without a quorum of the new voters', () => {
    const leader = leadingFour();
    leader.joinInSync(5, { replica: 5, incarnation: 11 });
    change(leader, addFourth, { ...addFourth, replica: 5, address: 'replica-5' });
    proposeAsked(leader, 2);
    leader.propose(PROCESSOR, [entry(1, 3)]);
    leader.sync();
    leader.ack(2, z(1, 3));
    expect(leader.core.status().committed).toBe(z(1, 1));
    leader.ack(4, z(1, 3));
    expect(leader.core.status().committed).toBe(z(1, 3));
  });

  it('is answered by the leader alone, whose address the others name', () => {
    const follower = following(2, { history: trioHistory([z(1, 9)]) });
    expect(follower.ask({ kind: 'list' })).toMatchObject({
      kind: 'refused',
      code: 'notLeader',
      leaderAddress: 'replica-2',
    });
  });

  it('has an unknown outcome where leadership is lost meanwhile', () => {
    const leader = leadingFour();
    change(leader, addFourth);
    proposeAsked(leader, 2);
    for (const link of [2, 3, 4]) {
      leader.step({ kind: 'learnerEnded', link, end: { cause: 'lost', reason: 'gone' } });
    }
    for (let i = 0; i < 5; i++) leader.tick();
    expect(leader.core.status().role).toBe('looking');
    expect(leader.answered.map(codeOf)).toEqual(['unknownOutcome']);
  });

  it('is not made where the term ended before it was logged', () => {
    const leader = leadingFour();
    change(leader, addFourth);
    leader.end('processorEnded', PROCESSOR);
    expect(leader.answered.map(codeOf)).toEqual(['interrupted']);
    expect(leader.core.status().configuration).toEqual(TRIO);
  });
});

describe('a plan', () => {
  it('shows what the quorums are and who may not go, and changes nothing', () => {
    const leader = leading();
    leader.joinInSync(4, FOURTH);
    const steps = [{ kind: 'remove', replica: 3 } as const, addFourth];
    const answer = leader.ask({ kind: 'plan', change: { version: 1, steps } });
    expect(answer).toMatchObject({
      kind: 'plan',
      plan: {
        configuration: { version: 2, removed: [THIRD] },
        before: { voters: [1, 2, 3], quorum: 2, synchronized: [1, 2], indispensable: [1, 2] },
        after: { voters: [1, 2, 4], quorum: 2, synchronized: [1, 2, 4], indispensable: [] },
        replacesLeader: false,
      },
    });
    expect(asked(leader)).toEqual([]);
  });

  it('is refused for the reasons for which the change is', () => {
    const leader = leading();
    const steps = [{ kind: 'remove', replica: 2 } as const];
    const answer = leader.ask({ kind: 'plan', change: { version: null, steps } });
    expect(codeOf(answer)).toBe('newConfigNoQuorum');
  });
});

describe('the list of members', () => {
  it('tells of listed ones and of those that learn without', () => {
    const leader = leading();
    leader.joinInSync(4, FOURTH);
    const answer = leader.ask({ kind: 'list' });
    const members = answer?.kind === 'members' ? answer.picture.members : [];
    const rows = members.map((it) => [it.replica, it.listed?.role, it.isLeader, it.isSynchronized]);
    expect(rows).toEqual([
      [1, 'voter', true, true],
      [2, 'voter', false, true],
      [3, 'voter', false, false],
      [4, undefined, false, true],
    ]);
  });
});

describe('a replica that is removed', () => {
  /** Asked for, logged by all, and committed. */
  function removed(...steps: MemberStep[]): ScriptedReplica {
    const leader = leadingFour();
    change(leader, ...steps);
    proposeAsked(leader, 2);
    for (const link of [2, 3, 4]) leader.ack(link, z(1, 2));
    for (const link of [2, 3, 4]) leader.heard(link);
    return leader;
  }

  it('is told so, and no sooner than the logs of a quorum say that it is needed no more', () => {
    const leader = removed({ kind: 'remove', replica: 3 });
    leader.tick();
    expect(leader.heard(3)).toEqual([]);
    proposeAsked(leader, 3);
    expect(leader.heard(3).some((it) => it.kind === 'removed')).toBe(false);
    leader.ack(2, z(1, 3));
    expect(leader.heard(3).at(-1)).toEqual({ kind: 'removed', version: 2 });
    expect(leader.closed).toEqual(['learner 3: replica 3 was removed from the ensemble']);
  });

  it('is told so whenever it comes back in that life, and learns in another', () => {
    const leader = removed({ kind: 'remove', replica: 3 });
    proposeAsked(leader, 3);
    leader.ack(2, z(1, 3));
    leader.learner(9, THIRD);
    expect(leader.heard(9).at(-1)).toEqual({ kind: 'removed', version: 2 });
    leader.joinInSync(10, { replica: 3, incarnation: 99 });
    expect(asked(leader).length).toBe(2);
    const again: MemberStep = { ...addFourth, replica: 3, address: 'replica-3' };
    expect(change(leader, again)).toBeUndefined();
    expect(asked(leader).at(-1)?.members.at(-1)).toMatchObject({ replica: 3, incarnation: 99 });
  });

  it('may be one that was never listed', () => {
    const leader = leadingFour();
    change(leader, { kind: 'remove', replica: 4 });
    proposeAsked(leader, 2);
    leader.ack(2, z(1, 2));
    expect(leader.heard(4).at(-1)).toEqual({ kind: 'removed', version: 2 });
    expect(leader.core.status().configuration?.removed).toEqual([FOURTH]);
  });

  it('stops when it is told', () => {
    const follower = following(2, { history: trioHistory([z(1, 9)]) });
    follower.fromLeader({ kind: 'removed', version: 5 });
    expect(follower.fatal).toMatchObject({ code: 'removed' });
    expect(follower.fatal?.reason).toMatch(/replica 1 was removed .*configuration 5/);
  });

  it('H11: stands for leader as long as that is not committed, and no longer', () => {
    const gone: EnsembleConfiguration = {
      ...TRIO,
      version: 2,
      members: TRIO.members.filter((it) => it.replica !== 1),
      removed: [SELF],
    };
    const at = (committed: number) => {
      const configurations = [
        { zxid: ZXID_ZERO, configuration: TRIO },
        { zxid: z(1, 8), configuration: gone },
      ];
      const history = trioHistory([z(1, 9)], { configurations, committed: z(1, committed) });
      const replica = new ScriptedReplica({ history });
      replica.serve();
      for (const who of [SECOND, THIRD]) replica.meet(who);
      return replica.asked(2).map((it) => it.kind);
    };
    expect(at(7)).toEqual(['preVote']);
    expect(at(8)).toEqual([]);
  });

  it('H11: is dialled for its vote as long as that is not committed', () => {
    const other: ReplicaMember = { ...FOURTH, role: 'voter', address: 'replica-4' };
    const replaced = { ...TRIO, version: 2, members: [...TRIO.members.slice(0, 2), other] };
    const configurations = [
      { zxid: ZXID_ZERO, configuration: TRIO },
      { zxid: z(1, 8), configuration: replaced },
    ];
    const history = trioHistory([z(1, 9)], { configurations, committed: z(1, 7) });
    const replica = new ScriptedReplica({ history });
    replica.serve();
    for (const who of [THIRD, FOURTH]) replica.meet(who);
    expect(replica.asked(3).map((it) => it.kind)).toEqual(['preVote']);
  });
});
