import { formatZxid, PaddockError, step } from '@paddock/client';
import type { Acl, Client, CreateMode, Stat, Zxid } from '@paddock/client';
import { untilInterrupted, withClient, withLastingClient } from './command-context.ts';
import type { CommandContext } from './command-context.ts';
import { CommandFailure, EXIT } from './exit-code.ts';
import { joinPath } from './tree-transfer.ts';
import { statToJson } from './znode-format.ts';

export interface CreateFlags {
  readonly ephemeral?: boolean;
  readonly sequential?: boolean;
  readonly container?: boolean;
  /** Milliseconds. */
  readonly ttl?: number;
  readonly parents?: boolean;
  /** Open to everybody unless told otherwise. */
  readonly acl?: Acl;
}

export function createMode(flags: CreateFlags): CreateMode {
  if (flags.ephemeral === true) {
    return flags.sequential === true ? 'ephemeralSequential' : 'ephemeral';
  }
  if (flags.container === true) return 'container';
  return flags.sequential === true ? 'persistentSequential' : 'persistent';
}

/** Prints the path created; an ephemeral znode is held until Ctrl-C. */
export function create(
  context: CommandContext,
  path: string,
  data: Uint8Array,
  flags: CreateFlags,
): Promise<void> {
  const { output } = context;
  const run = async (client: Client): Promise<void> => {
    const created = await createOne(client, path, data, flags);
    output.result(
      { path: created.path, stat: statToJson(created.stat), zxid: formatZxid(created.zxid) },
      created.path,
    );
    if (flags.ephemeral !== true) return;
    output.note('held by this command; Ctrl-C removes it');
    await untilInterrupted(context, client);
  };
  return flags.ephemeral === true ? withLastingClient(context, run) : withClient(context, run);
}

/** With `--parents` all of it at once, or nothing. */
async function createOne(
  client: Client,
  path: string,
  data: Uint8Array,
  flags: CreateFlags,
): Promise<{ path: string; stat: Stat; zxid: Zxid }> {
  const mode = createMode(flags);
  const options = {
    mode,
    ...(flags.ttl === undefined ? {} : { ttlMs: flags.ttl }),
    ...(flags.acl === undefined ? {} : { acl: flags.acl }),
  };
  if (flags.parents !== true) return client.create(path, data, options);
  const create = step.create(path, data, { ...options, parents: true });
  const { results, zxid } = await client.transaction({ then: [create] });
  const [created] = results;
  if (created?.kind !== 'created') throw new CommandFailure(EXIT.refused, 'it was not created');
  return { ...created, zxid };
}

export interface VersionFlag {
  readonly ifVersion?: number;
}

export function set(
  context: CommandContext,
  path: string,
  data: Uint8Array,
  flags: VersionFlag,
): Promise<void> {
  return withClient(context, async (client) => {
    const { stat, zxid } = await client.set(path, data, versionOf(flags));
    context.output.result(
      { path, stat: statToJson(stat), zxid: formatZxid(zxid) },
      `version ${stat.version}`,
    );
  });
}

export interface RemoveFlags extends VersionFlag {
  readonly recursive?: boolean;
}

export function remove(context: CommandContext, path: string, flags: RemoveFlags): Promise<void> {
  return withClient(context, async (client) => {
    let count = 1;
    if (flags.recursive === true) count = await removeTree(client, path);
    else await client.delete(path, versionOf(flags));
    const what = count === 1 ? 'removed' : `removed ${count} znodes`;
    context.output.result({ path, removed: count }, what);
  });
}

function versionOf(flags: VersionFlag): { version?: number } {
  return flags.ifVersion === undefined ? {} : { version: flags.ifVersion };
}

/** Children before parents, a level at a time; a child that somebody adds meanwhile makes it fail as `notEmpty`. */
async function removeTree(client: Client, path: string): Promise<number> {
  const levels: string[][] = [[path]];
  for (let level = levels[0] ?? []; level.length > 0;) {
    const below = await Promise.all(level.map((parent) => childPaths(client, parent, path)));
    level = below.flat();
    if (level.length > 0) levels.push(level);
  }
  let count = 0;
  for (const level of levels.reverse()) {
    // The root itself always stays.
    const removed = await Promise.all(
      level.filter((it) => it !== '/').map((it) => removeUnlessGone(client, it)),
    );
    for (const one of removed) count += one;
  }
  return count;
}

async function childPaths(client: Client, parent: string, top: string): Promise<string[]> {
  try {
    const { children } = await client.list(parent);
    return children.map((name) => joinPath(parent, name));
  } catch (error) {
    if (parent !== top && isGone(error)) return [];
    throw error;
  }
}

async function removeUnlessGone(client: Client, path: string): Promise<number> {
  try {
    await client.delete(path);
    return 1;
  } catch (error) {
    if (isGone(error)) return 0;
    throw error;
  }
}

export function isGone(error: unknown): boolean {
  return error instanceof PaddockError && error.code === 'noNode';
}
