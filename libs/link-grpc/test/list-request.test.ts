import { ZXID_ZERO } from '@paddock/model';
import { describe, expect, it } from 'vitest';
import { readList } from '../src/wire/client-operation.ts';

describe('a call that lists children', () => {
  const read = { path: '/a', watch: false, atLeast: ZXID_ZERO };

  it('lists all of them where it asks for nothing less', () => {
    expect(readList({ path: '/a' })).toEqual({ kind: 'getChildren', ...read });
    expect(readList({ path: '/a', after: '', limit: 0 })).toEqual({ kind: 'getChildren', ...read });
  });

  it('lists a page where it names a limit, or a name to begin behind', () => {
    const page = { kind: 'getChildrenPage', ...read };
    expect(readList({ path: '/a', limit: 7 })).toEqual({ ...page, after: '', limit: 7 });
    expect(readList({ path: '/a', after: 'b' })).toEqual({ ...page, after: 'b', limit: 0 });
    expect(readList({ path: '/a', after: 'b', limit: 1, linearizable: true })).toEqual({
      ...page,
      after: 'b',
      limit: 1,
      consistency: { kind: 'linearizable' },
    });
  });
});
