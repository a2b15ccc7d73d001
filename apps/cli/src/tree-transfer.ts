import { PaddockError } from '@paddock/client';
import type { Client } from '@paddock/client';
import { Pipeline } from './pipeline.ts';
import type { TreeNode } from './tree-node.ts';

/** Requests under way: enough to fill the client's own pipeline. */
const PIPELINE = 1000;
const PROGRESS_STEP = 1000;

export interface Imported {
  created: number;
  updated: number;
}

export type Progress = (done: number) => void;

export function joinPath(parent: string, name: string): string {
  return parent === '/' ? `/${name}` : `${parent}/${name}`;
}

/** The path and its ancestors, outermost first, without the root. */
export function pathWithAncestors(path: string): string[] {
  const paths: string[] = [];
  for (let slash = path.indexOf('/', 1); slash !== -1; slash = path.indexOf('/', slash + 1)) {
    paths.push(path.slice(0, slash));
  }
  if (path !== '/') paths.push(path);
  return paths;
}

/** Creates what is missing on the way to `path`, all in one go: requests of a session take effect in order. */
async function createAncestors(client: Client, path: string): Promise<void> {
  await Promise.all(
    pathWithAncestors(path)
      .slice(0, -1)
      .map((ancestor) => client.create(ancestor).catch(ignoreExisting)),
  );
}

function ignoreExisting(error: unknown): void {
  if (!(error instanceof PaddockError) || error.code !== 'nodeExists') throw error;
}

/** Creates the tree at `path`; a znode that exists gets the tree's data, and keeps children that the tree has not. */
export async function importTree(
  client: Client,
  path: string,
  tree: TreeNode,
  progress: Progress,
): Promise<Imported> {
  await createAncestors(client, path);
  const imported: Imported = { created: 0, updated: 0 };
  const pipeline = new Pipeline(PIPELINE);
  // A parent is sent before its children, which suffices: the order of sending is the order of effect.
  const stack: { path: string; node: TreeNode }[] = [{ path, node: tree }];
  for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
    const { path: at, node } = next;
    await pipeline.run(async () => {
      await put(client, at, node.data, imported);
      const done = imported.created + imported.updated;
      if (done % PROGRESS_STEP === 0) progress(done);
    });
    for (const [name, child] of node.children) {
      stack.push({ path: joinPath(at, name), node: child });
    }
  }
  await pipeline.drain();
  return imported;
}

async function put(
  client: Client,
  path: string,
  data: Uint8Array,
  imported: Imported,
): Promise<void> {
  try {
    if (path !== '/') {
      await client.create(path, data);
      imported.created++;
      return;
    }
    // The root is always there; a tree that says nothing of its data leaves it as it is.
    if (data.length === 0) return;
  } catch (error) {
    ignoreExisting(error);
  }
  await client.set(path, data);
  imported.updated++;
}

export interface ExportOptions {
  /** Levels below the path. */
  readonly depth: number;
  readonly withEphemerals: boolean;
  readonly progress: Progress;
}

export interface Exported {
  readonly tree: TreeNode;
  readonly count: number;
  /** Ephemeral znodes, which belong to living sessions and are left out. */
  readonly ephemerals: number;
}

/** Reads the tree at `path`. What changes meanwhile may be seen or not; what goes away meanwhile is left out. */
export async function exportTree(
  client: Client,
  path: string,
  options: ExportOptions,
): Promise<Exported> {
  const { depth, withEphemerals, progress } = options;
  const pipeline = new Pipeline(PIPELINE);
  const root = await readNode(client, path);
  const found: { path: string; name: string; parent: TreeNode; level: number }[] = [];
  let count = 0;
  let ephemerals = 0;
  const add = (at: string, node: ReadNode, level: number): void => {
    count++;
    if (count % PROGRESS_STEP === 0) progress(count);
    if (level === depth) return;
    for (const name of node.names) {
      found.push({ path: joinPath(at, name), name, parent: node, level: level + 1 });
    }
  };
  add(path, root, 0);
  for (;;) {
    const next = found.pop();
    if (next === undefined) {
      if (await pipeline.oneEnded()) continue;
      return { tree: root, count, ephemerals };
    }
    await pipeline.run(async () => {
      const node = await readUnlessGone(client, next.path);
      if (node === null) return;
      if (node.isEphemeral && !withEphemerals) {
        ephemerals++;
        return;
      }
      next.parent.children.set(next.name, node);
      add(next.path, node, next.level);
    });
  }
}

interface ReadNode extends TreeNode {
  readonly names: readonly string[];
  readonly isEphemeral: boolean;
}

async function readNode(client: Client, path: string): Promise<ReadNode> {
  const [{ data, stat }, { children: names }] = await Promise.all([
    client.get(path),
    client.list(path),
  ]);
  return { data, children: new Map(), names, isEphemeral: stat.ephemeralOwner !== 0 };
}

async function readUnlessGone(client: Client, path: string): Promise<ReadNode | null> {
  try {
    return await readNode(client, path);
  } catch (error) {
    if (error instanceof PaddockError && error.code === 'noNode') return null;
    throw error;
  }
}
