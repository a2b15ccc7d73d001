import { randomBytes } from 'node:crypto';
import { certificatesOf, formatZxid } from '@paddock/client';
import type { CommandContext } from './command-context.ts';
import { asked } from './members-commands.ts';
import type { MembersFlags } from './members-commands.ts';

/** Brings the running ensemble to the state of a backup. */
export async function revert(
  context: CommandContext,
  file: string,
  flags: MembersFlags,
): Promise<void> {
  // Loaded only where they are needed, as the servers are.
  const { offerBackup, readBackup } = await import('@paddock/replica');
  const backup = readBackup(file);
  const name = backup.name(randomBytes(8).toString('hex'));
  const { znodes, zxid: taken } = backup.content;
  const tls = certificatesOf(context.tls);
  const zxid = await asked(context, flags, (members) =>
    members.restore(name, (address) => offerBackup({ file, name }, address, tls)),
  );
  context.output.result(
    { file, backup: name, zxid: formatZxid(zxid), znodes },
    `the ensemble has the ${znodes} znodes of ${formatZxid(taken)}, by entry ${formatZxid(zxid)}`,
  );
}
