import { formatZxid } from '@paddock/client';
import { withClient } from './command-context.ts';
import type { CommandContext } from './command-context.ts';
import { readOptionsOf } from './read-flags.ts';
import type { ReadFlags } from './read-flags.ts';
import { countNodes } from './tree-node.ts';
import { drawTree } from './tree-drawing.ts';
import { exportTree, joinPath } from './tree-transfer.ts';
import { treeToJson } from './tree-node.ts';
import { dataToJson, statLines, statToJson } from './znode-format.ts';

export interface GetFlags extends ReadFlags {
  readonly stat?: boolean;
}

/** Writes the data as it is; on a terminal with a newline behind it. */
export function get(context: CommandContext, path: string, flags: GetFlags): Promise<void> {
  const { output } = context;
  return withClient(context, async (client) => {
    const { data, stat, zxid } = await client.get(path, readOptionsOf(flags));
    if (output.isJson) {
      const json = { path, ...dataToJson(data), stat: statToJson(stat), zxid: formatZxid(zxid) };
      output.line(JSON.stringify(json));
      return;
    }
    if (flags.stat === true) {
      output.line(statLines(stat));
      return;
    }
    output.bytes(data);
    if (output.isTerminal) output.line('');
  });
}

export interface ListFlags extends ReadFlags {
  readonly long?: boolean;
  readonly limit?: number;
  readonly after?: string;
}

export function list(context: CommandContext, path: string, flags: ListFlags): Promise<void> {
  const { output } = context;
  return withClient(context, async (client) => {
    const { limit, after } = flags;
    const page = {
      ...(limit === undefined ? {} : { limit }),
      ...(after === undefined ? {} : { after }),
    };
    const { children, more, zxid } = await client.list(path, { ...readOptionsOf(flags), ...page });
    const last = children.at(-1);
    if (more && last !== undefined) output.note(`there are more; go on with --after ${last}`);
    if (flags.long !== true) {
      const json = { path, children, more, zxid: formatZxid(zxid) };
      if (output.isJson) output.line(JSON.stringify(json));
      else for (const name of children) output.line(name);
      return;
    }
    const stats = await Promise.all(
      children.map(async (name) => ({
        name,
        stat: (await client.exists(joinPath(path, name))).stat,
      })),
    );
    for (const { name, stat } of stats) {
      // Gone since it was listed.
      if (stat === null) continue;
      const json = { name, ...statToJson(stat) };
      const size = String(stat.dataLength).padStart(8);
      const kind = stat.ephemeralOwner === 0 ? ' ' : 'e';
      const children = String(stat.numChildren).padStart(6);
      output.result(json, `${kind} ${size} B ${children} children  v${stat.version}  ${name}`);
    }
  });
}

/** How many znodes are below the path, and the bytes of data in it and in all of them. */
export function count(context: CommandContext, path: string, flags: ReadFlags): Promise<void> {
  const { output } = context;
  return withClient(context, async (client) => {
    const { descendants, subtreeBytes, zxid } = await client.count(path, readOptionsOf(flags));
    const json = { path, descendants, subtreeBytes, zxid: formatZxid(zxid) };
    output.result(json, `${descendants} znodes below, ${subtreeBytes} bytes of data in all`);
  });
}

export interface TreeFlags {
  readonly depth?: number;
}

export function tree(context: CommandContext, path: string, flags: TreeFlags): Promise<void> {
  const { output } = context;
  return withClient(context, async (client) => {
    const read = await exportTree(client, path, {
      depth: flags.depth ?? Infinity,
      withEphemerals: true,
      progress: () => undefined,
    });
    if (output.isJson) {
      output.line(JSON.stringify(treeToJson(read.tree)));
      return;
    }
    for (const line of drawTree(path, read.tree, output)) output.line(line);
    output.note(`${countNodes(read.tree)} znodes`);
  });
}
