import { describe, expect, it } from 'vitest';
import { CommandFailure } from '../src/exit-code.ts';
import { countNodes, treeFromJson, treeToJson } from '../src/tree-node.ts';

function roundTrip(json: unknown): unknown {
  return treeToJson(treeFromJson(json));
}

describe('the JSON of a tree', () => {
  it('comes back as it went in', () => {
    const json = {
      data: 'top',
      children: {
        binary: { base64: 'AP8=' },
        empty: '',
        ünïcode: 'größe\n\u0000',
        nested: { children: { deep: { data: 'x', children: { leaf: 'y' } } } },
      },
    };
    expect(roundTrip(json)).toEqual(json);
    expect(countNodes(treeFromJson(json))).toBe(7);
  });

  it('writes the short form where it suffices', () => {
    expect(roundTrip({ data: 'x' })).toBe('x');
    expect(roundTrip({})).toBe('');
    expect(roundTrip({ base64: 'aGk=' })).toBe('hi');
  });

  it('keeps a child called __proto__', () => {
    const json: unknown = JSON.parse('{"children":{"__proto__":"x"}}');
    expect(JSON.stringify(roundTrip(json))).toBe('{"children":{"__proto__":"x"}}');
  });

  it.each([
    [5, 'at /:'],
    [{ children: { a: [] } }, 'at /a:'],
    [{ children: { a: { kids: {} } } }, 'it has "kids"'],
    [{ children: { 'a/b': '' } }, 'nest the children'],
    [{ data: 'x', base64: '' }, 'both'],
    [{ base64: '?' }, 'base64'],
    [{ data: 5 }, '"data" is not a string'],
  ])('is refused with its place: %j', (json, message) => {
    expect(() => treeFromJson(json)).toThrow(CommandFailure);
    expect(() => treeFromJson(json)).toThrow(message);
  });
});
