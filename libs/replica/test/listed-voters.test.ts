import type { EnsembleConfiguration, ReplicaRole } from '@paddock/model';
import { OperatorError } from '@paddock/node-runtime';
import { describe, expect, it } from 'vitest';
import { compareVoters } from '../src/listed-voters.ts';

function listed(...replicas: readonly number[]) {
  return replicas.map((replica) => member(replica, 'voter'));
}

function member(replica: number, role: ReplicaRole) {
  return { replica, role, address: `127.0.0.1:239${replica}` };
}

function founded(clusterId: string, ...replicas: readonly number[]): EnsembleConfiguration {
  const members = listed(...replicas).map((it) => ({ ...it, incarnation: 1 }));
  return { clusterId, formatLevel: 1, version: 1, removed: [], members };
}

describe('the voters that a configuration lists', () => {
  it('are those of the log, in any order, with observers beside them', () => {
    const file = [...listed(3, 1, 2), member(4, 'observer')];
    expect(compareVoters(file, founded('c', 1, 2, 3))).toBeNull();
    expect(compareVoters([], founded('c', 1))).toBeNull();
    expect(compareVoters(listed(1, 2, 3), founded('', 1, 2))).toBeNull();
  });

  it('do not count where the ensemble was founded with others, which is told', () => {
    const remark = compareVoters(listed(1, 2, 3), founded('c', 1));
    expect(remark).toMatchObject({ level: 'warn', detail: { listed: '1, 2, 3', voters: '1' } });
  });

  it('may not be left out where there are several', () => {
    const compare = () => compareVoters([], founded('c', 1, 2, 3));
    expect(compare).toThrow(OperatorError);
    expect(compare).toThrow(
      'voters 1, 2, 3, which the configuration does not list: add "ensemble"',
    );
  });
});
