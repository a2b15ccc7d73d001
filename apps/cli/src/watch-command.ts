import { formatZxid, WatchStream } from '@paddock/client';
import type { Client, ClientWatchEvent } from '@paddock/client';
import { CommandFailure, EXIT } from './exit-code.ts';
import { withLastingClient } from './command-context.ts';
import type { CommandContext } from './command-context.ts';
import { dataToJson, textOf } from './znode-format.ts';

export interface WatchFlags {
  readonly children?: boolean;
  readonly recursive?: boolean;
  /** Ends after this many changes. */
  readonly count?: number;
}

interface Shown {
  readonly json: Record<string, unknown>;
  readonly line: string;
}

/** Prints each change of the znode and of all below it, until it is interrupted. */
async function watchAll(context: CommandContext, path: string, flags: WatchFlags): Promise<void> {
  const { output, interrupted } = context;
  await withLastingClient(context, async (client) => {
    const watcher = await client.watch(path, { recursive: true });
    interrupted.addEventListener('abort', () => watcher.close(), { once: true });
    let remaining = flags.count ?? Infinity;
    if (remaining <= 0) return;
    for await (const event of watcher) {
      if (event.kind === 'sessionEnded') throw sessionEnded();
      const zxid = formatZxid(event.zxid);
      output.result(
        { event: event.kind, path: event.path, zxid },
        `${event.kind.padEnd(19)} ${event.path}`,
      );
      remaining--;
      if (remaining <= 0) return;
    }
  });
}

function sessionEnded(): CommandFailure {
  return new CommandFailure(EXIT.timeout, 'the session has ended; start the watch again');
}

/** Prints the state, then each change until it is interrupted. Each event sets the watch again by reading again. */
export function watch(context: CommandContext, path: string, flags: WatchFlags): Promise<void> {
  if (flags.recursive === true) return watchAll(context, path, flags);
  const { output } = context;
  return withLastingClient(context, async (client) => {
    const stream = new WatchStream();
    const stop = (): void => void stream.return();
    context.interrupted.addEventListener('abort', stop, { once: true });
    let remaining = flags.count ?? Infinity;
    const show = async (event: ClientWatchEvent | null): Promise<void> => {
      const shown = await read(client, path, flags.children === true, stream);
      const kind = event?.kind ?? 'now';
      output.result({ event: kind, path, ...shown.json }, `${kind.padEnd(19)} ${shown.line}`);
    };
    await show(null);
    if (remaining <= 0) return;
    for await (const event of stream) {
      if (event.kind === 'sessionEnded') throw sessionEnded();
      await show(event);
      remaining--;
      if (remaining <= 0) return;
    }
  });
}

async function read(
  client: Client,
  path: string,
  ofChildren: boolean,
  watch: WatchStream,
): Promise<Shown> {
  if (ofChildren) {
    const { children, zxid } = await client.list(path, { watch });
    return { json: { children, zxid: formatZxid(zxid) }, line: children.join(' ') };
  }
  // `exists` is watched, since it also tells of the znode's creation; the data is read behind it.
  const [{ stat, zxid }, data] = await Promise.all([
    client.exists(path, { watch }),
    client.get(path).then(
      (found) => found,
      () => null,
    ),
  ]);
  if (stat === null || data === null) {
    return { json: { exists: false, zxid: formatZxid(zxid) }, line: 'no such znode' };
  }
  const { version } = data.stat;
  const text = textOf(data.data);
  const line = `version ${version}  ${text ?? `(${data.data.length} bytes)`}`;
  const json = { exists: true, version, ...dataToJson(data.data), zxid: formatZxid(data.zxid) };
  return { json, line };
}
