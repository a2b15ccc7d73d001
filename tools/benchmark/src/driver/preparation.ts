import type { BenchmarkError } from '../benchmark-error.ts';
import type { ConnectionUser, SessionConnection } from './session-connection.ts';

const BATCH = 250;

/** Sends operations that must succeed once each, all writes, batch after batch. */
export function carryOut(
  connection: SessionConnection,
  count: number,
  operationAt: (index: number) => Uint8Array,
): Promise<void> {
  return new Promise((resolve, reject: (error: BenchmarkError) => void) => {
    let sent = 0;
    const next = (): void => {
      const operations: Uint8Array[] = [];
      for (; operations.length < BATCH && sent < count; sent++) {
        connection.note(0, true);
        operations.push(operationAt(sent));
      }
      connection.send(operations, operations.length, () => undefined);
    };
    const user: ConnectionUser = {
      // A znode that is there already is as good.
      answered: () => undefined,
      took: () => undefined,
      idle() {
        if (sent < count) {
          if (connection.outstanding <= BATCH) next();
        } else if (connection.outstanding === 0) {
          resolve();
        }
      },
      failed: reject,
    };
    connection.handTo(user);
    next();
  });
}
