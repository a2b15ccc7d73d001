import { PAGE_SESSIONS_MAX, trustedZxid } from '@paddock/model';
import type { Attachment, Change, ClientSessionList, SessionId, Zxid } from '@paddock/model';
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
      const expected = table.list(it.operation);
      if (expected === it.text) continue;
      const shown = `${describe(it.operation)} shows ${it.text} @${describe(it.zxid)}`;
      violations.push(`${shown}, and there are ${expected}`);
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
  readonly text: string;
}

type Asked = Pick<CheckedRun['history']['unary'][number], 'operation' | 'settlement'>;

function* answersOf(records: readonly Asked[]): Iterable<Answer> {
  for (const { operation, settlement } of records) {
    if (operation.kind !== 'listSessions' || settlement?.result.kind !== 'sessions') continue;
    const { sessions, more } = settlement.result;
    const rows = sessions.map((it) =>
      textOf(it.session, it.timeoutMs, it, it.writes, it.ephemerals),
    );
    yield { operation, zxid: settlement.zxid, text: pageText(rows, more) };
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

  list({ afterSession, limit }: ClientSessionList): string {
    const owners = [...this.#owners.values()];
    const behind = [...this.#rows].filter(([id]) => id > afterSession).sort(([a], [b]) => a - b);
    const most = limit === 0 ? PAGE_SESSIONS_MAX : limit;
    const rows = behind.slice(0, most).map(([id, { timeoutMs, attachment, writes }]) => {
      const owned = owners.filter((it) => it === id).length;
      return textOf(id, timeoutMs, attachment, writes, owned);
    });
    return pageText(rows, behind.length > most);
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

function pageText(rows: readonly string[], more: boolean): string {
  return `[${rows.join('; ')}]${more ? ' and more' : ''}`;
}
