import { mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { fileNameOf, nameOfFile, readDirectory, writeDirectory } from '../src/tree-directory.ts';
import { treeFromJson, treeToJson } from '../src/tree-node.ts';

describe('the folder of a tree', () => {
  let folder = '';
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'paddock-tree-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it('comes back as it went out', () => {
    const json = {
      data: 'top',
      children: {
        '.data': 'a child with a difficult name',
        '%2Edata': 'another one',
        binary: { base64: 'AP8=' },
        empty: '',
        nested: { data: 'own', children: { leaf: 'y' } },
      },
    };
    const target = join(folder, 'out');
    writeDirectory(target, treeFromJson(json));
    expect(readdirSync(target).sort()).toEqual(
      ['%252Edata', '%2Edata', '.data', 'binary', 'empty', 'nested'].sort(),
    );
    expect(treeToJson(readDirectory(target))).toEqual(json);
  });

  it('keeps every name', () => {
    for (const name of [
      'a',
      '.data',
      '%2Edata',
      '%25',
      '%',
      '100%',
      '%2541',
      '%252Edata',
      '.env',
    ]) {
      expect(nameOfFile(fileNameOf(name))).toBe(name);
    }
  });

  it('is never written into a folder that holds something', () => {
    writeFileSync(join(folder, 'mine'), '');
    expect(() => writeDirectory(folder, treeFromJson('x'))).toThrow('is not empty');
  });

  it('is refused where it holds a link', () => {
    symlinkSync('/', join(folder, 'link'));
    expect(() => readDirectory(folder)).toThrow('neither a file nor a folder');
  });
});
