import { describe, expect, it } from 'vitest';
import { sumUp } from '../src/arithmetic/cpu-profile.ts';

function node(id: number, functionName: string, url: string): object {
  return { id, callFrame: { functionName, url, lineNumber: 9 } };
}

const profile = JSON.stringify({
  nodes: [
    node(1, '(idle)', ''),
    node(2, '(garbage collector)', ''),
    node(3, '$root.a.b.Stat.encode', 'file:///x/libs/contracts/gen/index.js'),
    // The same function called from elsewhere is another node.
    node(4, '$root.a.b.Stat.encode', 'file:///x/libs/contracts/gen/index.js'),
    node(5, 'write', 'file:///x/node_modules/@grpc/grpc-js/build/src/call.js'),
  ],
  samples: [1, 2, 3, 4, 5, 3],
  timeDeltas: [5000, 1000, 1000, 1000, 2000, 5000],
});

describe('a profile', () => {
  it('is summed up by function, idle time left out', () => {
    expect(sumUp(profile, 2).functions).toEqual([
      { place: 'Stat.encode contracts/gen/index.js:10', milliseconds: 7, share: 0.7 },
      { place: 'write build/src/call.js:10', milliseconds: 2, share: 0.2 },
    ]);
  });

  it('is summed up by library and package', () => {
    expect(sumUp(profile, 9).libraries.map(({ place }) => place)).toEqual([
      'contracts',
      '@grpc/grpc-js',
      '(garbage collector)',
    ]);
  });
});
