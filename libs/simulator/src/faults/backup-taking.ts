import { ZXID_ZERO } from '@paddock/model';
import type { SnapshotReply, Zxid } from '@paddock/model';

/** Gathers a snapshot that a database hands out. */
export class BackupTaking {
  readonly #taken: (chunks: readonly Uint8Array[], zxid: Zxid) => void;
  readonly #chunks: Uint8Array[] = [];
  #zxid: Zxid = ZXID_ZERO;
  #isOver = false;

  constructor(taken: (chunks: readonly Uint8Array[], zxid: Zxid) => void) {
    this.#taken = taken;
  }

  received(reply: SnapshotReply): void {
    if (this.#isOver) return;
    if (reply.kind === 'snapshotBegins') this.#zxid = reply.zxid;
    if (reply.kind === 'chunk') this.#chunks.push(reply.chunk.slice());
    if (reply.kind !== 'snapshotEnds' || reply.chunks !== this.#chunks.length) return;
    this.#isOver = true;
    this.#taken(this.#chunks, this.#zxid);
  }

  /** Nobody waits for it any more. */
  stop(): void {
    this.#isOver = true;
  }
}
