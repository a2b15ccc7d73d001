import { makeTerm, makeZxid, type LogEntry } from '@paddock/model';
import { describe, expect, it } from 'vitest';
import {
  broadcastEstimates,
  databaseBroadcasterEstimates,
  databaseDatabaseEstimates,
  processorBroadcasterEstimates,
} from '../src/index.ts';

const BYTES = 100_000;
const large = new Uint8Array(BYTES);
const zxid = makeZxid(1, 1);
const entries: LogEntry[] = [
  { zxid, kind: 'data', payload: large },
  { zxid, kind: 'data', payload: large },
];

describe('an estimate', () => {
  it.each([
    [
      'the entries of a leader',
      2 * BYTES,
      broadcastEstimates.estimateDown([{ kind: 'entries', entries, committed: zxid }]),
    ],
    [
      'the entries delivered to a database',
      2 * BYTES,
      databaseBroadcasterEstimates.estimateDown([{ kind: 'entries', entries }]),
    ],
    [
      'the chunk of a snapshot',
      BYTES,
      databaseDatabaseEstimates.estimateDown([{ kind: 'chunk', chunk: large }]),
    ],
    [
      'the configuration that a processor is to propose',
      BYTES,
      processorBroadcasterEstimates.estimateDown([
        { kind: 'configure', term: makeTerm(1, 1), configuration: large },
      ]),
    ],
  ])('counts %s', (_what, bytes, estimate) => {
    expect(estimate).toBeGreaterThan(bytes);
    expect(estimate).toBeLessThan(1.1 * bytes);
  });

  it('counts a message of a few numbers as one', () => {
    expect(broadcastEstimates.estimateUp([{ kind: 'ack', zxid }])).toBeLessThan(1000);
    expect(databaseDatabaseEstimates.estimateUp([{ kind: 'fetch', atLeast: zxid }])).toBeLessThan(
      1000,
    );
  });
});
