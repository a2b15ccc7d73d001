import { SNAPSHOT_END_BYTES, SNAPSHOT_FRAME_BYTES, SNAPSHOT_HEAD_BYTES } from '@paddock/codec';
import { formatZxid, ZXID_ZERO } from '@paddock/model';
import type { Limits, SnapshotReply, SnapshotRequest, StageEvent, Zxid } from '@paddock/model';
import { DiskError } from '@paddock/ports';
import type { CancelTimer, Link, LinkDialer, LinkEnd, Timers } from '@paddock/ports';
import type { SnapshotNeed } from '@paddock/tree-core';
import type { SnapshotFiles } from '@paddock/txn-log';
import type { RedialTiming } from './dialled-link.ts';

/** A source that says nothing for so long is dialled again; it goes on with the snapshot that it takes for us. */
const SILENCE_MS = 30_000;

export interface SnapshotFetchingDependencies {
  readonly timers: Timers;
  readonly dialer: LinkDialer<SnapshotRequest[], SnapshotReply[]>;
  readonly files: SnapshotFiles;
  readonly report: (event: StageEvent) => void;
}

const FILE_BYTES = SNAPSHOT_HEAD_BYTES + SNAPSHOT_END_BYTES;

/** How far a transfer has come, in bytes of the snapshot's file. */
export interface TransferStatus {
  readonly from: string;
  readonly atLeast: string;
  readonly zxid: string | null;
  readonly bytes: number;
  readonly totalBytes: number;
}

type SnapshotBegins = Extract<SnapshotReply, { readonly kind: 'snapshotBegins' }>;

/**
 * Fetches a snapshot from another database into the snapshot files: written under a temporary name, synced, read back
 * and renamed there. Whatever goes wrong before that leaves nothing behind, and it begins anew (H8).
 */
export class SnapshotFetching {
  readonly #timing: RedialTiming;
  readonly #queueBytes: number;
  readonly #dependencies: SnapshotFetchingDependencies;
  #need: SnapshotNeed | null = null;
  #link: Link<SnapshotRequest[]> | null = null;
  #redial: CancelTimer | undefined;
  #silence: CancelTimer | undefined;
  #delayMs: number;
  #zxid: Zxid = ZXID_ZERO;
  #totalBytes = 0;
  #chunks = 0;
  #bytes = 0;
  #unwrittenBytes = 0;
  #isPaused = false;
  /** Something is in the snapshot files that is not finished. */
  #isWriting = false;
  /** All has been received; the file is being synced and read back. */
  #isComplete = false;

  constructor(limits: Limits, timing: RedialTiming, dependencies: SnapshotFetchingDependencies) {
    this.#timing = timing;
    this.#queueBytes = limits.queueBytes;
    this.#dependencies = dependencies;
    this.#delayMs = timing.reconnectMs;
  }

  /** From the first need on, until it is satisfied: nobody else writes to the snapshot files. */
  get isActive(): boolean {
    return this.#need !== null;
  }

  get status(): TransferStatus | null {
    const need = this.#need;
    if (need === null) return null;
    return {
      from: need.databaseAddress,
      atLeast: formatZxid(need.atLeast),
      zxid: this.#zxid === ZXID_ZERO ? null : formatZxid(this.#zxid),
      bytes: this.#bytes,
      totalBytes: this.#totalBytes,
    };
  }

  /** Comes again when the source changes; a transfer from another one, or of too old a snapshot, begins anew. */
  fetch(need: SnapshotNeed): void {
    const before = this.#need;
    this.#need = need;
    const isSame = before?.databaseAddress === need.databaseAddress;
    if (this.#isWriting) {
      // What has come whole needs its source no more.
      if (this.#zxid >= need.atLeast && (isSame || this.#isComplete)) return;
    } else if (isSame && before.atLeast === need.atLeast) {
      return;
    }
    this.#giveUp('another snapshot is needed');
    this.#delayMs = this.#timing.reconnectMs;
    this.#dial();
  }

  /** Bytes of chunks that the file has taken. */
  written(bytes: number): void {
    this.#unwrittenBytes -= bytes;
    if (!this.#isPaused || this.#unwrittenBytes > this.#queueBytes / 2) return;
    this.#isPaused = false;
    this.#link?.resume();
  }

  /** The file is durable and verified: what was needed is there. */
  finished(): void {
    this.#need = null;
    this.#isWriting = false;
    this.#reset();
  }

  /** The file could not be written or read back. */
  failed(reason: string): void {
    this.#isWriting = false;
    this.#again({ cause: 'lost', reason });
  }

  stop(): void {
    this.#need = null;
    this.#giveUp('the stage stops');
  }

  #dial(): void {
    const need = this.#need;
    if (need === null || need.databaseAddress === '') return;
    this.#watchSilence();
    const link = this.#dependencies.dialer.dial(need.databaseAddress, {
      received: (batch) => {
        for (const message of batch) if (this.#link === link) this.#received(message);
      },
      drained: () => undefined,
      ended: (end) => {
        if (this.#link !== link) return;
        this.#link = null;
        // The rest is between this database and its disk.
        if (!this.#isComplete) this.#again(end);
      },
    });
    this.#link = link;
    link.send([{ kind: 'fetch', atLeast: need.atLeast }]);
  }

  #received(message: SnapshotReply): void {
    if (this.#isComplete) return;
    this.#watchSilence();
    switch (message.kind) {
      case 'snapshotBegins':
        this.#begins(message);
        break;
      case 'chunk':
        this.#chunk(message.chunk);
        break;
      case 'snapshotEnds':
        this.#ends(message.chunks);
        break;
      case 'backupHeld':
        // Said to who offers a backup, never to who fetches a snapshot.
        break;
    }
  }

  #begins({ zxid, bytes }: SnapshotBegins): void {
    const atLeast = this.#need?.atLeast ?? ZXID_ZERO;
    if (this.#isWriting || zxid < atLeast) {
      this.#refuse(`a snapshot of ${formatZxid(zxid)} was begun, ${formatZxid(atLeast)} is needed`);
      return;
    }
    try {
      this.#dependencies.files.begin(zxid);
    } catch (error) {
      if (!(error instanceof DiskError)) throw error;
      this.#refuse(error.message);
      return;
    }
    this.#zxid = zxid;
    this.#totalBytes = bytes;
    this.#bytes = FILE_BYTES;
    this.#isWriting = true;
    this.#dependencies.report({
      level: 'info',
      message: 'a snapshot is fetched',
      zxid,
      detail: { bytes, from: this.#need?.databaseAddress ?? '' },
    });
  }

  #chunk(chunk: Uint8Array): void {
    if (!this.#isWriting || chunk.length === 0) {
      this.#refuse('a chunk is empty, or came before its snapshot');
      return;
    }
    this.#chunks += 1;
    this.#bytes += SNAPSHOT_FRAME_BYTES + chunk.length;
    this.#unwrittenBytes += chunk.length;
    this.#dependencies.files.write(chunk);
    if (this.#isPaused || this.#unwrittenBytes <= this.#queueBytes) return;
    this.#isPaused = true;
    this.#link?.pause();
  }

  #ends(chunks: number): void {
    if (!this.#isWriting || chunks !== this.#chunks || this.#bytes !== this.#totalBytes) {
      this.#refuse(
        `the snapshot ends with ${chunks} chunks and ${this.#totalBytes} bytes; ` +
          `${this.#chunks} and ${this.#bytes} have come`,
      );
      return;
    }
    this.#isComplete = true;
    this.#silence?.();
    this.#hangUp('the snapshot has come');
    this.#dependencies.files.finish();
  }

  #refuse(reason: string): void {
    this.#again({ cause: 'refused', reason });
  }

  /** Drops what has come and dials again after a while. */
  #again({ cause, reason }: LinkEnd): void {
    this.#giveUp(reason);
    const need = this.#need;
    if (need === null) return;
    this.#dependencies.report({
      level: 'warn',
      message: 'a snapshot could not be fetched, and is asked for again',
      zxid: need.atLeast,
      detail: { cause, reason, from: need.databaseAddress, delayMs: this.#delayMs },
    });
    this.#redial = this.#dependencies.timers.after(this.#delayMs, () => this.#dial());
    this.#delayMs = Math.min(2 * this.#delayMs, this.#timing.reconnectMaxMs);
  }

  #giveUp(reason: string): void {
    this.#hangUp(reason);
    if (this.#isWriting) this.#dependencies.files.abandon();
    this.#isWriting = false;
    this.#reset();
  }

  #hangUp(reason: string): void {
    const link = this.#link;
    this.#link = null;
    link?.close({ cause: 'closed', reason });
  }

  #reset(): void {
    this.#redial?.();
    this.#silence?.();
    this.#zxid = ZXID_ZERO;
    this.#totalBytes = 0;
    this.#chunks = 0;
    this.#bytes = 0;
    this.#unwrittenBytes = 0;
    this.#isPaused = false;
    this.#isComplete = false;
  }

  /** While it is paused by this side nothing can come. */
  #watchSilence(): void {
    this.#silence?.();
    this.#silence = this.#dependencies.timers.after(SILENCE_MS, () => {
      if (this.#isPaused) this.#watchSilence();
      else this.#again({ cause: 'lost', reason: 'the source says nothing' });
    });
  }
}
