import { formatAcl, formatZxid } from '@paddock/client';
import type { Acl, Client } from '@paddock/client';
import { withClient } from './command-context.ts';
import type { CommandContext } from './command-context.ts';
import { Pipeline } from './pipeline.ts';
import { readOptionsOf } from './read-flags.ts';
import type { ReadFlags } from './read-flags.ts';
import { joinPath } from './tree-transfer.ts';
import { isGone } from './write-commands.ts';

export interface SetAclFlags {
  readonly ifVersion?: number;
  readonly recursive?: boolean;
}

/** Of a whole tree: requests under way at once, and names that are fetched at once of each level. */
const UNDER_WAY_MAX = 64;
const PAGE_NAMES = 1000;

/** An entry a line, as `acl set` takes them. */
export function getAcl(context: CommandContext, path: string, flags: ReadFlags): Promise<void> {
  const { output } = context;
  return withClient(context, async (client) => {
    const { acl, stat, zxid } = await client.getAcl(path, readOptionsOf(flags));
    const entries = formatAcl(acl);
    if (output.isJson) {
      const version = stat.aversion;
      output.line(JSON.stringify({ path, acl: entries, version, zxid: formatZxid(zxid) }));
      return;
    }
    for (const entry of entries) output.line(entry);
    output.note(`version ${stat.aversion}`);
  });
}

export function setAcl(
  context: CommandContext,
  path: string,
  acl: Acl,
  flags: SetAclFlags,
): Promise<void> {
  const { output } = context;
  return withClient(context, async (client) => {
    if (flags.recursive === true) {
      const count = await setTree(client, path, acl);
      output.result({ path, set: count }, `set of ${count} ${count === 1 ? 'znode' : 'znodes'}`);
      return;
    }
    const version = flags.ifVersion === undefined ? {} : { version: flags.ifVersion };
    const { stat, zxid } = await client.setAcl(path, acl, version);
    const told = { path, version: stat.aversion, zxid: formatZxid(zxid) };
    output.result(told, `version ${stat.aversion}`);
  });
}

/** Who this command is to the service. */
export function whoAmI(context: CommandContext): Promise<void> {
  const { output } = context;
  return withClient(context, async (client) => {
    const { identities } = await client.whoAmI();
    if (output.isJson) output.line(JSON.stringify({ identities }));
    else for (const { scheme, id } of identities) output.line(`${scheme}:${id}`);
  });
}

/** Znode by znode, so that others see it half done; what is deleted meanwhile is left out. */
async function setTree(client: Client, top: string, acl: Acl): Promise<number> {
  const pipeline = new Pipeline(UNDER_WAY_MAX);
  let count = 0;
  for await (const path of upwards(client, top, top)) {
    await pipeline.run(async () => {
      try {
        await client.setAcl(path, acl);
        count += 1;
      } catch (error) {
        if (path === top || !isGone(error)) throw error;
      }
    });
  }
  await pipeline.drain();
  return count;
}

/**
 * All below a znode before the znode itself: who takes from himself what it needs to list children has listed them by
 * then. It keeps a page of names of each level.
 */
async function* upwards(client: Client, path: string, top: string): AsyncGenerator<string> {
  try {
    for await (const name of client.children(path, { limit: PAGE_NAMES })) {
      yield* upwards(client, joinPath(path, name), top);
    }
  } catch (error) {
    if (path === top || !isGone(error)) throw error;
  }
  yield path;
}
