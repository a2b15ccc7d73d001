import type { Identities, ReadOperation, ReadResult } from '@paddock/model';
import type { DatabaseState } from '../database-state.ts';
import type { FrontendStream } from './frontend-stream.ts';
import type { LiveSession } from './live-session.ts';
import type { LiveSessions } from './live-sessions.ts';
import { readNow } from './read-answer.ts';
import { readMany } from './read-batch.ts';
import type { SubtreeReads } from './subtree-reads.ts';

/** What a read whose time has come is answered with. */
export class ReadAnswers {
  readonly #state: DatabaseState;
  readonly #live: LiveSessions;
  readonly #subtrees: SubtreeReads;
  /** What the answer to several reads at once may bring: it fits a message of every link. */
  readonly #batchBytes: number;

  constructor(
    state: DatabaseState,
    live: LiveSessions,
    subtrees: SubtreeReads,
    batchBytes: number,
  ) {
    this.#state = state;
    this.#live = live;
    this.#subtrees = subtrees;
    this.#batchBytes = batchBytes;
  }

  /** `live` is null of a call; `row` is the znode's, or negative. */
  of(
    stream: FrontendStream,
    live: LiveSession | null,
    operation: ReadOperation,
    identities: Identities,
    row: number,
  ): ReadResult {
    switch (operation.kind) {
      case 'readMany':
        return readMany(this.#state, operation.reads, identities, this.#batchBytes);
      case 'getSubtree':
        return this.#subtrees.read(stream, operation, identities, row);
      default:
        return readNow(this.#state, live, operation, identities, row, this.#live);
    }
  }
}
