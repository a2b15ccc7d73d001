import type { Stat, ZnodeRead, ZnodeReadResult } from '@paddock/model';
import type { DatabaseState } from './database-state.ts';
import { readPermitted } from './frontends/read-answer.ts';

/**
 * The reads within one transaction. What they bring is kept with its outcome, so it is bounded; by a bound that the
 * transaction brings along, so that every replica keeps the same. The processor has checked that they are permitted.
 */
export class TransactionReads {
  readonly #state: DatabaseState;
  #room: number;

  constructor(state: DatabaseState, bytes: number) {
    this.#state = state;
    this.#room = bytes;
  }

  read(operation: ZnodeRead): ZnodeReadResult {
    const { znodes } = this.#state;
    const row = znodes.find(operation.path);
    const bytes = row < 0 ? 0 : readBytes(operation.kind, znodes.stat(row));
    if (bytes > this.#room) {
      const reason = `${operation.path} has more than the reads of a transaction may still bring`;
      return { kind: 'failed', code: 'tooLarge', reason };
    }
    this.#room -= bytes;
    return readPermitted(this.#state, null, operation, row);
  }
}

const STAT_BYTES = 128;
const NAME_BYTES = 32;

function readBytes(kind: ZnodeRead['kind'], stat: Stat): number {
  if (kind === 'getData') return STAT_BYTES + stat.dataLength;
  return kind === 'getChildren' ? STAT_BYTES + NAME_BYTES * stat.numChildren : STAT_BYTES;
}
