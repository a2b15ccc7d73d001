import { decodeTransaction } from '@paddock/codec';
import type { BroadcastRequest, SessionId, Zxid } from '@paddock/model';

/** A session that the processor has decided to end because it had shown no life. */
export interface ProposedExpiry {
  readonly session: SessionId;
  readonly zxid: Zxid;
  readonly atMs: number;
}

export function expiriesOf(batch: readonly BroadcastRequest[], atMs: number): ProposedExpiry[] {
  const expiries: ProposedExpiry[] = [];
  for (const message of batch) {
    if (message.kind !== 'propose') continue;
    for (const { kind, zxid, payload } of message.entries) {
      if (kind !== 'data') continue;
      const { change } = decodeTransaction(zxid, payload);
      if (change.kind !== 'closeSession' || change.end !== 'expired') continue;
      expiries.push({ session: change.session, zxid, atMs });
    }
  }
  return expiries;
}
