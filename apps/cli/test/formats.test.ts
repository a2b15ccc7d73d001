import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { formatTable } from '../src/output.ts';
import { Pipeline } from '../src/pipeline.ts';
import { drawTree } from '../src/tree-drawing.ts';
import { treeFromJson } from '../src/tree-node.ts';
import { joinPath, pathWithAncestors } from '../src/tree-transfer.ts';
import { dataToJson } from '../src/znode-format.ts';
import { recorder } from './recorder.ts';

describe('formats', () => {
  it('align the columns of a table', () => {
    expect(
      formatTable([
        ['A', 'BB'],
        ['long', 'x'],
      ]),
    ).toBe('A     BB\nlong  x');
    expect(
      formatTable([
        ['\u001b[31mA\u001b[39m', 'B'],
        ['xx', 'y'],
      ]),
    ).toBe('\u001b[31mA\u001b[39m   B\nxx  y');
  });

  it('draw a tree without colours where there is no terminal', () => {
    const tree = treeFromJson({ children: { a: 'one\ntwo', b: { children: { c: '' } } } });
    expect([...drawTree('/', tree, recorder().output)].join('\n')).toBe(
      ['/', '├─ a  one\\ntwo', '└─ b', '   └─ c'].join('\n'),
    );
  });

  it('tell text from bytes', () => {
    expect(dataToJson(Buffer.from('hé'))).toEqual({ data: 'hé' });
    expect(dataToJson(Uint8Array.of(0xff))).toEqual({ base64: '/w==' });
  });

  it('join paths', () => {
    expect(joinPath('/', 'a')).toBe('/a');
    expect(joinPath('/a', 'b')).toBe('/a/b');
    expect(pathWithAncestors('/a/b/c')).toEqual(['/a', '/a/b', '/a/b/c']);
    expect(pathWithAncestors('/')).toEqual([]);
  });
});

describe('the pipeline', () => {
  it('never runs more than its limit, and waits for all', async () => {
    const pipeline = new Pipeline(3);
    let running = 0;
    let most = 0;
    let done = 0;
    for (let i = 0; i < 20; i++) {
      await pipeline.run(async () => {
        most = Math.max(most, ++running);
        await turn();
        running--;
        done++;
      });
    }
    await pipeline.drain();
    expect([most, done]).toEqual([3, 20]);
    expect(await pipeline.oneEnded()).toBe(false);
  });

  it('stops at the first failure', async () => {
    const pipeline = new Pipeline(1);
    await pipeline.run(() => Promise.reject(new RangeError('first')));
    await expect(pipeline.run(() => Promise.resolve())).rejects.toThrow('first');
    await expect(pipeline.drain()).rejects.toThrow('first');
  });
});
