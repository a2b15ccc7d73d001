import { formatSessionId, formatZxid, parseZxid, readLog } from '@paddock/client';
import type { LoggedChange, Zxid } from '@paddock/client';
import type { CommandContext } from './command-context.ts';
import { callerOf } from './command-session.ts';
import { CommandFailure, EXIT } from './exit-code.ts';
import { formatTable } from './output.ts';

export interface LogFlags {
  readonly recursive?: boolean;
  readonly since?: string;
  readonly before?: string;
  readonly oldestFirst?: boolean;
  readonly limit?: number;
}

const OPERATIONS: Readonly<Record<LoggedChange['operation'], string>> = {
  created: 'created',
  dataSet: 'set',
  deleted: 'deleted',
  aclSet: 'ACL set',
  restored: 'restored',
};

const CAUSES: Readonly<Record<LoggedChange['cause'], string>> = {
  request: '',
  transaction: 'in a transaction',
  sessionClosed: 'its session was closed',
  sessionExpired: 'its session expired',
  service: 'its time was over',
  restoration: '',
};

/** Prints who changed a znode, and how far back the log of the replica reaches. */
export async function log(context: CommandContext, path: string, flags: LogFlags): Promise<void> {
  const { output, timeoutMs } = context;
  const since = zxidOf('--since', flags.since);
  const before = zxidOf('--before', flags.before);
  const { changes, logStart, through, more } = await readLog(path, {
    ...callerOf(context),
    timeoutMs,
    subtree: flags.recursive ?? false,
    oldestFirst: flags.oldestFirst ?? false,
    ...(since === undefined ? {} : { since }),
    ...(before === undefined ? {} : { before }),
    ...(flags.limit === undefined ? {} : { limit: flags.limit }),
  });
  if (output.isJson) {
    for (const change of changes) output.line(JSON.stringify(jsonOf(change)));
    const end = { logStart: formatZxid(logStart), through: formatZxid(through), more };
    output.line(JSON.stringify(end));
    return;
  }
  if (changes.length > 0) output.line(formatTable(changes.map(rowOf)));
  if (more) {
    output.note('there may be more: --limit N shows more of it, --before ZXID what is before');
  }
  output.note(extentOf(logStart, through));
}

function extentOf(logStart: Zxid, through: Zxid): string {
  const newest = `the log of this replica was read up to ${formatZxid(through)}`;
  if (logStart === 0) return `${newest}, from its beginning`;
  return `${newest}; it reaches back to ${formatZxid(logStart)}, and what was before is not known`;
}

function zxidOf(flag: string, text: string | undefined): Zxid | undefined {
  if (text === undefined) return undefined;
  const zxid = parseZxid(text);
  if (zxid !== undefined) return zxid;
  throw new CommandFailure(EXIT.usage, `${flag} takes a zxid such as 4.17, not "${text}"`);
}

function sessionOf({ session }: LoggedChange): string {
  return session === 0 ? '-' : formatSessionId(session);
}

function restoredTo({ restoration }: LoggedChange): string {
  if (restoration === null) return '';
  const { backup, leader } = restoration;
  return `with all else, as in the backup of ${formatZxid(backup)}, by an operator at replica ${leader}`;
}

function rowOf(change: LoggedChange): string[] {
  const { zxid, time, path, operation, version, dataLength, cause } = change;
  const data = {
    created: `${dataLength} bytes`,
    dataSet: `version ${version}, ${dataLength} bytes`,
    deleted: '',
    aclSet: `to version ${change.version}`,
    restored: restoredTo(change),
  }[operation];
  return [
    formatZxid(zxid),
    new Date(time).toISOString(),
    sessionOf(change),
    OPERATIONS[operation],
    path,
    [data, CAUSES[cause]].filter((it) => it !== '').join(', '),
  ];
}

function jsonOf(change: LoggedChange): Record<string, unknown> {
  const { zxid, time, session, restoration, ...rest } = change;
  return {
    zxid: formatZxid(zxid),
    time: new Date(time).toISOString(),
    session: session === 0 ? null : formatSessionId(session),
    ...rest,
    ...(restoration && { restoration: { ...restoration, backup: formatZxid(restoration.backup) } }),
  };
}
