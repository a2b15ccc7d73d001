import { encodeConfiguration } from '@paddock/codec';
import { EPOCH_MAX, makeEpoch, makeTerm, makeZxid, ZXID_ZERO } from '@paddock/model';
import { describe, expect, it } from 'vitest';
import {
  ALONE,
  BroadcasterFixture,
  deliver,
  entries,
  entry,
  recovered,
  serving,
} from './broadcaster-fixture.ts';

function epochs(acceptedEpoch: number, currentEpoch: number) {
  return { acceptedEpoch: makeEpoch(acceptedEpoch), currentEpoch: makeEpoch(currentEpoch) };
}

describe('establishing an epoch', () => {
  it('bug 14: makes the epoch durable in both its steps before anything is broadcast in it', () => {
    const fixture = new BroadcasterFixture({
      epochsAtOnce: false,
      history: { epochs: epochs(4, 3) },
    });
    fixture.database(1);
    fixture.processor(2);
    expect(fixture.writes).toEqual([epochs(5, 3)]);
    expect(fixture.core.status().phase).toBe('election');
    expect(fixture.replies(2)).toEqual([]);
    fixture.step({ kind: 'epochsWritten', epochs: epochs(5, 3) });
    expect(fixture.writes).toEqual([epochs(5, 3), epochs(5, 5)]);
    expect(fixture.core.status().phase).toBe('synchronization');
    expect(fixture.replies(2)).toEqual([]);
    fixture.step({ kind: 'epochsWritten', epochs: epochs(5, 5) });
    expect(fixture.core.status().phase).toBe('broadcast');
    expect(fixture.replies(2)).toEqual([
      { kind: 'termGranted', term: makeTerm(5, 1), lastProposed: ZXID_ZERO },
    ]);
  });

  it('never uses an epoch twice, whatever was current', () => {
    const fixture = new BroadcasterFixture({ history: { epochs: epochs(9, 2) } });
    expect(fixture.core.status().epoch).toBe(10);
  });

  it('stops when the epochs have run out', () => {
    const fixture = new BroadcasterFixture({ history: { epochs: epochs(EPOCH_MAX, 1) } });
    expect(fixture.fatal?.code).toBe('epochsExhausted');
  });

  it('H7: never leads where the disk is not the one that the configuration lists', () => {
    const members = [{ replica: 1, incarnation: 8, role: 'voter', address: '' }] as const;
    const configurations = [{ zxid: ZXID_ZERO, configuration: { ...ALONE, members } }];
    const fixture = new BroadcasterFixture({ history: { configurations } });
    fixture.database(1);
    fixture.processor(2);
    for (let i = 0; i < 20; i++) fixture.tick();
    expect(fixture.core.status().mayNotStand).toBe('this life of the replica is no voter');
    expect(fixture.core.status().role).toBe('looking');
    expect(fixture.writes).toEqual([]);
    expect(fixture.replies(2)).toEqual([]);
  });

  it('stops where the log is of another replica, alone in its ensemble', () => {
    const members = [{ replica: 2, incarnation: 7, role: 'voter', address: '' }] as const;
    const configurations = [{ zxid: ZXID_ZERO, configuration: { ...ALONE, members } }];
    const fixture = new BroadcasterFixture({ history: { configurations } });
    expect(fixture.fatal?.code).toBe('foreign');
    expect(fixture.fatal?.reason).toMatch(/replica 2 of ensemble cluster/);
  });
});

describe('the way of an entry', () => {
  it('bug 41: delivers nothing before it is durable here', () => {
    const fixture = serving();
    fixture.propose(2, entries(1, 2, 4));
    expect(fixture.log.map((it) => it.zxid)).toEqual([2, 3, 4].map((c) => makeZxid(1, c)));
    expect(fixture.delivered(1)).toEqual([makeZxid(1, 1)]);
    expect(fixture.core.status().committed).toBe(makeZxid(1, 1));
    fixture.sync(makeZxid(1, 3));
    expect(fixture.delivered(1)).toEqual([1, 2, 3].map((c) => makeZxid(1, c)));
    fixture.sync();
    expect(fixture.delivered(1).at(-1)).toBe(makeZxid(1, 4));
  });

  it('H9: hands the commit point known then to the log', () => {
    const fixture = serving();
    fixture.propose(2, entries(1, 2, 3));
    fixture.propose(2, entries(1, 4, 4));
    fixture.sync();
    fixture.propose(2, entries(1, 5, 5));
    expect(fixture.hints).toEqual([ZXID_ZERO, makeZxid(1, 1), makeZxid(1, 1), makeZxid(1, 4)]);
  });

  it('H9: replays to the recorded commit point, and further only once it leads', () => {
    const history = recovered(makeZxid(1, 9), { committed: makeZxid(1, 5) });
    const fixture = new BroadcasterFixture({ epochsAtOnce: false, history });
    fixture.database(1);
    const [read] = fixture.reads;
    expect(read?.after).toBe(ZXID_ZERO);
    fixture.step({ kind: 'logRead', read: read?.read ?? 0, entries: entries(1, 1, 9) });
    expect(fixture.delivered(1).at(-1)).toBe(makeZxid(1, 5));
    fixture.step({ kind: 'epochsWritten', epochs: epochs(2, 1) });
    expect(fixture.delivered(1).at(-1)).toBe(makeZxid(1, 5));
    fixture.step({ kind: 'epochsWritten', epochs: epochs(2, 2) });
    const [, second] = fixture.reads;
    expect(second?.after).toBe(makeZxid(1, 5));
    fixture.step({ kind: 'logRead', read: second?.read ?? 0, entries: entries(1, 6, 9) });
    expect(fixture.delivered(1).at(-1)).toBe(makeZxid(1, 9));
  });

  it('bug 19: stops for good when the disk fails', () => {
    const fixture = serving();
    fixture.propose(2, entries(1, 2, 3));
    fixture.step({ kind: 'diskFailed', reason: 'EIO' });
    expect(fixture.fatal?.code).toBe('diskFailed');
    expect(fixture.terms(2).at(-1)).toBe(`-${makeTerm(1, 1)}`);
    fixture.sync();
    expect(fixture.delivered(1)).toEqual([makeZxid(1, 1)]);
  });

  it('stops reading a processor whose entries pile up, and reads on when they are durable', () => {
    const fixture = serving({ limits: { queueBytes: 1000 } });
    fixture.propose(2, entries(1, 2, 20));
    expect(fixture.flow).toEqual(['pause 2']);
    fixture.sync(makeZxid(1, 5));
    expect(fixture.flow).toEqual(['pause 2']);
    fixture.sync();
    expect(fixture.flow).toEqual(['pause 2', 'resume 2']);
  });
});

describe('terms', () => {
  it('H1 a: a term starts behind every entry that the log has', () => {
    const history = recovered(makeZxid(1, 50), { committed: makeZxid(1, 49) });
    const fixture = new BroadcasterFixture({ history });
    fixture.database(1, makeZxid(1, 49));
    fixture.processor(2);
    expect(fixture.replies(2)).toEqual([
      { kind: 'termGranted', term: makeTerm(2, 1), lastProposed: makeZxid(1, 50) },
    ]);
  });

  it('H1 b: a processor that comes back gets a term behind what arrived, and no zxid twice', () => {
    const fixture = serving();
    fixture.propose(2, entries(1, 2, 10));
    fixture.end('processorEnded', 2);
    fixture.processor(3);
    expect(fixture.replies(3)).toEqual([
      { kind: 'termGranted', term: makeTerm(1, 2), lastProposed: makeZxid(1, 10) },
    ]);
    fixture.propose(3, [entry(1, 10, 'termMarker')]);
    expect(fixture.closed).toEqual(['processor 3: a proposal has exactly the next zxid']);
    expect(fixture.log.at(-1)?.zxid).toBe(makeZxid(1, 10));
  });

  it('H1 c: a newly dialled processor ends the older one, and what that still sends is not taken', () => {
    const fixture = serving();
    const old = fixture.term;
    fixture.processor(3);
    expect(fixture.closed).toEqual(['processor 2: another processor has dialled']);
    expect(fixture.terms(2).at(-1)).toBe(`-${old}`);
    fixture.propose(2, entries(1, 2, 3), old);
    expect(fixture.log).toEqual([]);
    fixture.propose(3, [entry(1, 2, 'termMarker'), entry(1, 3)]);
    expect(fixture.log.length).toBe(2);
  });

  it('H1: takes the marker first, and once', () => {
    const first = new BroadcasterFixture();
    first.database(1);
    first.processor(2);
    first.propose(2, [entry(1, 1, 'data')]);
    expect(first.closed).toEqual(['processor 2: the first proposal of a term is its marker']);
    const second = serving();
    second.propose(2, [entry(1, 2, 'termMarker')]);
    expect(second.closed).toEqual(['processor 2: a term has one marker']);
    expect(second.log).toEqual([]);
  });

  it.each([
    ['a gap', [entry(1, 3)]],
    ['a repetition', [entry(1, 1, 'data')]],
    ['another epoch', [entry(2, 1, 'data')]],
  ])('H1: %s in the zxids ends the stream', (_what, list) => {
    const fixture = serving();
    fixture.propose(2, list);
    expect(fixture.closed).toEqual(['processor 2: a proposal has exactly the next zxid']);
    expect(fixture.core.status().lastProposed).toBe(makeZxid(1, 1));
  });

  it('H1: a term that was never granted ends the stream', () => {
    const fixture = serving();
    fixture.propose(2, entries(1, 2, 2), makeTerm(1, 9));
    expect(fixture.closed).toEqual(['processor 2: the term was granted']);
  });

  it('tells the databases whether the term is held', () => {
    const fixture = serving();
    expect(fixture.held(1)).toEqual([false, true]);
    fixture.end('processorEnded', 2);
    expect(fixture.held(1)).toEqual([false, true, false]);
    fixture.database(5, makeZxid(1, 1));
    expect(fixture.held(5)).toEqual([false]);
  });

  it('H18: is granted only while processor and database are there', () => {
    const fixture = new BroadcasterFixture();
    fixture.processor(2);
    expect(fixture.terms(2)).toEqual([]);
    fixture.step({ kind: 'databaseConnected', link: 1 });
    expect(fixture.terms(2)).toEqual([]);
    fixture.fromDatabase(1, deliver(ZXID_ZERO));
    expect(fixture.terms(2)).toEqual([`+${makeTerm(1, 1)}`]);
  });

  it('H18: ends when the database stays away, and is granted again when it is back', () => {
    const fixture = serving();
    fixture.end('databaseEnded', 1);
    for (let i = 0; i < 3; i++) fixture.tick();
    expect(fixture.terms(2).length).toBe(1);
    fixture.tick();
    expect(fixture.terms(2).at(-1)).toBe(`-${makeTerm(1, 1)}`);
    expect(fixture.events.at(-1)).toMatchObject({ detail: { reason: 'the database is lost' } });
    fixture.database(4, makeZxid(1, 1));
    expect(fixture.terms(2).at(-1)).toBe(`+${makeTerm(1, 2)}`);
    expect(fixture.held(4)).toEqual([false, true]);
  });

  it('H18: survives a database that restarts in time', () => {
    const fixture = serving();
    fixture.end('databaseEnded', 1);
    fixture.tick(1900);
    fixture.database(4, makeZxid(1, 1));
    fixture.tick(5000);
    expect(fixture.terms(2).length).toBe(1);
  });

  it('H24, bug 16: a counter that runs out begins a new epoch, without a zxid used twice', () => {
    const fixture = serving({ lastCounter: 5 });
    const old = fixture.term;
    fixture.propose(2, entries(1, 2, 9));
    expect(fixture.log.at(-1)?.zxid).toBe(makeZxid(1, 5));
    expect(fixture.writes.slice(-2)).toEqual([epochs(2, 1), epochs(2, 2)]);
    expect(fixture.terms(2).slice(1)).toEqual([`-${old}`]);
    fixture.sync();
    expect(fixture.terms(2).slice(2)).toEqual([`+${makeTerm(2, 1)}`]);
    fixture.propose(2, [entry(1, 6)], old);
    expect(fixture.closed).toEqual([]);
    fixture.propose(2, [entry(2, 1), entry(2, 2)]);
    fixture.sync();
    expect(fixture.delivered(1).slice(-3)).toEqual([
      makeZxid(1, 5),
      makeZxid(2, 1),
      makeZxid(2, 2),
    ]);
  });
});

describe('membership in the log', () => {
  it('H11: obeys a configuration from its append on', () => {
    const fixture = serving();
    const next = { ...ALONE, formatLevel: 2 };
    const payload = encodeConfiguration(next);
    fixture.propose(2, [{ zxid: makeZxid(1, 2), kind: 'configuration', payload }]);
    expect(fixture.core.status().configuration).toEqual(next);
    fixture.sync();
    expect(fixture.delivered(1).at(-1)).toBe(makeZxid(1, 2));
  });

  it.each([
    ['that it cannot serve', encodeConfiguration({ ...ALONE, members: [] })],
    ['that it cannot read', new Uint8Array(3)],
  ])('H11: refuses a configuration %s before it is appended', (_what, payload) => {
    const fixture = serving();
    fixture.propose(2, [{ zxid: makeZxid(1, 2), kind: 'configuration', payload }]);
    expect(fixture.closed.length).toBe(1);
    expect(fixture.log).toEqual([]);
    expect(fixture.core.status().configuration).toEqual(ALONE);
  });
});

describe('confirming leadership', () => {
  it('H13 d: answers nothing before the marker of the term is committed', () => {
    const fixture = new BroadcasterFixture();
    fixture.database(1);
    fixture.processor(2);
    fixture.fromProcessor(2, { kind: 'confirmLeadership', term: fixture.term, round: 1 });
    fixture.propose(2, [entry(1, 1)]);
    expect(fixture.replies(2).length).toBe(1);
    fixture.sync();
    expect(fixture.replies(2).slice(1)).toEqual([
      { kind: 'leadershipConfirmed', round: 1, floor: makeZxid(1, 1) },
    ]);
  });

  it('H13: the floor is what is committed when the round ends', () => {
    const fixture = serving();
    fixture.propose(2, entries(1, 2, 4));
    fixture.fromProcessor(2, { kind: 'confirmLeadership', term: fixture.term, round: 7 });
    fixture.sync();
    fixture.fromProcessor(2, { kind: 'confirmLeadership', term: fixture.term, round: 8 });
    expect(fixture.replies(2).slice(1)).toEqual([
      { kind: 'leadershipConfirmed', round: 7, floor: makeZxid(1, 1) },
      { kind: 'leadershipConfirmed', round: 8, floor: makeZxid(1, 4) },
    ]);
  });

  it('H13: a request of an ended term is never answered', () => {
    const fixture = new BroadcasterFixture();
    fixture.database(1);
    fixture.processor(2);
    const old = fixture.term;
    fixture.fromProcessor(2, { kind: 'confirmLeadership', term: old, round: 1 });
    fixture.processor(3);
    fixture.propose(3, [entry(1, 1)]);
    fixture.sync();
    const all = [...fixture.replies(2), ...fixture.replies(3)];
    expect(all.some((reply) => reply.kind === 'leadershipConfirmed')).toBe(false);
  });
});
