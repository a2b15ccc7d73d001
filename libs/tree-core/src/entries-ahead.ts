import { CodecError, decodeTransaction } from '@paddock/codec';
import type { LogEntry, Transaction } from '@paddock/model';
import type { ZnodeSearch } from './znodes/znode-search.ts';

/** What so many touch of a large tree fits a processor's own memory. */
const PORTION = 256;

/**
 * Reads the transactions of a delivery some entries ahead of their being applied, and brings near what they change:
 * applying one after the other would wait for memory at each.
 */
export class EntriesAhead {
  readonly #search: ZnodeSearch;
  readonly #transactions: (Transaction | null)[] = [];
  #first = 0;

  constructor(search: ZnodeSearch) {
    this.#search = search;
  }

  /** Reads a portion from the entry `first` on; returns where the next one begins. */
  read(entries: readonly LogEntry[], first: number): number {
    const end = Math.min(entries.length, first + PORTION);
    this.#first = first;
    this.#transactions.length = 0;
    this.#search.clear();
    for (let i = first; i < end; i++) {
      const entry = entries[i];
      this.#transactions.push(entry?.kind === 'data' ? this.#transactionOf(entry) : null);
    }
    this.#search.run(true);
    return end;
  }

  /** The transaction of the `data` entry that stands at `index`. Throws CodecError. */
  transaction(entry: LogEntry, index: number): Transaction {
    return this.#transactions[index - this.#first] ?? decodeTransaction(entry.zxid, entry.payload);
  }

  /** Null where it cannot be read: that is told when its turn has come. */
  #transactionOf({ zxid, payload }: LogEntry): Transaction | null {
    try {
      const transaction = decodeTransaction(zxid, payload);
      const { change } = transaction;
      switch (change.kind) {
        case 'createZnode':
        case 'setZnodeData':
        case 'deleteZnode':
          this.#search.add(change.path);
          break;
        default:
      }
      return transaction;
    } catch (error) {
      if (error instanceof CodecError) return null;
      throw error;
    }
  }
}
