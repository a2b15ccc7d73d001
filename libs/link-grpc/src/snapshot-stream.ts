// A subtree for a client, page by page: the next one is asked for when gRPC has taken the last.
import type { ServerWritableStream, StatusObject } from '@grpc/grpc-js';
import type { paddock } from '@paddock/contracts';
import { SUBTREE_PAGE_BYTES } from '@paddock/model';
import type { ClientOperation, ClientSubtree, NumberedResult } from '@paddock/model';
import { writeSnapshotPart } from './wire/subtree.ts';
import type { SnapshotPart } from './wire/subtree.ts';

type Call = ServerWritableStream<
  paddock.client.v1.SnapshotRequest,
  paddock.client.v1.SnapshotResponse.$Properties
>;
type Ask = (operation: ClientOperation, answer: (result: NumberedResult) => void) => () => void;

export class SnapshotStream {
  readonly #call: Call;
  readonly #request: Omit<ClientSubtree, 'snapshot' | 'bytes'>;
  readonly #ask: Ask;
  readonly #refused: (result: NumberedResult) => StatusObject;
  #snapshot = 0;
  #count = 0;
  #isOver = false;
  /** Pages that were asked for, and that were answered. */
  #asked = 0;
  #answeredThrough = 0;
  /** Null while no page is under way. */
  #cancel: (() => void) | null = null;

  constructor(
    call: Call,
    request: Omit<ClientSubtree, 'snapshot' | 'bytes'>,
    ask: Ask,
    refused: (result: NumberedResult) => StatusObject,
  ) {
    this.#call = call;
    this.#request = request;
    this.#ask = ask;
    this.#refused = refused;
    call.on('error', () => undefined);
    call.on('cancelled', () => this.#stop());
    this.#next();
  }

  #next(): void {
    if (this.#isOver) return;
    const page = { snapshot: this.#snapshot, bytes: SUBTREE_PAGE_BYTES };
    const number = ++this.#asked;
    const cancel = this.#ask({ ...this.#request, ...page }, (result) => {
      this.#answeredThrough = number;
      this.#cancel = null;
      this.#answered(result);
    });
    // It may have been answered at once.
    if (this.#answeredThrough < number) this.#cancel = cancel;
  }

  #answered(numbered: NumberedResult): void {
    if (this.#isOver) return;
    const { result } = numbered;
    if (result.kind !== 'subtree') {
      this.#isOver = true;
      this.#call.emit('error', this.#refused(numbered));
      return;
    }
    const { znodes, more, zxid, snapshot } = result;
    let hasRoom = true;
    if (this.#snapshot === 0) hasRoom = this.#write({ kind: 'begins', zxid });
    this.#snapshot = snapshot;
    this.#count += znodes.length;
    if (znodes.length > 0) hasRoom = this.#write({ kind: 'znodes', znodes });
    if (!more) {
      this.#isOver = true;
      this.#write({ kind: 'ends', count: this.#count });
      this.#call.end();
    } else if (hasRoom) this.#next();
    else this.#call.once('drain', () => this.#next());
  }

  #write(part: SnapshotPart): boolean {
    return this.#call.write(writeSnapshotPart(part));
  }

  /** The client is gone. A page under way is answered to nobody, and that ends the rest. */
  #stop(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    if (this.#cancel !== null) this.#cancel();
    else this.#ask({ ...this.#request, snapshot: this.#snapshot, bytes: 0 }, () => undefined);
  }
}
