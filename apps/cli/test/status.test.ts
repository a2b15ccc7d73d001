import { describe, expect, it } from 'vitest';
import { accountsIn } from '../src/status-account.ts';
import { isWell, statusUrl } from '../src/status-command.ts';
import { describeEnsemble } from '../src/status-ensemble.ts';
import type { EnsembleStatus } from '../src/status-ensemble.ts';
import { printStatus } from '../src/status-table.ts';
import { recorder } from './recorder.ts';

const CLUSTER = 'c0ffee';

interface Told {
  readonly replica: number;
  readonly role?: 'leader' | 'follower' | 'observer' | 'looking';
  readonly epoch?: number;
  readonly committed?: string;
  readonly applied?: string;
  readonly clusterId?: string;
  readonly verdict?: string | null;
  readonly waitingFor?: readonly string[];
  readonly learners?: readonly object[];
}

function configuration(clusterId: string): object {
  const members = [1, 2, 3].map((replica) => ({
    replica,
    role: 'voter',
    address: `127.0.0.1:239${replica}`,
    incarnation: replica,
  }));
  return { clusterId, formatLevel: 1, version: 1, removed: [], members };
}

/** As the admin port of a fused replica answers. */
function answer(told: Told): object {
  const { replica, role = 'follower', epoch = 2, committed = '2.9', applied = '2.9' } = told;
  const { clusterId = CLUSTER, verdict = null, waitingFor = [], learners = [] } = told;
  const serving = waitingFor.length === 0;
  const health = { serving, waitingFor };
  return {
    replica,
    pid: 4000 + replica,
    endpoints: { client: `127.0.0.1:219${replica}`, admin: `127.0.0.1:808${replica}` },
    stages: {
      'zab-broadcaster': {
        ...health,
        phase: role === 'looking' ? 'election' : 'broadcast',
        ...{ role, epoch, committed, learners, configuration: configuration(clusterId) },
        leader: role === 'leader' ? replica : null,
      },
      'replicated-database': { ...health, applied, freshAgoMs: 12, verdict, term: `${epoch}/1` },
      'request-processor': {
        ...health,
        phase: role === 'leader' ? 'serving' : 'waiting',
        term: role === 'leader' ? `${epoch}/1` : null,
        lastAssigned: role === 'leader' ? '2.10' : '0.0',
      },
      'session-frontend': { ...health, applied, term: `${epoch}/1` },
    },
  };
}

function learner(replica: number, isVoter: boolean, isSynchronized = true): object {
  return { replica, isVoter, isSynchronized, state: 'streaming', acknowledged: '2.7' };
}

const LEADER = answer({
  replica: 2,
  role: 'leader',
  learners: [learner(1, true), learner(3, true), learner(4, false)],
});

function ensembleOf(...answers: readonly object[]): EnsembleStatus {
  return describeEnsemble(answers.flatMap((it) => accountsIn(it) ?? []));
}

function printed(status: EnsembleStatus): string {
  const { output, text } = recorder();
  printStatus(status, output);
  return text();
}

describe('status', () => {
  it('tells who leads, and role, epoch, zxid, lag, pid and endpoints of each replica and stage', () => {
    const status = ensembleOf(
      answer({ replica: 3, applied: '2.5' }),
      answer({ replica: 1 }),
      LEADER,
    );
    expect(status).toMatchObject({ leader: 2, epoch: 2, committed: '2.9', votersInStep: 3 });
    const [one, two, three, four] = status.replicas;
    expect(one).toMatchObject({ id: 1, role: 'follower', lag: 0, pid: 4001, serving: true });
    expect(two).toMatchObject({ id: 2, role: 'leader', epoch: 2, zxid: '2.9', freshAgoMs: 12 });
    expect(two?.stages['request-processor']).toMatchObject({
      ...{ role: 'active', epoch: 2, zxid: '2.10', lag: null, pid: 4002 },
    });
    expect(three).toMatchObject({ id: 3, zxid: '2.5', lag: 4 });
    expect(three?.stages['request-processor']).toMatchObject({ role: 'standby', epoch: null });
    expect(three?.stages['session-frontend']).toMatchObject({
      ...{ role: 'follower', epoch: 2, zxid: '2.5', lag: 4 },
      endpoints: { client: '127.0.0.1:2193' },
    });
    expect(four).toMatchObject({ id: 4, role: 'observer', zxid: '2.7', lag: 2, serving: true });
    expect(isWell(status)).toBe(true);
  });

  it('is the same when it is drawn from itself', () => {
    const status = ensembleOf(answer({ replica: 1 }), LEADER, answer({ replica: 3 }));
    expect(ensembleOf({ ...status, replicas: status.replicas.slice(0, 3) })).toEqual(status);
  });

  it('prints the ensemble in a line, and a line a replica and stage', () => {
    const text = printed(ensembleOf(answer({ replica: 1 }), LEADER, answer({ replica: 3 })));
    expect(text).toContain(`ensemble ${CLUSTER}: replica 2 leads epoch 2\n`);
    expect(text).toContain('voters 1, 2, 3: 3 of 3 in step; observers 4\n');
    expect(text).toMatch(/^2 +leader +2 +2\.9 +0 +12 ms +4002 +serving$/m);
    expect(text).toMatch(/^ +request-processor +active +2 +2\.10 +serving$/m);
    expect(text).not.toContain('alarm');
  });

  it('tells what a replica waits for in the line of the stage that says so', () => {
    const waitingFor = ['session-frontend: replicated-database at 127.0.0.1:2491'];
    const status = ensembleOf(answer({ replica: 1, waitingFor }), LEADER, answer({ replica: 3 }));
    const text = printed(status);
    expect(text).toMatch(/^1 .*not serving$/m);
    expect(text).toMatch(/session-frontend .*waiting: replicated-database at 127\.0\.0\.1:2491$/m);
    expect(isWell(status)).toBe(false);
  });

  it('tells of a replica whose process is gone that it is down', () => {
    const waitingFor = ['zab-broadcaster: does not answer'];
    const gone = { serving: false, waitingFor, pid: null, restarts: 3 };
    const down = { id: 1, endpoints: {}, stages: { 'zab-broadcaster': gone } };
    const others = ensembleOf(LEADER, answer({ replica: 3 })).replicas;
    const status = ensembleOf({ replicas: [down, ...others] });
    expect(status.replicas[0]).toMatchObject({ id: 1, role: 'down', zxid: null, lag: null });
    expect(printed(status)).toMatch(/^1 +down +3 +does not answer$/m);
    expect(isWell(status)).toBe(false);
  });

  it('tells of a replica that nobody asked what the leader knows of it, or that nobody knows', () => {
    const known = ensembleOf(LEADER).replicas;
    expect(known[0]).toMatchObject({ id: 1, role: 'follower', zxid: '2.7', lag: 2, serving: true });
    const unknown = ensembleOf(answer({ replica: 1, role: 'looking', epoch: 1 }));
    expect(unknown.leader).toBeNull();
    expect(unknown.replicas[2]).toMatchObject({ id: 3, role: 'unknown', serving: null });
    expect(isWell(ensembleOf(answer({ replica: 1 })))).toBe(true);
    const alone = ensembleOf(answer({ replica: 2, role: 'leader', learners: [learner(1, true)] }));
    expect(alone.replicas[2]?.waitingFor.join()).toContain('not connected to the leader');
    expect(isWell(alone)).toBe(false);
  });

  it('believes the leader of the newest epoch, and counts no lag across epochs', () => {
    const old = answer({ replica: 1, role: 'leader', epoch: 1, applied: '1.400' });
    const status = ensembleOf(old, LEADER);
    expect(status).toMatchObject({ leader: 2, epoch: 2 });
    expect(status.replicas[0]).toMatchObject({ zxid: '1.400', lag: null });
    expect(printed(status)).toMatch(/^1 +leader +1 +1\.400 +\? /m);
  });

  it('raises an alarm where digests differ or ensembles are mixed up', () => {
    const contradicted = ensembleOf(LEADER, answer({ replica: 1, verdict: 'contradicted' }));
    expect(contradicted.alarms.join()).toContain('database of replica 1 differs');
    expect(printed(contradicted)).toContain('alarm: the database of replica 1');
    expect(isWell(contradicted)).toBe(false);
    const undecided = ensembleOf(LEADER, answer({ replica: 1, verdict: 'undecided' }));
    expect(undecided.alarms.join()).toContain('no majority of databases agrees');
    const foreign = ensembleOf(LEADER, answer({ replica: 1, clusterId: 'decaf' }));
    expect(foreign.alarms).toEqual(['replica 1 belongs to another ensemble: decaf, not c0ffee']);
  });

  it('notes a voter that came back empty and was not admitted yet', () => {
    const learners = [learner(1, false, false), learner(3, true)];
    const status = ensembleOf(answer({ replica: 2, role: 'leader', learners }));
    expect(status).toMatchObject({ votersInStep: 2, alarms: [] });
    expect(status.notices.join()).toContain('replica 1 came back with an empty disk');
  });

  it('tells of a number that two replicas have, and of a replica that the ensemble does not know', () => {
    const learners = [learner(1, true), learner(1, false), learner(3, true)];
    const twice = ensembleOf(answer({ replica: 2, role: 'leader', learners }));
    expect(twice.alarms.join()).toContain('replica 1 is there twice');
    const outside = ensembleOf(LEADER, answer({ replica: 9 }));
    expect(outside.notices.join()).toContain('replica 9 is none of the voters');
    expect(outside.alarms).toEqual([]);
  });

  it('merges the stages of a replica that were asked one by one', () => {
    const { stages, ...rest } = LEADER as { stages: Record<string, object> };
    const parts = Object.entries(stages).map(([name, stage], index) => ({
      ...rest,
      pid: index,
      stages: { [name]: stage },
    }));
    const [, two] = ensembleOf(...parts.toReversed()).replicas;
    expect(Object.keys(two?.stages ?? {})).toEqual(Object.keys(stages));
    expect(printed(ensembleOf(...parts))).toMatch(/session-frontend +leader +2 +2\.9 +0 +3 /);
  });

  it('takes no other answer for one of a Paddock', () => {
    expect(accountsIn({ hello: 1 })).toBeNull();
    expect(accountsIn(null)).toBeNull();
    expect(accountsIn({ replicas: 'many' })).toBeNull();
  });

  it('takes an address or a URL', () => {
    expect(statusUrl('a:1')).toBe('http://a:1/status');
    expect(statusUrl(' a:1')).toBe('http://a:1/status');
    expect(statusUrl('http://a:1/other')).toBe('http://a:1/other');
    expect(() => statusUrl('http://')).toThrow('no address');
  });
});
