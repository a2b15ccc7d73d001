import { makeZxid, NO_SESSION, ROOT } from '@paddock/model';
import type { BatchedResult, Stat } from '@paddock/model';
import { describe, expect, it } from 'vitest';
import { readManyResponse } from '../src/unary-responses.ts';
import { readReadMany } from '../src/wire/client-operation.ts';

const zxid = makeZxid(1, 9);
const stat: Stat = {
  ...{ czxid: zxid, mzxid: zxid, pzxid: zxid, ctime: 1, mtime: 2, version: 3, cversion: 4 },
  ...{ aversion: 0, ephemeralOwner: NO_SESSION, dataLength: 5, numChildren: 6 },
  ...{ kind: 'persistent', ttlMs: 0 },
};

describe('a call that does several reads', () => {
  it('names each by its kind and path', () => {
    const reads = [
      { kind: 'exists', exists: '/a' } as const,
      { kind: 'countDescendants', countDescendants: '/b' } as const,
      { kind: 'getData', getData: '' } as const,
    ];
    const asked = readReadMany({ reads, atLeastEpoch: 1, atLeastCounter: 2, stalenessMs: 5 });
    expect(asked).toEqual({
      ...{ kind: 'readMany', path: ROOT, atLeast: makeZxid(1, 2) },
      consistency: { kind: 'boundedStaleness', ms: 5 },
      reads: [
        { kind: 'exists', path: '/a' },
        { kind: 'countDescendants', path: '/b' },
        { kind: 'getData', path: '' },
      ],
    });
    expect(() => readReadMany({ reads: [{ kind: undefined }] })).toThrow('has no kind');
  });

  it('is answered with one result for each, and the zxid of all', () => {
    const failed = { kind: 'failed', code: 'noNode', reason: '' } as const;
    const below = { kind: 'descendants', descendants: 3, subtreeBytes: 7, stat } as const;
    const results: BatchedResult[] = [{ kind: 'stat', stat }, below, failed];
    const response = readManyResponse({ zxid, result: { kind: 'many', results } });
    expect(response).toMatchObject({
      ...{ zxidEpoch: 1, zxidCounter: 9, readOnly: false },
      results: [
        { exists: { stat: { version: 3 } } },
        { countDescendants: { descendants: 3, subtreeBytes: 7 } },
        { failed: { reason: '' } },
      ],
    });
  });
});
