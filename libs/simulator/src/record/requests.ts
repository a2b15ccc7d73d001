import type { Identities, SessionId, Transaction } from '@paddock/model';
import { isWrite } from './history.ts';
import type { History, OperationRecord, SessionRecord, UnaryRecord } from './history.ts';

/** Who asked for what the log has: by (session, sequence), or, of a call without a session, by its answer. */
export class Requests {
  readonly #sessions = new Map<SessionId, SessionRecord>();
  readonly #writes = new Map<SessionRecord, Map<number, OperationRecord>>();
  readonly #unary = new Map<number, UnaryRecord>();

  constructor(history: History) {
    for (const session of history.sessions) {
      if (session.id !== null) this.#sessions.set(session.id, session);
      const writes = session.operations.filter((it) => it.sequence > 0);
      this.#writes.set(session, new Map(writes.map((it) => [it.sequence, it])));
    }
    for (const call of history.unary) {
      const zxid = call.settlement?.zxid ?? 0;
      if (zxid > 0 && isWrite(call.operation)) this.#unary.set(zxid, call);
    }
  }

  sessionOf(id: SessionId): SessionRecord | undefined {
    return this.#sessions.get(id);
  }

  /** Null where nobody remembers. */
  of({ session, sequence, zxid }: Transaction): OperationRecord | UnaryRecord | null {
    const record = this.#sessions.get(session);
    if (record === undefined) return this.#unary.get(zxid) ?? null;
    return this.#writes.get(record)?.get(sequence) ?? null;
  }
}

/** Who asked: nobody makes calls without a session here who has proved to be anybody. */
export function identitiesOf(request: OperationRecord | UnaryRecord): Identities {
  return 'session' in request ? request.session.identities : undefined;
}
