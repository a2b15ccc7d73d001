import { formatSessionId, formatZxid } from '@paddock/client';
import type { Client, SessionId, SessionInfo, ZnodePath } from '@paddock/client';
import { withClient } from './command-context.ts';
import type { CommandContext } from './command-context.ts';
import { formatTable } from './output.ts';
import { readOptionsOf } from './read-flags.ts';
import type { ReadFlags } from './read-flags.ts';

export interface SessionsFlags extends ReadFlags {
  readonly paths?: boolean;
}

/** All of them, page after page: one JSON value a session, or a table. */
export function sessions(context: CommandContext, flags: SessionsFlags): Promise<void> {
  const { output } = context;
  return withClient(context, async (client) => {
    const rows: string[][] = [HEAD];
    let after: SessionId | undefined;
    for (let more = true; more;) {
      const behind = after === undefined ? {} : { after };
      const page = await client.sessions({ ...readOptionsOf(flags), ...behind });
      for (const info of page.sessions) {
        const paths = flags.paths === true ? await pathsOf(client, info) : [];
        if (output.isJson) {
          const shown = flags.paths === true ? { paths } : {};
          output.line(JSON.stringify({ ...toJson(info), ...shown, zxid: formatZxid(page.zxid) }));
        } else {
          rows.push(rowOf(info, info.session === client.session));
          for (const path of paths) rows.push([`  ${path}`]);
        }
      }
      ({ more } = page);
      after = page.sessions.at(-1)?.session ?? after;
    }
    if (!output.isJson) output.line(formatTable(rows));
  });
}

const HEAD = ['session', 'scope', 'timeout', 'ephemerals', 'watches', 'writes', 'front-end'];

function rowOf(info: SessionInfo, isOwn: boolean): string[] {
  return [
    formatSessionId(info.session),
    info.isLocal ? 'local' : 'global',
    `${info.timeoutMs} ms`,
    String(info.ephemerals),
    info.watches === null ? '?' : String(info.watches),
    String(info.writes),
    `${info.frontend.toString(16)}/${info.connection}${isOwn ? '  this command' : ''}`,
  ];
}

/** Numbers may be larger than other languages read from JSON: sessions and front-ends are text. */
function toJson(info: SessionInfo): object {
  return { ...info, session: formatSessionId(info.session), frontend: info.frontend.toString(16) };
}

async function pathsOf(
  client: Client,
  { session, ephemerals }: SessionInfo,
): Promise<readonly ZnodePath[]> {
  return ephemerals === 0 ? [] : (await client.ephemerals('/', { session })).paths;
}
