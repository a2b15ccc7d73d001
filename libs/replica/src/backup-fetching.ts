import type { SnapshotReply, SnapshotRequest, StageEvent } from '@paddock/model';
import type { CancelTimer, Link, LinkDialer, Timers } from '@paddock/ports';
import type { BackupNeed } from '@paddock/tree-core';
import { BackupReceiving } from './backup-receiving.ts';
import type { BackupStore } from './backup-store.ts';

export interface BackupFetchingDependencies {
  readonly timers: Timers;
  readonly store: BackupStore;
  readonly dialer: LinkDialer<SnapshotRequest[], SnapshotReply[]>;
  readonly queueBytes: number;
  /** Between two attempts. */
  readonly delayMs: number;
  readonly report: (event: StageEvent) => void;
}

/** Fetches the backup that a restoration waits for from the leader's database, again until it is here. */
export class BackupFetching {
  readonly #dependencies: BackupFetchingDependencies;
  #need: BackupNeed | null = null;
  #link: Link<SnapshotRequest[]> | null = null;
  #receiving: BackupReceiving | null = null;
  #again: CancelTimer | undefined;

  constructor(dependencies: BackupFetchingDependencies) {
    this.#dependencies = dependencies;
  }

  fetch(need: BackupNeed): void {
    const before = this.#need;
    if (before?.backup === need.backup && before.databaseAddress === need.databaseAddress) return;
    this.stop();
    this.#need = need;
    this.#dial(need);
  }

  stop(): void {
    this.#need = null;
    this.#again?.();
    this.#giveUp();
  }

  #dial(need: BackupNeed): void {
    const { dialer, store, queueBytes } = this.#dependencies;
    const link = dialer.dial(need.databaseAddress, {
      received: (batch) => {
        for (const reply of batch) if (this.#link === link) this.#received(reply);
      },
      drained: () => undefined,
      ended: ({ reason }) => {
        if (this.#link !== link) return;
        this.#link = null;
        if (this.#receiving?.isComplete !== true) this.#failed(reason);
      },
    });
    this.#link = link;
    // What comes is for the attempt that asked.
    const isCurrent = (): boolean => this.#need === need;
    this.#receiving = new BackupReceiving(store, need.backup, queueBytes, {
      held: () => {
        if (isCurrent()) this.stop();
      },
      failed: (reason) => {
        if (isCurrent()) void this.#dependencies.timers.soon(() => this.#failed(reason));
      },
      full: (isFull) => (isFull ? link.pause() : link.resume()),
    });
    link.send([{ kind: 'fetchBackup', backup: need.backup }]);
  }

  #received(reply: SnapshotReply): void {
    if (reply.kind === 'chunk') this.#receiving?.chunk(reply.chunk);
    if (reply.kind === 'snapshotEnds') this.#receiving?.ends(reply.chunks);
  }

  #failed(reason: string): void {
    this.#giveUp();
    const need = this.#need;
    if (need === null) return;
    this.#dependencies.report({
      level: 'warn',
      message: 'a backup could not be fetched, and is asked for again',
      detail: { backup: need.backup, from: need.databaseAddress, reason },
    });
    this.#again?.();
    this.#again = this.#dependencies.timers.after(this.#dependencies.delayMs, () =>
      this.#dial(need),
    );
  }

  #giveUp(): void {
    const link = this.#link;
    this.#link = null;
    this.#receiving?.abandon();
    this.#receiving = null;
    link?.close({ cause: 'closed', reason: 'the backup is not wanted any more' });
  }
}
