import { PaddockError, read } from '@paddock/client';
import type { BatchResult, Client, Zxid } from '@paddock/client';
import { childPath } from '../child-path.ts';
import type { Shown, Wanted } from './gathering.ts';

export interface Readings {
  readonly zxid: Zxid;
  /** Without those that the answer had no room for. */
  readonly shown: ReadonlyMap<string, Shown>;
}

/** Reads at one zxid what is wanted, as much of it as one answer takes; null where that was nothing, for now. */
export async function readBatch(
  client: Client,
  wanted: readonly Wanted[],
): Promise<Readings | null> {
  const reads = wanted.flatMap(({ path, lists }) =>
    lists ? [read.get(path), read.list(path)] : [read.get(path)],
  );
  const { zxid, results } = await client.readMany(reads);
  const shown = new Map<string, Shown>();
  let next = 0;
  for (const { path, lists } of wanted) {
    const data = results[next++];
    const list = lists ? results[next++] : undefined;
    if (hadRoom(data) && hadRoom(list)) shown.set(path, shownBy(path, data, lists ? list : null));
  }
  const [first] = wanted;
  if (shown.size > 0 || first === undefined) return { zxid, shown };
  return readAlone(client, first);
}

/** Its children are listed by pages, behind it: those that were there before are among them, or were told of. */
async function readAlone(client: Client, { path, lists }: Wanted): Promise<Readings | null> {
  try {
    const { data, stat, zxid } = await client.get(path);
    const children = lists ? await childrenOf(client, path) : null;
    return { zxid, shown: new Map([[path, { znode: { path, data, stat }, children }]]) };
  } catch (error) {
    if (isHidden(error)) return null;
    throw error;
  }
}

/** The list is null where it was not asked for. */
function shownBy(
  path: string,
  data: BatchResult | undefined,
  list: BatchResult | undefined | null,
): Shown {
  const znode = data?.kind === 'data' ? { path, data: data.data, stat: data.stat } : null;
  if (list === null) return { znode, children: null };
  const names = list?.kind === 'children' ? list.children : [];
  return { znode, children: names.map((name) => childPath(path, name)) };
}

function hadRoom(result: BatchResult | undefined): boolean {
  return result?.kind !== 'failed' || result.error.code !== 'tooLarge';
}

async function childrenOf(client: Client, path: string): Promise<readonly string[]> {
  const children: string[] = [];
  try {
    for await (const name of client.children(path)) children.push(childPath(path, name));
  } catch (error) {
    if (!isHidden(error)) throw error;
  }
  return children;
}

/** There is no such znode, for this session. */
function isHidden(error: unknown): boolean {
  return error instanceof PaddockError && ['noNode', 'noAuth'].includes(error.code);
}
