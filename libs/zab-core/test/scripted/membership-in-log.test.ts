import { encodeConfiguration } from '@paddock/codec';
import { makeZxid, ZXID_ZERO } from '@paddock/model';
import type { EnsembleConfiguration, LogEntry } from '@paddock/model';
import { describe, expect, it } from 'vitest';
import { entry } from '../broadcaster-fixture.ts';
import {
  DATABASE,
  discovered,
  elected,
  endOf,
  following,
  PROCESSOR,
  ScriptedReplica,
  SECOND,
  THIRD,
  TRIO,
  trioHistory,
} from './scripted-replica.ts';

const z = makeZxid;
const REBORN = { replica: 3, incarnation: 77 };
const RENEWED: EnsembleConfiguration = {
  ...TRIO,
  version: 2,
  members: TRIO.members.map((it) => (it.replica === 3 ? { ...it, incarnation: 77 } : it)),
};
const UNFORMED: EnsembleConfiguration = {
  ...TRIO,
  clusterId: '',
  members: TRIO.members.map((it) => ({ ...it, incarnation: 0 })),
};

function listing(epoch: number, counter: number, configuration = RENEWED): LogEntry {
  const payload = encodeConfiguration(configuration);
  return { zxid: z(epoch, counter), kind: 'configuration', payload };
}

/** Whether this one stands once it sees only these. */
function stands(replica: ScriptedReplica, ...others: (typeof SECOND)[]): boolean {
  replica.serve();
  for (const other of others) replica.meet(other);
  return others.some((it) => replica.asked(it.replica).length > 0);
}

describe('membership', () => {
  const history = trioHistory([z(1, 9)]);

  it('H11: is obeyed by a follower from its append on, and as before once that is cut off', () => {
    const follower = discovered(2, { history });
    follower.entriesFromLeader([entry(2, 1), listing(2, 2)]);
    expect(follower.core.status().configuration).toEqual(RENEWED);
    follower.sync();
    follower.fromLeader({ kind: 'truncate', after: z(2, 1) });
    follower.step({ kind: 'logTruncated', last: z(2, 1) });
    expect(follower.core.status().configuration).toEqual(TRIO);
  });

  it('H11: decides elections after a crash: an uncommitted one beside the one before it', () => {
    const configurations = [
      { zxid: ZXID_ZERO, configuration: TRIO },
      { zxid: z(1, 8), configuration: RENEWED },
    ];
    const at = (committed: number, ...others: (typeof SECOND)[]) =>
      stands(
        new ScriptedReplica({
          history: trioHistory([z(1, 9)], { configurations, committed: z(1, committed) }),
        }),
        ...others,
      );
    expect(at(7, REBORN)).toBe(false);
    expect(at(7, THIRD)).toBe(false);
    expect(at(7, SECOND)).toBe(true);
    expect(at(8, REBORN)).toBe(true);
    expect(at(8, THIRD)).toBe(false);
  });

  it('H11: is carried by the base that a log begins with', () => {
    const base = z(1, 500);
    const configurations = [{ zxid: base, configuration: RENEWED }];
    const more = { base, logStart: base, configurations, epochEnds: [] };
    const replica = new ScriptedReplica({ history: trioHistory([base], more) });
    expect(replica.core.status().configuration).toEqual(RENEWED);
    replica.database(DATABASE, base, base);
    replica.processor(PROCESSOR);
    replica.meet(THIRD);
    expect(replica.asked(3)).toEqual([]);
    replica.meet(REBORN);
    expect(replica.asked(3)).toMatchObject([{ kind: 'preVote' }]);
  });

  it('a configuration that cannot be read ends the link to the leader, and is not appended', () => {
    const follower = following(2, { history });
    const bad = { zxid: z(2, 1), kind: 'configuration', payload: Uint8Array.of(1) } as const;
    follower.entriesFromLeader([bad]);
    expect(follower.core.status().role).toBe('looking');
    expect(follower.log).toEqual([]);
  });

  it('a replica that is told of its ensemble by an entry says so to the others at once', () => {
    const configurations = [{ zxid: ZXID_ZERO, configuration: UNFORMED }];
    const follower = discovered(1, { history: trioHistory([], { configurations }) });
    follower.asked(2);
    follower.entriesFromLeader([listing(1, 1, TRIO)]);
    expect(follower.toElectors.get(2)?.at(-1)).toMatchObject({
      kind: 'introduce',
      identity: { clusterId: 'cluster' },
    });
    follower.step({ kind: 'candidateConnected', link: 1 });
    expect(follower.toCandidates.get(1)).toMatchObject([{ identity: { clusterId: 'cluster' } }]);
  });
});

describe('the founding of an ensemble', () => {
  const configurations = [{ zxid: ZXID_ZERO, configuration: UNFORMED }];
  const history = trioHistory([], { configurations });
  const empty = { clusterId: '', voters: [1, 2, 3] };

  function meetEmpty(replica: ScriptedReplica, who: typeof SECOND, more: object = {}): void {
    replica.meet(who, { identity: { ...who, ...empty, ...more } });
  }

  it('H7: needs every voter that is listed', () => {
    const replica = new ScriptedReplica({ history });
    replica.serve(ZXID_ZERO);
    meetEmpty(replica, SECOND);
    for (let i = 0; i < 20; i++) replica.tick();
    expect(replica.asked(2)).toEqual([]);
    expect(replica.core.status().mayNotStand).toMatch(/replica 3 does not answer/);
    meetEmpty(replica, THIRD);
    replica.grantPreVote(2);
    expect(replica.writes).toEqual([]);
    replica.grantPreVote(3);
    replica.grantVote(2);
    expect(replica.core.status().role).toBe('looking');
    replica.grantVote(3);
    expect(replica.core.status().role).toBe('leader');
    expect(replica.log.map((it) => it.kind)).toEqual(['configuration']);
    expect(replica.core.status().configuration).toEqual(TRIO);
  });

  it('H7: is none while one of them belongs to an ensemble, whose disk may have been emptied elsewhere', () => {
    const replica = new ScriptedReplica({ history });
    replica.serve(ZXID_ZERO);
    meetEmpty(replica, SECOND);
    replica.meet(THIRD);
    for (let i = 0; i < 20; i++) replica.tick();
    expect(replica.core.status().mayNotStand).toBe('replica 3 belongs to an ensemble already');
    expect(replica.writes).toEqual([]);
  });

  it('H7: lists every voter as it was when it voted, also one that has gone since, or has another disk', () => {
    const replica = new ScriptedReplica({ history });
    replica.serve(ZXID_ZERO);
    for (const who of [SECOND, THIRD]) meetEmpty(replica, who);
    for (const who of [SECOND, THIRD]) replica.grantPreVote(who.replica);
    replica.grantVote(3);
    replica.step({ kind: 'electorEnded', replica: 3, end: { cause: 'lost', reason: 'cut' } });
    replica.grantVote(2);
    expect(replica.core.status().role).toBe('leader');
    expect(replica.core.status().configuration).toEqual(TRIO);
  });

  it('needs all to be configured alike', () => {
    const replica = new ScriptedReplica({ history });
    replica.serve(ZXID_ZERO);
    meetEmpty(replica, SECOND);
    meetEmpty(replica, THIRD, { voters: [1, 3] });
    expect(replica.core.status().mayNotStand).toBe(
      'replica 3 is configured with voters 1,3, not 1,2,3',
    );
  });

  it('is committed like any entry: with a quorum that has it durably', () => {
    const replica = new ScriptedReplica({ history });
    replica.serve(ZXID_ZERO);
    for (const who of [SECOND, THIRD]) meetEmpty(replica, who);
    for (const who of [SECOND, THIRD]) replica.grantPreVote(who.replica);
    for (const who of [SECOND, THIRD]) replica.grantVote(who.replica);
    replica.joinInSync(2, SECOND);
    expect(replica.core.status().phase).toBe('synchronization');
    replica.sync();
    expect(replica.core.status()).toMatchObject({ phase: 'broadcast', committed: z(1, 1) });
    expect(replica.terms(PROCESSOR).length).toBe(1);
  });
});

describe('H7: z is durable on A and B; the disk of B is replaced, and A is down', () => {
  const without = trioHistory([z(1, 8)]);

  it('C, which lacks z, is not elected by the empty B', () => {
    const c = new ScriptedReplica({ history: without });
    c.serve();
    const emptied = { replica: 2, incarnation: 88 };
    c.meet(emptied, { identity: { ...emptied, clusterId: '', voters: [1, 2, 3] } });
    for (let i = 0; i < 20; i++) c.tick();
    expect(c.asked(2)).toEqual([]);
    expect(c.writes).toEqual([]);
  });

  it('the empty B neither founds another ensemble nor stands in this one', () => {
    const configurations = [{ zxid: ZXID_ZERO, configuration: UNFORMED }];
    const b = new ScriptedReplica({ history: trioHistory([], { configurations }) });
    b.serve(ZXID_ZERO);
    b.meet(SECOND);
    for (let i = 0; i < 20; i++) b.tick();
    expect(b.writes).toEqual([]);
    expect(b.core.status().mayNotStand).not.toBeNull();
  });

  it('when A is back, C votes for it and keeps z', () => {
    const a = elected({ history: trioHistory([z(1, 9)]) });
    expect(a.core.status().role).toBe('leader');
    const c = new ScriptedReplica({ history: without });
    const preVote = { kind: 'preVote', ballot: 1, history: endOf(z(1, 9)) } as const;
    expect(c.fromCandidate(SECOND, preVote)).toMatchObject([{ granted: true }]);
  });
});
