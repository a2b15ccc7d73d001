import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CommandFailure, EXIT } from './exit-code.ts';
import { leaf } from './tree-node.ts';
import type { TreeNode } from './tree-node.ts';

/**
 * A tree as a folder: a znode without children is a file with its data, one with children is a folder, whose own data
 * is the file `.data` in it. Names stand as they are, except that a child called ".data", or one that could be taken
 * for an escape, has its first character escaped: %2Edata, %2541.
 */
const OWN_DATA = '.data';

export function fileNameOf(name: string): string {
  if (name === OWN_DATA) return '%2Edata';
  return name.replace(/%(?=[0-9a-fA-F]{2})/g, '%25');
}

export function nameOfFile(fileName: string): string {
  if (fileName === '%2Edata') return OWN_DATA;
  return fileName.replace(/%25(?=[0-9a-fA-F]{2})/g, '%');
}

export function readDirectory(folder: string): TreeNode {
  let data: Uint8Array = new Uint8Array(0);
  const children = new Map<string, TreeNode>();
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) children.set(nameOfFile(entry.name), readDirectory(path));
    else if (!entry.isFile()) {
      const what = 'is neither a file nor a folder';
      throw new CommandFailure(EXIT.usage, `${path} ${what}; remove it, or copy what it refers to`);
    } else if (entry.name === OWN_DATA) data = readFileSync(path);
    else children.set(nameOfFile(entry.name), leaf(readFileSync(path)));
  }
  return { data, children };
}

/** Writes what is below `node` into a new or empty folder. */
export function writeDirectory(folder: string, node: TreeNode): void {
  mkdirSync(folder, { recursive: true });
  if (readdirSync(folder).length > 0) {
    throw new CommandFailure(EXIT.usage, `the folder ${folder} is not empty; choose another`);
  }
  writeFolder(folder, node);
}

function writeFolder(folder: string, node: TreeNode): void {
  if (node.data.length > 0) writeFileSync(join(folder, OWN_DATA), node.data);
  for (const [name, child] of node.children) {
    const path = join(folder, fileNameOf(name));
    if (child.children.size === 0) {
      // Two names that differ only in case are one file on some disks: better an error than a loss.
      writeFileSync(path, child.data, { flag: 'wx' });
      continue;
    }
    mkdirSync(path);
    writeFolder(path, child);
  }
}
