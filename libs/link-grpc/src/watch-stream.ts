import type { ServerWritableStream, StatusObject } from '@grpc/grpc-js';
import type { paddock } from '@paddock/contracts';
import { counterOf, epochOf, ZXID_ZERO } from '@paddock/model';
import type { ErrorCode, WatchEvent, Zxid } from '@paddock/model';
import { errorStatus } from './error-status.ts';
import { resetStream } from './stream-reset.ts';
import { writeEvent } from './wire/watches.ts';

type Response = paddock.client.v1.WatchResponse.$Properties;
type Call = ServerWritableStream<paddock.client.v1.WatchRequest, Response>;

/** What an event holds in memory beside its path, about. */
const EVENT_BYTES = 200;

/** The stream of one sessionless watch; a reader that is too slow is cut, so that events never hold anyone up. */
export class WatchStream {
  readonly #call: Call;
  readonly #path: string;
  readonly #bytesMax: number;
  #bytes = 0;
  #isOver = false;
  #zxid: Zxid = ZXID_ZERO;
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
    this.#zxid = zxid;
    this.#write({ opened: { zxidEpoch: epochOf(zxid), zxidCounter: counterOf(zxid) } });
  }

  event(event: WatchEvent): void {
    this.#zxid = event.zxid;
    this.#write({ event: writeEvent(event) });
  }

  ended(code: ErrorCode, reason: string): void {
    this.#cancel = null;
    const failed = { code, reason };
    this.fail(errorStatus({ failed, path: this.#path, zxid: this.#zxid }));
  }

  fail(ended: StatusObject): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#call.emit('error', ended);
  }

  #write(response: Response): void {
    if (this.#isOver) return;
    const bytes = EVENT_BYTES + this.#path.length;
    this.#bytes += bytes;
    if (this.#bytes > this.#bytesMax) {
      this.#stop();
      resetStream(this.#call);
      return;
    }
    this.#call.write(response, () => {
      this.#bytes -= bytes;
    });
  }

  #stop(): void {
    this.#isOver = true;
    const cancel = this.#cancel;
    this.#cancel = null;
    cancel?.();
  }
}
