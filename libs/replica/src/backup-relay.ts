import type { BackupApi, BackupReceiver, Sending } from '@paddock/link-grpc';
import type { Identities, SnapshotReply, SnapshotRequest, Zxid } from '@paddock/model';
import type { Link, LinkDialer } from '@paddock/ports';
import { backupRefusal } from './backup-permission.ts';

/** Beyond it one is refused: each keeps a snapshot of the database, and reads it from its disk. */
const BACKUPS_MAX = 2;
const NOTHING: Sending = { drained: () => undefined, cancel: () => undefined };
const DONE = { cause: 'closed', reason: 'the backup is over' } as const;

export interface BackupRelayDependencies {
  /** Where the database of the replica is. */
  readonly address: string;
  readonly dialer: LinkDialer<SnapshotRequest[], SnapshotReply[]>;
  /** Somebody can prove to be the user super. */
  readonly hasSuper: boolean;
}

/**
 * Hands snapshots of the replica's database to clients as backups, as the database sends them to others that are behind
 * (H8): of one zxid, while writes go on, and as fast as the client takes them.
 */
export class BackupRelay implements BackupApi {
  readonly #dependencies: BackupRelayDependencies;
  readonly #transfers = new Set<Transfer>();

  constructor(dependencies: BackupRelayDependencies) {
    this.#dependencies = dependencies;
  }

  backup(atLeast: Zxid, receiver: BackupReceiver, identities: Identities): Sending {
    const refusal = backupRefusal(identities, this.#dependencies.hasSuper);
    if (refusal !== null) {
      receiver.failed('noAuth', refusal);
      return NOTHING;
    }
    if (this.#transfers.size >= BACKUPS_MAX) {
      receiver.failed('throttled', `${BACKUPS_MAX} backups are under way here`);
      return NOTHING;
    }
    const transfer = new Transfer(receiver, () => this.#transfers.delete(transfer));
    this.#transfers.add(transfer);
    transfer.start(this.#dependencies, atLeast);
    return transfer;
  }

  stop(): void {
    for (const transfer of [...this.#transfers]) transfer.fail('the front-end stops');
  }
}

class Transfer implements Sending {
  readonly #receiver: BackupReceiver;
  readonly #over: () => void;
  #link: Link<SnapshotRequest[]> | null = null;
  #isOver = false;

  constructor(receiver: BackupReceiver, over: () => void) {
    this.#receiver = receiver;
    this.#over = over;
  }

  start({ dialer, address }: BackupRelayDependencies, atLeast: Zxid): void {
    this.#link = dialer.dial(address, {
      received: (batch) => {
        for (const message of batch) this.#received(message);
      },
      drained: () => undefined,
      ended: ({ reason }) => this.fail(`the database of this replica: ${reason}`),
    });
    this.#link.send([{ kind: 'fetch', atLeast }]);
  }

  drained(): void {
    if (!this.#isOver) this.#link?.resume();
  }

  cancel(): void {
    this.#finish();
  }

  fail(reason: string): void {
    if (this.#finish()) this.#receiver.failed('notServing', reason);
  }

  #received(message: SnapshotReply): void {
    if (this.#isOver || message.kind === 'backupHeld') return;
    const hasRoom = this.#receiver.part(message);
    if (message.kind === 'snapshotEnds') this.#finish();
    else if (!hasRoom) this.#link?.pause();
  }

  #finish(): boolean {
    if (this.#isOver) return false;
    this.#isOver = true;
    const link = this.#link;
    this.#link = null;
    link?.close(DONE);
    this.#over();
    return true;
  }
}
