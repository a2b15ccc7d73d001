import { Writable } from 'node:stream';
import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { Output, formatTable } from '../src/output.ts';
import { Pipeline } from '../src/pipeline.ts';
import { printStatus, replicasOf, statusUrl } from '../src/status-command.ts';
import { drawTree } from '../src/tree-drawing.ts';
import { treeFromJson } from '../src/tree-node.ts';
import { joinPath, pathWithAncestors } from '../src/tree-transfer.ts';
import { dataToJson } from '../src/znode-format.ts';

/** Takes what is written, and is no terminal. */
function recorder(): { output: Output; text: () => string } {
  let text = '';
  const stream = new Writable({
    decodeStrings: false,
    write(chunk, _encoding, done) {
      text += String(chunk);
      done();
    },
  });
  const output = new Output(false, stream, stream);
  return { output, text: () => text };
}

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

describe('status', () => {
  const stages = { 'session-frontend': { pid: 7, restarts: 1, sessions: 3 } };

  it('prints a line a replica and a line a stage', () => {
    const { output, text } = recorder();
    const answer = {
      replicas: [{ id: 1, role: 'leader', epoch: 2, zxid: '2.5', serving: true, stages }],
    };
    printStatus(replicasOf(answer) ?? [], output);
    expect(text()).toContain('1                          leader  2      2.5');
    expect(text()).toMatch(/session-frontend +7 +1/);
  });

  it('reads the answer of a process that runs alone, and nothing else', () => {
    expect(replicasOf({ serving: true, waitingFor: [], stages })).toHaveLength(1);
    expect(replicasOf({ hello: 1 })).toBeNull();
    expect(replicasOf(null)).toBeNull();
  });

  it('takes an address or a URL', () => {
    expect(statusUrl('a:1')).toBe('http://a:1/status');
    expect(statusUrl('http://a:1/other')).toBe('http://a:1/other');
    expect(() => statusUrl('http://')).toThrow('no address');
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
