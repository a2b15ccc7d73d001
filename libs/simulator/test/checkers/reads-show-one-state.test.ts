import { DEFAULT_LIMITS, DEFAULT_TIMING, makeZxid, ROOT } from '@paddock/model';
import type { LogEntry, ReadResult, Stat } from '@paddock/model';
import { describe, expect, it } from 'vitest';
import { readsShowOneState } from '../../src/checkers/reads-show-one-state.ts';
import { BroadcastRecord } from '../../src/record/broadcast-record.ts';
import { CommittedLog } from '../../src/record/committed-log.ts';
import { History } from '../../src/record/history.ts';

const AT = makeZxid(1, 1);
const ENTRY: LogEntry = { zxid: AT, kind: 'termMarker', payload: new Uint8Array() };
const STAT: Stat = {
  ...{ czxid: AT, mzxid: AT, pzxid: AT, ctime: 0, mtime: 0, version: 0, cversion: 0, aversion: 0 },
  ...{ ephemeralOwner: 0 as Stat['ephemeralOwner'], dataLength: 1, numChildren: 0 },
  ...{ kind: 'persistent' as const, ttlMs: 0 },
};
const UNTRUE: ReadResult = {
  kind: 'subtree',
  ...{
    znodes: [{ path: ROOT, data: new Uint8Array(1), stat: STAT }],
    more: false,
    snapshot: 1,
    zxid: AT,
  },
};

/** Of a run in which the whole tree was read, and what was shown is not what was committed. */
function violationsOf(history: History): readonly string[] {
  const log = new CommittedLog(() => 0);
  log.entries.push({ zxid: AT, entry: ENTRY, transaction: null, backup: null, deliveredMs: 0 });
  history.unary.push({
    operation: { kind: 'getSubtree', path: '/', atLeast: AT, snapshot: 0, bytes: 1000 },
    submitted: history.moment(),
    settlement: { at: history.moment(), zxid: AT, result: UNTRUE },
  });
  const broadcasts = new BroadcastRecord();
  const run = { history, log, broadcasts, limits: DEFAULT_LIMITS, timing: DEFAULT_TIMING };
  return readsShowOneState({ ...run, finalStates: [], hasRecovered: true });
}

describe('reads of a whole tree', () => {
  it('that show what was not committed are found', () => {
    expect(violationsOf(new History(() => 0))).toHaveLength(1);
  });

  it('P10: may show the data that rots in the memory of a database, until that is found out', () => {
    const history = new History(() => 0);
    history.rotten.push({ replica: 1, zxid: AT });
    expect(violationsOf(history)).toEqual([]);
  });
});
