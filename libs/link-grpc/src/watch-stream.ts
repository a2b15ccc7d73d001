import type { ServerWritableStream, StatusObject } from '@grpc/grpc-js';
import type { paddock } from '@paddock/contracts';
import { counterOf, epochOf, maxZxid, ZXID_ZERO } from '@paddock/model';
import type { ErrorCode, ShownZnode, WatchEvent, Zxid } from '@paddock/model';
import { errorStatus } from './error-status.ts';
import { resetStream, whenStreamCloses } from './stream-reset.ts';
import { writeClientStat } from './wire/client-values.ts';
import { writeEvent } from './wire/watches.ts';

type Response = paddock.client.v1.WatchResponse.$Properties;
type Call = ServerWritableStream<paddock.client.v1.WatchRequest, Response>;

/** What an event holds in memory beside its path and data, about. */
const EVENT_BYTES = 200;
/** A client that has not read that it was too slow for so long is not told. */
const UNREAD_MS = 10_000;

/**
 * The stream of one sessionless watch. A reader that is too slow is told so, behind the events that wait for it, with
 * the zxid to go on from: events never hold anyone up, and never wait without bound.
 */
export class WatchStream {
  readonly #call: Call;
  readonly #path: string;
  readonly #bytesMax: number;
  #bytes = 0;
  #isOver = false;
  /** Every event up to here was written. */
  #through: Zxid = ZXID_ZERO;
  /** Of the event that was written last; more may come of its transaction. */
  #last: Zxid = ZXID_ZERO;
  #cancel: (() => void) | null = null;

  constructor(call: Call, path: string, bytesMax: number) {
    this.#call = call;
    this.#path = path;
    this.#bytesMax = bytesMax;
    call.on('error', () => undefined);
    call.on('cancelled', () => this.#stop());
  }

  /** Sets what tells the other side that nobody listens any more. */
  cancelWith(cancel: () => void): void {
    if (this.#isOver) cancel();
    else this.#cancel = cancel;
  }

  opened(zxid: Zxid): void {
    this.#covered(zxid);
    this.#write({ opened: { zxidEpoch: epochOf(zxid), zxidCounter: counterOf(zxid) } }, 0);
  }

  event(event: WatchEvent, { stat, data }: ShownZnode = {}): void {
    const told: Response = { event: writeEvent(event) };
    if (stat !== undefined) told.stat = writeClientStat(stat);
    if (data !== undefined) told.data = data;
    if (!this.#write(told, event.path.length + (data?.length ?? 0))) return;
    if (event.zxid > this.#last) this.#covered(this.#last);
    this.#last = event.zxid;
  }

  progress(zxid: Zxid): void {
    const told = { progress: { zxidEpoch: epochOf(zxid), zxidCounter: counterOf(zxid) } };
    if (this.#write(told, 0)) this.#covered(zxid);
  }

  /** `oldest`: where another can begin, since nobody can tell what is behind the last that was told. */
  ended(code: ErrorCode, reason: string, oldest?: Zxid): void {
    this.#cancel = null;
    const failed = { code, reason };
    this.fail(errorStatus({ failed, path: this.#path, zxid: oldest ?? this.#through }));
  }

  fail(ended: StatusObject): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#call.emit('error', ended);
  }

  #covered(zxid: Zxid): void {
    this.#through = maxZxid(this.#through, zxid);
  }

  /** False where it is too much, or nobody listens any more. */
  #write(response: Response, more: number): boolean {
    if (this.#isOver) return false;
    const bytes = EVENT_BYTES + more;
    if (this.#bytes > 0 && this.#bytes + bytes > this.#bytesMax) {
      this.#tooSlow();
      return false;
    }
    this.#bytes += bytes;
    this.#call.write(response, () => {
      this.#bytes -= bytes;
    });
    return true;
  }

  #tooSlow(): void {
    const cancel = this.#cancel;
    this.ended('throttled', 'its events are not taken fast enough: go on from the zxid');
    cancel?.();
    const timer = setTimeout(() => resetStream(this.#call), UNREAD_MS);
    timer.unref();
    whenStreamCloses(this.#call, () => clearTimeout(timer));
  }

  #stop(): void {
    this.#isOver = true;
    const cancel = this.#cancel;
    this.#cancel = null;
    cancel?.();
  }
}
