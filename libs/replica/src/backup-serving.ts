import { zxidOfBackup } from '@paddock/codec';
import type { SnapshotReply, SnapshotRequest } from '@paddock/model';
import { DiskError } from '@paddock/ports';
import type { CancelTimer, Link, LinkEnd, LinkHandlers, Timers } from '@paddock/ports';
import type { SnapshotReading } from '@paddock/txn-log';
import { BackupReceiving } from './backup-receiving.ts';
import type { BackupStore } from './backup-store.ts';
import { STAGE_STOPS } from './stage.ts';

const DONE: LinkEnd = { cause: 'closed', reason: 'the backup has been sent' };

export interface BackupServingDependencies {
  readonly timers: Timers;
  readonly store: BackupStore;
  readonly queueBytes: number;
}

/** One link on which a backup is fetched from here, or brought here. */
class BackupLink {
  readonly link: Link<SnapshotReply[]>;
  receiving: BackupReceiving | null = null;
  reading: SnapshotReading | null = null;
  chunks = 0;
  isFull = false;
  turn: CancelTimer | undefined;

  constructor(link: Link<SnapshotReply[]>) {
    this.link = link;
  }
}

/** Hands backups that are held here to other databases, and takes those that operators bring. */
export class BackupServing {
  readonly #dependencies: BackupServingDependencies;
  readonly #links = new Set<BackupLink>();

  constructor(dependencies: BackupServingDependencies) {
    this.#dependencies = dependencies;
  }

  readonly accept = (link: Link<SnapshotReply[]>): LinkHandlers<SnapshotRequest[]> => {
    const it = new BackupLink(link);
    this.#links.add(it);
    return {
      received: (batch) => {
        for (const request of batch) if (this.#links.has(it)) this.#requested(it, request);
      },
      drained: () => {
        it.isFull = false;
        this.#goOn(it);
      },
      ended: () => this.#forget(it),
    };
  };

  stop(): void {
    for (const it of this.#links) this.#end(it, STAGE_STOPS);
  }

  #requested(it: BackupLink, request: SnapshotRequest): void {
    const isFirst = it.receiving === null && it.reading === null;
    switch (request.kind) {
      case 'fetchBackup':
        if (isFirst) this.#send(it, request.backup);
        else this.#refuse(it, 'one backup is fetched on a link');
        break;
      case 'offerBackup':
        if (isFirst && this.#dependencies.store.held.includes(request.backup)) {
          // Its operator asks again: what was done is answered as done.
          this.#held(it, request.backup);
        } else if (isFirst) this.#receive(it, request.backup);
        else this.#refuse(it, 'one backup is brought on a link');
        break;
      case 'backupChunk':
        it.receiving?.chunk(request.chunk);
        break;
      case 'backupEnds':
        it.receiving?.ends(request.chunks);
        break;
      case 'fetch':
        this.#refuse(it, 'a snapshot is fetched on a link of its own');
        break;
    }
  }

  #receive(it: BackupLink, backup: string): void {
    const { store, queueBytes } = this.#dependencies;
    it.receiving = new BackupReceiving(store, backup, queueBytes, {
      held: () => {
        if (this.#links.has(it)) this.#held(it, backup);
      },
      failed: (reason) => this.#refuse(it, reason),
      full: (isFull) => (isFull ? it.link.pause() : it.link.resume()),
    });
  }

  #held(it: BackupLink, backup: string): void {
    it.link.send([{ kind: 'backupHeld', backup }]);
    this.#end(it, DONE);
  }

  #send(it: BackupLink, backup: string): void {
    try {
      it.reading = this.#dependencies.store.read(backup);
    } catch (error) {
      if (!(error instanceof DiskError)) throw error;
      this.#refuse(it, error.message);
      return;
    }
    if (it.reading === null) {
      this.#refuse(it, 'it is not held here');
      return;
    }
    const bytes = it.reading.fileBytes;
    this.#sendOne(it, { kind: 'snapshotBegins', zxid: zxidOfBackup(backup), bytes });
  }

  #sendOne(it: BackupLink, reply: SnapshotReply): void {
    it.isFull = !it.link.send([reply]);
    this.#goOn(it);
  }

  /** One chunk in a turn, so that reading them does not hold up the database. */
  #goOn(it: BackupLink): void {
    if (it.reading === null || it.isFull || it.turn !== undefined) return;
    it.turn = this.#dependencies.timers.soon(() => {
      it.turn = undefined;
      const piece = it.reading?.next();
      if (piece === undefined) return;
      if (piece.kind === 'chunk') {
        it.chunks += 1;
        this.#sendOne(it, { kind: 'chunk', chunk: piece.chunk });
      } else if (piece.kind === 'end') {
        it.link.send([{ kind: 'snapshotEnds', chunks: it.chunks }]);
        this.#end(it, DONE);
      } else this.#refuse(it, piece.reason);
    });
  }

  #refuse(it: BackupLink, reason: string): void {
    // Before the constructor of what is received has returned, too.
    void this.#dependencies.timers.soon(() => this.#end(it, { cause: 'refused', reason }));
  }

  #end(it: BackupLink, end: LinkEnd): void {
    if (!this.#links.has(it)) return;
    this.#forget(it);
    it.link.close(end);
  }

  #forget(it: BackupLink): void {
    if (!this.#links.delete(it)) return;
    it.turn?.();
    it.reading?.close();
    it.receiving?.abandon();
  }
}
