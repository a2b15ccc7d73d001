import { PAGE_SESSIONS_MAX, trustedZxid } from '@paddock/model';
import type {
  Attachment,
  Change,
  ClientSessionList,
  SessionId,
  SessionInfo,
  Zxid,
} from '@paddock/model';
import { describe } from '../record/describe.ts';
import { editsOf } from '../record/edits.ts';
import type { CheckedRun } from './checked-run.ts';

/** A list of sessions shows those that there are at the zxid that it names, with what they own (P1). */
export function sessionsListed({ history, log }: CheckedRun): string[] {
  const violations: string[] = [];
  const answers = [...answersOf([...history.operations(), ...history.unary])];
  answers.sort((a, b) => a.zxid - b.zxid);
  const table = new ReferenceSessions();
  let next = 0;
  const checkUpTo = (zxid: Zxid): void => {
    for (let it = answers[next]; it !== undefined && it.zxid < zxid; it = answers[++next]) {
      const expected = table.list(it.operation, it.through);
      const shown = `${describe(it.operation)} shows ${it.text} @${describe(it.zxid)}`;
      if (expected !== it.text) violations.push(`${shown}, and there are ${expected}`);
      for (const { session, writes, ephemerals } of it.locals) {
        if (!table.has(session) && writes === 0 && ephemerals === 0) continue;
        violations.push(`${shown}, and as a local one ${session}, which is none`);
      }
    }
  };
  for (const { zxid, transaction, backup } of log.entries) {
    checkUpTo(zxid);
    if (backup !== null) table.clear();
    if (transaction === null) continue;
    const { session, sequence, change } = transaction;
    table.apply(session, sequence, change);
  }
  checkUpTo(trustedZxid(Infinity));
  return violations;
}

interface Answer {
  readonly operation: ClientSessionList;
  readonly zxid: Zxid;
  /** Of the global sessions; local ones, which the log does not know, lie between them. */
  readonly text: string;
  readonly locals: readonly SessionInfo[];
  /** The page ends with this session; Infinity: it is the last page. */
  readonly through: number;
}

type Asked = Pick<CheckedRun['history']['unary'][number], 'operation' | 'settlement'>;

function* answersOf(records: readonly Asked[]): Iterable<Answer> {
  for (const { operation, settlement } of records) {
    if (operation.kind !== 'listSessions' || settlement?.result.kind !== 'sessions') continue;
    const { sessions, more } = settlement.result;
    const rows = sessions
      .filter((it) => !it.isLocal)
      .map((it) => textOf(it.session, it.timeoutMs, it, it.writes, it.ephemerals));
    const locals = sessions.filter((it) => it.isLocal);
    const through = more ? (sessions.at(-1)?.session ?? 0) : Infinity;
    yield { operation, zxid: settlement.zxid, text: rows.join('; '), locals, through };
  }
}

interface Row {
  readonly timeoutMs: number;
  attachment: Attachment;
  writes: number;
}

class ReferenceSessions {
  readonly #rows = new Map<SessionId, Row>();
  /** Ephemerals by path. */
  readonly #owners = new Map<string, SessionId>();

  apply(session: SessionId, sequence: number, change: Change): void {
    const row = this.#rows.get(session);
    if (row !== undefined) row.writes = Math.max(row.writes, sequence);
    for (const edit of editsOf(change)) {
      if (edit.kind === 'createZnode' && edit.znodeKind === 'ephemeral') {
        this.#owners.set(edit.path, edit.ephemeralOwner);
      } else if (edit.kind === 'deleteZnode') this.#owners.delete(edit.path);
    }
    if (change.kind === 'openSession') {
      const { timeoutMs, attachment } = change;
      const known = this.#rows.get(change.session);
      if (known === undefined) this.#rows.set(change.session, { timeoutMs, attachment, writes: 0 });
      else known.attachment = attachment;
    } else if (change.kind === 'resumeSession') {
      const known = this.#rows.get(change.session);
      if (known !== undefined) known.attachment = change.attachment;
    } else if (change.kind === 'closeSession') {
      this.#rows.delete(change.session);
      for (const { path } of change.znodes) this.#owners.delete(path);
    }
  }

  /** A restoration ends all. */
  clear(): void {
    this.#rows.clear();
    this.#owners.clear();
  }

  has(session: SessionId): boolean {
    return this.#rows.has(session);
  }

  list({ afterSession, limit }: ClientSessionList, through: number): string {
    const owners = [...this.#owners.values()];
    const most = limit === 0 ? PAGE_SESSIONS_MAX : limit;
    return [...this.#rows]
      .filter(([id]) => id > afterSession && id <= through)
      .sort(([a], [b]) => a - b)
      .slice(0, most)
      .map(([id, { timeoutMs, attachment, writes }]) => {
        const owned = owners.filter((it) => it === id).length;
        return textOf(id, timeoutMs, attachment, writes, owned);
      })
      .join('; ');
  }
}

function textOf(
  session: SessionId,
  timeoutMs: number,
  { frontend, connection }: Pick<Attachment, 'frontend' | 'connection'>,
  writes: number,
  ephemerals: number,
): string {
  const by = `${frontend}/${connection}`;
  return `${session} of ${timeoutMs} ms by ${by} with ${writes} writes, ${ephemerals} ephemerals`;
}
