import { fetchBackup, formatZxid } from '@paddock/client';
import { withLastingClient } from './command-context.ts';
import type { CommandContext } from './command-context.ts';

/** Writes a backup that has all that was acknowledged to anyone before the command. */
export async function backup(
  context: CommandContext,
  file: string,
  superPassword: string | undefined,
): Promise<void> {
  const { output, servers, tls } = context;
  // Loaded only where it is needed, as the servers are.
  const { writeBackup } = await import('@paddock/replica');
  const atLeast = await withLastingClient(context, async (client) => (await client.sync()).zxid);
  const { zxid, bytes, chunks } = await fetchBackup({
    servers,
    atLeast,
    ...(tls === undefined ? {} : { tls }),
    ...(superPassword === undefined ? {} : { credential: `super:${superPassword}` }),
  });
  const { clusterId, znodes, sessions, time } = await writeBackup(file, zxid, chunks);
  const taken = new Date(time).toISOString();
  output.result(
    { file, zxid: formatZxid(zxid), time: taken, clusterId, znodes, sessions, bytes },
    `${file}: ${znodes} znodes at ${formatZxid(zxid)}, of ${taken}, ${bytes} bytes, verified`,
  );
}
