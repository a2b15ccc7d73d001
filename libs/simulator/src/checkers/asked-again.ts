import type { History, OperationRecord } from '../record/history.ts';

/** True where a connection of the session, or the stream to the database, began between question and answer. */
export function mayBeAskedAgain(
  { session, submitted, settlement }: OperationRecord,
  history: History,
): boolean {
  const end = settlement?.at.order ?? Infinity;
  const replicas = new Set(session.connections.map((it) => it.replica));
  const streams = history.streams.filter((it) => replicas.has(it.replica)).map((it) => it.at);
  return [...session.greetings, ...streams].some(
    ({ order }) => order > submitted.order && order < end,
  );
}
