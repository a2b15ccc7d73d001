import { EXIT, CommandFailure } from './exit-code.ts';
import { textOf } from './znode-format.ts';

/** A znode with everything below it, as import and export carry it. */
export interface TreeNode {
  readonly data: Uint8Array;
  readonly children: Map<string, TreeNode>;
}

/**
 * The file format. A znode is written as
 *   "text"                                    a leaf with this data, as UTF-8, or as an object with any of
 *   {"data": "text"}                          its data as UTF-8
 *   {"base64": "AAEC"}                        its data as base64, instead of `data`
 *   {"children": {"name": znode, …}}          what is below it
 * The file holds one znode, which stands for the path that is exported, or imported at.
 */
export type TreeJson =
  | string
  | {
      readonly data?: string;
      readonly base64?: string;
      readonly children?: Readonly<Record<string, TreeJson>>;
    };

export function treeToJson(node: TreeNode): TreeJson {
  const text = textOf(node.data);
  if (node.children.size === 0 && text !== null) return text;
  const data =
    node.data.length === 0
      ? {}
      : text === null
        ? { base64: Buffer.from(node.data).toString('base64') }
        : { data: text };
  if (node.children.size === 0) return data;
  const names = [...node.children.keys()].sort();
  // fromEntries, since a child may be called __proto__.
  const children = Object.fromEntries(
    names.map((name) => [name, treeToJson(childOf(node, name))] as const),
  );
  return { ...data, children };
}

function childOf(node: TreeNode, name: string): TreeNode {
  const child = node.children.get(name);
  if (child === undefined) throw new CommandFailure(EXIT.refused, `the child ${name} is gone`);
  return child;
}

/** Reads the file format; a failure names the place. */
export function treeFromJson(value: unknown, place = '/'): TreeNode {
  if (typeof value === 'string') return leaf(Buffer.from(value));
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw malformed(place, 'a znode is a string or an object with "data", "base64" or "children"');
  }
  let data: Uint8Array = new Uint8Array(0);
  const children = new Map<string, TreeNode>();
  const entries = new Map<string, unknown>(Object.entries(value));
  if (entries.has('data') && entries.has('base64')) {
    throw malformed(place, 'it has both "data" and "base64"');
  }
  for (const [key, content] of entries) {
    switch (key) {
      case 'data':
        if (typeof content !== 'string') throw malformed(place, '"data" is not a string');
        data = Buffer.from(content);
        break;
      case 'base64':
        data = fromBase64(content, place);
        break;
      case 'children':
        if (typeof content !== 'object' || content === null || Array.isArray(content)) {
          throw malformed(place, '"children" is not an object of names and znodes');
        }
        for (const [name, child] of Object.entries(content)) {
          checkName(name, place);
          children.set(name, treeFromJson(child, place === '/' ? `/${name}` : `${place}/${name}`));
        }
        break;
      default:
        throw malformed(place, `it has "${key}"; children go below the key "children"`);
    }
  }
  return { data, children };
}

export function leaf(data: Uint8Array): TreeNode {
  return { data, children: new Map() };
}

export function countNodes(node: TreeNode): number {
  let count = 0;
  const stack = [node];
  for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
    count++;
    // Not spread: a znode may have more children than a call can have arguments.
    for (const child of next.children.values()) stack.push(child);
  }
  return count;
}

function fromBase64(content: unknown, place: string): Uint8Array {
  if (typeof content !== 'string' || !/^[A-Za-z0-9+/]*={0,2}$/.test(content)) {
    throw malformed(place, '"base64" is not base64 text');
  }
  return Buffer.from(content, 'base64');
}

function checkName(name: string, place: string): void {
  if (name !== '' && name !== '.' && name !== '..' && !name.includes('/')) return;
  throw malformed(place, `"${name}" is no name of a child; nest the children instead of using "/"`);
}

function malformed(place: string, what: string): CommandFailure {
  return new CommandFailure(EXIT.usage, `not a tree of znodes, at ${place}: ${what}`);
}
