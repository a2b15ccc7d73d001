import { EPOCH_ZERO, TERM_ZERO, ZXID_ZERO } from '@paddock/model';
import type { BroadcasterStatus } from '@paddock/zab-core';
import { describe, expect, it } from 'vitest';
import { whatBroadcasterMisses } from '../src/broadcaster-report.ts';

const LOOKING: BroadcasterStatus = {
  role: 'looking',
  phase: 'election',
  leader: null,
  epoch: EPOCH_ZERO,
  acceptedEpoch: EPOCH_ZERO,
  currentEpoch: EPOCH_ZERO,
  lastProposed: ZXID_ZERO,
  durable: ZXID_ZERO,
  committed: ZXID_ZERO,
  term: TERM_ZERO,
  processorAddress: null,
  databases: [{ state: 'delivering', delivered: ZXID_ZERO, applied: ZXID_ZERO, windowBytes: 0 }],
  learners: [],
  configuration: null,
  reachableVoters: 1,
  voters: 3,
  foreign: [],
  mayNotStand: null,
  failure: null,
};

const [TWO, THREE] = [
  { replica: 2, address: 'b:1' },
  { replica: 3, address: 'c:1' },
];

function misses(status: Partial<BroadcasterStatus>, silent: readonly (typeof TWO)[]): string {
  return whatBroadcasterMisses({ ...LOOKING, ...status }, { processors: 1, silent }).join();
}

describe('what a broadcaster waits for', () => {
  it('is a quorum, with the replicas that say nothing', () => {
    expect(misses({}, [TWO, THREE])).toBe(
      'a quorum: 1 of 3 voters answers; no word from replica 2 at b:1, replica 3 at c:1',
    );
    expect(misses({ reachableVoters: 2 }, [THREE])).toBe('a leader: 2 of 3 voters answer');
  });

  it('does not name a silent observer, nor one that was removed', () => {
    const member = { replica: 2, incarnation: 1, role: 'observer', address: 'b:1' } as const;
    const configuration = {
      clusterId: 'c',
      formatLevel: 1,
      version: 3,
      members: [member],
      removed: [{ replica: 3, incarnation: 1 }],
    };
    expect(misses({ configuration }, [TWO, THREE])).toBe('a quorum: 1 of 3 voters answers');
  });

  it('is named where it is of another ensemble', () => {
    expect(misses({ foreign: [THREE] }, [TWO])).toBe(
      'a quorum: 1 of 3 voters answers; no word from replica 2 at b:1; ' +
        'the one at c:1 (replica 3) belongs to another ensemble',
    );
  });

  it('is every voter at the founding, or what one of them says otherwise', () => {
    expect(misses({ phase: 'founding', mayNotStand: 'x' }, [TWO])).toBe(
      'every voter, to found the ensemble: 1 of 3 voters answers; no word from replica 2 at b:1',
    );
    const mayNotStand = 'replica 2 is configured with voters 1,2, not 1,2,3';
    expect(misses({ phase: 'founding', mayNotStand }, [])).toBe(`the founding: ${mayNotStand}`);
  });
});
