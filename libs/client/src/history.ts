import { HistoryService } from '@paddock/contracts';
import { callStream, readLogPart, writeLogQuery } from '@paddock/link-grpc';
import type { FoundChange } from '@paddock/link-grpc';
import { LOG_LIMIT_DEFAULT, parseZnodePath, trustedPath, ZXID_ZERO } from '@paddock/model';
import type { Zxid } from '@paddock/model';
import { callTermsOf } from './caller.ts';
import type { CallerOptions } from './caller.ts';
import { PaddockError } from './paddock-error.ts';
import { firstAnswering } from './stream-answer.ts';

/** One change of one znode, as the log has it. */
export type LoggedChange = FoundChange;

export interface LogOptions extends CallerOptions {
  /** Those of all znodes below it too. */
  readonly subtree?: boolean;
  /** Only changes behind this one. */
  readonly since?: Zxid;
  /** Only changes before this one. */
  readonly before?: Zxid;
  /** In the order in which they were made, instead of the newest first. */
  readonly oldestFirst?: boolean;
  /** Changes at most, up to 10000; 100 by default. Those of one transaction are never parted. */
  readonly limit?: number;
  /** For the whole answer; 0, the default: as long as it takes. */
  readonly timeoutMs?: number;
}

export interface LoggedChanges {
  readonly changes: readonly LoggedChange[];
  /** The log of the replica has everything behind this one: of what was before, it knows nothing. */
  readonly logStart: Zxid;
  /** The newest that was looked at. */
  readonly through: Zxid;
  /** The limit was reached: there may be more behind the last, in the order asked for. */
  readonly more: boolean;
}

/** Who changed a znode, or a subtree, and when: from the durable log of one replica. Fails with a PaddockError. */
export async function readLog(path: string, options: LogOptions = {}): Promise<LoggedChanges> {
  const asked = queryOf(path, options);
  const call = { ...(await callTermsOf(options, options.timeoutMs ?? 0)), verb: 'log', path };
  const { view, terms } = call;
  const query = { ...asked, path: trustedPath(view.absolute(asked.path)) };
  return firstAnswering(call, async (server) => {
    const told = await readFrom(server, query, terms);
    const changes = told.changes.map((it) => ({ ...it, path: view.shown(it.path) }));
    return { ...told, changes };
  });
}

type Query = Parameters<typeof writeLogQuery>[0];

function queryOf(path: string, options: LogOptions): Query {
  const parsed = parseZnodePath(path);
  if (!parsed.ok) throw new PaddockError('badArguments', path, `log: ${parsed.reason}`);
  return {
    path: parsed.path,
    subtree: options.subtree ?? false,
    since: options.since ?? ZXID_ZERO,
    before: options.before ?? ZXID_ZERO,
    newestFirst: options.oldestFirst !== true,
    limit: options.limit ?? LOG_LIMIT_DEFAULT,
  };
}

async function readFrom(
  server: string,
  query: Query,
  terms: Parameters<typeof callStream>[3],
): Promise<LoggedChanges> {
  const changes: LoggedChange[] = [];
  let through = ZXID_ZERO;
  const request = writeLogQuery(query);
  for await (const message of callStream(server, HistoryService.log, request, terms)) {
    const part = readLogPart(message);
    switch (part.kind) {
      case 'begins':
        ({ through } = part);
        break;
      case 'changes':
        changes.push(...part.changes);
        break;
      case 'ends':
        return { changes, through, logStart: part.logStart, more: part.more };
    }
  }
  throw new PaddockError('connectionLoss', query.path, `log ${query.path}: the answer has no end`);
}
