import type { Output } from './output.ts';
import type { TreeNode } from './tree-node.ts';
import { textOf } from './znode-format.ts';

const PREVIEW = 60;

/** The tree as lines, with the beginning of each znode's data. */
export function* drawTree(path: string, tree: TreeNode, output: Output): Generator<string> {
  yield output.style('bold', path) + preview(tree, output);
  yield* drawChildren(tree, '', output);
}

function* drawChildren(node: TreeNode, indent: string, output: Output): Generator<string> {
  const names = [...node.children.keys()].sort();
  for (const [i, name] of names.entries()) {
    const child = node.children.get(name);
    if (child === undefined) continue;
    const isLast = i === names.length - 1;
    yield `${indent}${isLast ? '└─ ' : '├─ '}${name}${preview(child, output)}`;
    yield* drawChildren(child, `${indent}${isLast ? '   ' : '│  '}`, output);
  }
}

function preview(node: TreeNode, output: Output): string {
  if (node.data.length === 0) return '';
  const text = textOf(node.data);
  if (text === null) return output.style('dim', `  (${node.data.length} bytes)`);
  const line = JSON.stringify(text).slice(1, -1);
  const shown = line.length > PREVIEW ? `${line.slice(0, PREVIEW)}…` : line;
  return output.style('dim', `  ${shown}`);
}
