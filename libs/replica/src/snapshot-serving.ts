import { formatZxid } from '@paddock/model';
import type { SnapshotReply, SnapshotRequest, StageEvent, Zxid } from '@paddock/model';
import { DiskError } from '@paddock/ports';
import type { CancelTimer, Link, LinkAcceptor, LinkEnd, Timers } from '@paddock/ports';
import type { SnapshotFiles, SnapshotReading } from '@paddock/txn-log';
import { STAGE_STOPS } from './stage.ts';

/** One that takes nothing for so long is cut: what it reads cannot be removed meanwhile. */
const STALL_MS = 30_000;

const GONE: LinkEnd = { cause: 'closed', reason: 'the snapshot has been sent' };

export interface SnapshotServingDependencies {
  readonly timers: Timers;
  readonly files: SnapshotFiles;
  readonly report: (event: StageEvent) => void;
  /** Whether a snapshot of that zxid may be handed to another database (H22). */
  offers(zxid: Zxid): boolean;
  /** Whether one that is missing will be taken. */
  takes(): boolean;
  /** The lowest of the zxids that are waited for. */
  wanted(atLeast: Zxid): void;
}

/** Another database that fetches a snapshot. */
class Receiver {
  readonly link: Link<SnapshotReply[]>;
  atLeast: Zxid | null = null;
  zxid: Zxid | null = null;
  reading: SnapshotReading | null = null;
  chunks = 0;
  isFull = false;
  timer: CancelTimer | undefined;
  stall: CancelTimer | undefined;

  constructor(link: Link<SnapshotReply[]>) {
    this.link = link;
  }
}

/**
 * Sends snapshots to databases that are behind, each as fast as its link takes it: chunk by chunk, one in a turn, each
 * checked as it is read (H8).
 */
export class SnapshotServing {
  readonly #dependencies: SnapshotServingDependencies;
  readonly #receivers = new Set<Receiver>();

  constructor(dependencies: SnapshotServingDependencies) {
    this.#dependencies = dependencies;
  }

  /** Databases that are being sent a snapshot, or wait for one. */
  get count(): number {
    return this.#receivers.size;
  }

  readonly accept: LinkAcceptor<SnapshotReply[], SnapshotRequest[]> = (link) => {
    const receiver = new Receiver(link);
    this.#receivers.add(receiver);
    return {
      received: (batch) => {
        for (const request of batch) this.#requested(receiver, request);
      },
      drained: () => {
        receiver.isFull = false;
        this.#goOn(receiver);
      },
      ended: () => this.#forget(receiver),
    };
  };

  /** A snapshot was finished, or it has turned out whether one may be taken and handed out: those who wait go on. */
  changed(): void {
    let lowest: Zxid | null = null;
    for (const receiver of this.#receivers) {
      const { zxid } = receiver;
      if (zxid !== null && !this.#dependencies.offers(zxid)) this.#refuse(receiver);
      if (receiver.atLeast === null || zxid !== null) continue;
      this.#begin(receiver, receiver.atLeast);
      const { atLeast } = receiver;
      const isWaiting = receiver.zxid === null && this.#receivers.has(receiver);
      if (isWaiting && (lowest === null || atLeast < lowest)) lowest = atLeast;
    }
    if (lowest !== null) this.#dependencies.wanted(lowest);
  }

  stop(): void {
    for (const receiver of this.#receivers) this.#end(receiver, STAGE_STOPS);
  }

  #requested(receiver: Receiver, request: SnapshotRequest): void {
    if (!this.#receivers.has(receiver)) return;
    if (receiver.atLeast !== null || request.kind !== 'fetch') {
      this.#end(receiver, { cause: 'refused', reason: 'one snapshot is fetched on a link' });
      return;
    }
    receiver.atLeast = request.atLeast;
    this.changed();
  }

  /** The newest that is good enough; where there is none it waits until one is taken. */
  #begin(receiver: Receiver, atLeast: Zxid): void {
    const { files } = this.#dependencies;
    const zxid = files.zxids.find((it) => it >= atLeast && this.#dependencies.offers(it));
    if (zxid === undefined) {
      if (!this.#dependencies.takes()) this.#refuse(receiver);
      return;
    }
    try {
      receiver.reading = files.read(zxid);
    } catch (error) {
      if (!(error instanceof DiskError)) throw error;
      this.#damaged(receiver, zxid, error.message);
      return;
    }
    receiver.zxid = zxid;
    files.hold(zxid);
    const bytes = receiver.reading.fileBytes;
    this.#dependencies.report({
      level: 'info',
      message: 'a snapshot is sent to another database',
      zxid,
      detail: { bytes, atLeast: formatZxid(atLeast) },
    });
    this.#send(receiver, { kind: 'snapshotBegins', zxid, bytes });
  }

  #send(receiver: Receiver, message: SnapshotReply): void {
    receiver.stall?.();
    receiver.stall = this.#dependencies.timers.after(STALL_MS, () => {
      this.#end(receiver, { cause: 'tooSlow', reason: 'the snapshot that is sent is not read' });
    });
    receiver.isFull = !receiver.link.send([message]);
    this.#goOn(receiver);
  }

  /** One chunk in a turn, so that reading them does not hold up the database. */
  #goOn(receiver: Receiver): void {
    if (receiver.reading === null || receiver.isFull || receiver.timer !== undefined) return;
    receiver.timer = this.#dependencies.timers.soon(() => {
      receiver.timer = undefined;
      this.#sendNext(receiver);
    });
  }

  #sendNext(receiver: Receiver): void {
    const { reading, zxid } = receiver;
    if (reading === null || zxid === null) return;
    const piece = reading.next();
    switch (piece.kind) {
      case 'chunk':
        receiver.chunks += 1;
        this.#send(receiver, { kind: 'chunk', chunk: piece.chunk });
        break;
      case 'end':
        receiver.link.send([{ kind: 'snapshotEnds', chunks: receiver.chunks }]);
        this.#end(receiver, GONE);
        break;
      case 'corrupt':
      case 'newerFormat':
        this.#damaged(receiver, zxid, piece.reason);
        break;
    }
  }

  /** It was good when it was written. The next one that asks gets another. */
  #damaged(receiver: Receiver, zxid: Zxid, reason: string): void {
    this.#dependencies.files.reject(zxid);
    this.#dependencies.report({
      level: 'error',
      message: 'a snapshot has become bad, and is not used any more',
      zxid,
      detail: { reason },
    });
    this.#end(receiver, { cause: 'refused', reason: `the snapshot is bad: ${reason}` });
  }

  #refuse(receiver: Receiver): void {
    const reason = 'this database has no snapshot that a majority would agree with';
    this.#end(receiver, { cause: 'refused', reason });
  }

  #end(receiver: Receiver, end: LinkEnd): void {
    this.#forget(receiver);
    receiver.link.close(end);
  }

  #forget(receiver: Receiver): void {
    if (!this.#receivers.delete(receiver)) return;
    receiver.timer?.();
    receiver.stall?.();
    receiver.reading?.close();
    receiver.reading = null;
    if (receiver.zxid !== null) this.#dependencies.files.release(receiver.zxid);
  }
}
