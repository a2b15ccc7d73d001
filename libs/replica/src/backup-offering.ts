import { databaseDatabaseBoundary, GrpcLinkDialer } from '@paddock/link-grpc';
import type { CertificateFiles } from '@paddock/link-grpc';
import { DEFAULT_LIMITS, DEFAULT_TIMING } from '@paddock/model';
import type { SnapshotReply, SnapshotRequest } from '@paddock/model';
import { OperatorError } from '@paddock/node-runtime';
import type { Link } from '@paddock/ports';
import type { SnapshotReading } from '@paddock/txn-log';
import { openBackup } from './backup-file.ts';

/** A backup that was read whole, and the name by which a restoration is to name it. */
export interface OfferedBackup {
  readonly file: string;
  readonly name: string;
}

/** Brings a backup to a database, which holds it from then on, durably. Fails with an OperatorError. */
export function offerBackup(
  { file, name }: OfferedBackup,
  address: string,
  tls?: CertificateFiles,
): Promise<void> {
  const options = { limits: DEFAULT_LIMITS, timing: DEFAULT_TIMING, tls };
  const dialer = new GrpcLinkDialer(databaseDatabaseBoundary, options);
  const reading = openBackup(file);
  return new Promise<void>((resolve, reject) => {
    const link = dialer.dial(address, {
      received: (batch) => {
        if (batch.some((it: SnapshotReply) => it.kind === 'backupHeld')) resolve();
      },
      drained: () => offering.goOn(),
      ended: ({ reason }) =>
        reject(new OperatorError(`${address} did not take the backup: ${reason}`)),
    });
    const offering = new Offering(link, reading, reject);
    link.send([{ kind: 'offerBackup', backup: name }]);
    offering.goOn();
  }).finally(() => {
    reading.close();
    dialer.close();
  });
}

class Offering {
  readonly #link: Link<SnapshotRequest[]>;
  readonly #reading: SnapshotReading;
  readonly #reject: (error: Error) => void;
  #chunks = 0;

  constructor(
    link: Link<SnapshotRequest[]>,
    reading: SnapshotReading,
    reject: (error: Error) => void,
  ) {
    this.#link = link;
    this.#reading = reading;
    this.#reject = reject;
  }

  /** As long as the link has room. */
  goOn(): void {
    for (;;) {
      const piece = this.#reading.next();
      if (piece.kind === 'chunk') {
        this.#chunks += 1;
        if (!this.#link.send([{ kind: 'backupChunk', chunk: piece.chunk }])) return;
      } else if (piece.kind === 'end') {
        this.#link.send([{ kind: 'backupEnds', chunks: this.#chunks }]);
        return;
      } else {
        this.#reject(new OperatorError(`the backup has become bad: ${piece.reason}`));
        return;
      }
    }
  }
}
