import { BATCH_PATHS_MAX, BATCH_READS_MAX, NO_SESSION, ZXID_ZERO } from '@paddock/model';
import type { BatchedRead } from '@paddock/model';
import { describe, expect, it } from 'vitest';
import { checkRead } from '../src/operation-check.ts';

function check(reads: readonly BatchedRead<string>[]): unknown {
  return checkRead({ kind: 'readMany', path: '/', reads, atLeast: ZXID_ZERO }, NO_SESSION);
}

function exists(path: string): BatchedRead<string> {
  return { kind: 'exists', path };
}

describe('a batch of reads', () => {
  it('is passed on with paths that are some', () => {
    const reads = [exists('/a'), exists('/b')];
    expect(check(reads)).toEqual({ kind: 'readMany', path: '/', watch: false, reads });
  });

  it('is bounded in reads and in the length of their paths', () => {
    const most = Array.from({ length: BATCH_READS_MAX }, () => exists('/a'));
    expect(check(most)).toMatchObject({ kind: 'readMany' });
    expect(check([...most, exists('/a')])).toMatchObject({ code: 'tooLarge' });
    const long = exists(`/${'x'.repeat(1023)}`);
    const count = BATCH_PATHS_MAX / 1024;
    expect(check(Array.from({ length: count }, () => long))).toMatchObject({ kind: 'readMany' });
    expect(check(Array.from({ length: count + 1 }, () => long))).toMatchObject({
      code: 'tooLarge',
    });
  });

  it('is refused as a whole where it is empty or a path is none, which is named by its place', () => {
    expect(check([])).toMatchObject({ kind: 'failed', code: 'badArguments' });
    const refused = check([exists('/a'), exists('b')]);
    expect(refused).toMatchObject({ kind: 'failed', code: 'badArguments' });
    expect(JSON.stringify(refused)).toContain('read 1');
  });
});
