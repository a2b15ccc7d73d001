import { PaddockError } from '@paddock/client';
import type { Client, Watcher, Zxid } from '@paddock/client';
import { unlessAborted } from './abort.ts';
import { untilAnswered } from './until-answered.ts';

/**
 * Waits until the znode is gone. The look at it and its watch are one request, so that nothing happens between them.
 * False where it may be there, and the watch has come to its end or lost track: look again.
 * With `bornBy`, one that was created later is another one of the same name.
 */
export async function untilGone(
  client: Client,
  path: string,
  signal?: AbortSignal,
  bornBy?: Zxid,
): Promise<boolean> {
  const watching = untilAnswered(client, signal, () => client.watch(path));
  try {
    return await unlessAborted(signal, firstDeletion(watching, bornBy));
  } finally {
    watching.then(
      (watcher) => watcher.close(),
      () => undefined,
    );
  }
}

async function firstDeletion(watching: Promise<Watcher>, bornBy?: Zxid): Promise<boolean> {
  const watcher = await watching;
  const { stat } = watcher;
  if (stat === null || (bornBy !== undefined && stat.czxid > bornBy)) return true;
  for await (const { kind } of watcher) {
    if (kind === 'nodeDeleted') return true;
    if (kind === 'compacted') return false;
  }
  return false;
}

/** Whether what was to be removed is not there any more, for whatever reason. */
export function isGone(error: unknown): boolean {
  return error instanceof PaddockError && ['noNode', 'sessionExpired'].includes(error.code);
}
