// gRPC as any client speaks it: grpc-js and the generated messages, none of the project's carriers.
import { Client, credentials, Metadata } from '@grpc/grpc-js';
import type {
  ChannelCredentials,
  ClientDuplexStream,
  ClientReadableStream,
  StatusObject,
} from '@grpc/grpc-js';
import { google, paddock } from '@paddock/contracts';
import type { Method } from '@paddock/contracts';
import { eventually } from './eventually.ts';

const CALL_MS = 60_000;

const identity = (bytes: Buffer): Buffer => bytes;

function buffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** How a call ended: grpc-js gives it as the error of a unary call and as the status of a stream. */
export interface CallEnd {
  readonly code: number;
  readonly details: string;
  /** The ErrorDetail in the rich status; undefined where there is none. */
  readonly detail: paddock.client.v1.ErrorDetail | undefined;
}

export type CallResult<Response> =
  | { readonly ok: true; readonly response: Response }
  | { readonly ok: false; readonly end: CallEnd };

export class RawGrpc {
  readonly #client: Client;
  readonly #authorization: string | undefined;

  /** Unencrypted unless told otherwise; `authorization` is the header of that name, of each call. */
  constructor(
    address: string,
    secured: ChannelCredentials = credentials.createInsecure(),
    authorization?: string,
  ) {
    this.#authorization = authorization;
    this.#client = new Client(address, secured, {
      // Connections are not shared between clients of one process, as grpc-js would.
      'grpc.use_local_subchannel_pool': 1,
      'grpc.max_receive_message_length': -1,
      'grpc.max_send_message_length': -1,
      'grpc.enable_retries': 0,
    });
  }

  unary<QI, Q extends QI, RI, R extends RI>(
    method: Method<'unary', QI, Q, RI, R>,
    request: QI,
  ): Promise<CallResult<R>> {
    return this.unaryBytes(method, method.request.encode(request).finish());
  }

  /** A request that no encoder has made. */
  unaryBytes<QI, Q extends QI, RI, R extends RI>(
    method: Method<'unary', QI, Q, RI, R>,
    request: Uint8Array,
  ): Promise<CallResult<R>> {
    return new Promise((resolve) => {
      this.#client.makeUnaryRequest(
        method.path,
        identity,
        (bytes) => method.response.decode(bytes),
        buffer(request),
        this.#metadata(),
        { deadline: Date.now() + CALL_MS },
        (error, response) => {
          if (error !== null) resolve({ ok: false, end: endOf(error) });
          else if (response !== undefined) resolve({ ok: true, response });
        },
      );
    });
  }

  serverStream<QI, Q extends QI, RI, R extends RI>(
    method: Method<'serverStream', QI, Q, RI, R>,
    request: QI,
  ): IncomingStream<R> {
    const call = this.#client.makeServerStreamRequest(
      method.path,
      identity,
      (bytes) => method.response.decode(bytes),
      buffer(method.request.encode(request).finish()),
      this.#metadata(),
    );
    return new IncomingStream(call);
  }

  bidi<QI, Q extends QI, RI, R extends RI>(
    method: Method<'bidi', QI, Q, RI, R>,
  ): BidiStream<QI, R> {
    const call = this.#client.makeBidiStreamRequest(
      method.path,
      identity,
      (bytes) => method.response.decode(bytes),
      this.#metadata(),
    );
    return new BidiStream(call, (message) => method.request.encode(message).finish());
  }

  /** A stream of bytes, whatever its messages are. */
  bidiBytes(path: string): BidiStream<Uint8Array, Buffer> {
    const call = this.#client.makeBidiStreamRequest(path, identity, identity, this.#metadata());
    return new BidiStream<Uint8Array, Buffer>(call, (bytes) => bytes);
  }

  close(): void {
    this.#client.close();
  }

  #metadata(): Metadata {
    const metadata = new Metadata();
    if (this.#authorization !== undefined) metadata.set('authorization', this.#authorization);
    return metadata;
  }
}

/** What a server sends on one stream, kept until it is asked for. */
export class IncomingStream<Response> {
  readonly received: Response[] = [];
  readonly #call: ClientReadableStream<Response>;
  #end: CallEnd | undefined;

  constructor(call: ClientReadableStream<Response>) {
    this.#call = call;
    call.on('error', () => undefined);
    call.on('data', (message: Response) => this.received.push(message));
    call.on('status', (status) => (this.#end = endOf(status)));
  }

  /** What `select` makes of what has been received, as soon as it makes something of it. */
  async next<T>(
    what: string,
    select: (received: readonly Response[]) => T | null | undefined,
  ): Promise<T> {
    return eventually(what, () => {
      const selected = select(this.received);
      if (selected !== null && selected !== undefined) return selected;
      const last = JSON.stringify(this.received.slice(-3)).slice(0, 2000);
      throw new Error(
        `${this.received.length} messages, last ${last}, ${JSON.stringify(this.#end)}`,
      );
    });
  }

  /** How the stream ended, when it has. */
  async ended(): Promise<CallEnd> {
    return eventually('the stream ends', () => {
      if (this.#end === undefined) throw new Error(`got ${JSON.stringify(this.received)}`);
      return this.#end;
    });
  }

  get isOpen(): boolean {
    return this.#end === undefined;
  }

  /** Reads nothing from here on. */
  pause(): void {
    this.#call.pause();
  }

  cancel(): void {
    this.#call.cancel();
  }
}

export class BidiStream<Request, Response> extends IncomingStream<Response> {
  readonly #duplex: ClientDuplexStream<Buffer, Response>;
  readonly #encode: (message: Request) => Uint8Array;

  constructor(
    call: ClientDuplexStream<Buffer, Response>,
    encode: (message: Request) => Uint8Array,
  ) {
    super(call);
    this.#duplex = call;
    this.#encode = encode;
  }

  send(message: Request): void {
    this.sendBytes(this.#encode(message));
  }

  sendBytes(bytes: Uint8Array): void {
    this.#duplex.write(buffer(bytes));
  }

  /** Says that nothing more will be sent. */
  halfClose(): void {
    this.#duplex.end();
  }
}

function endOf({ code, details, metadata }: StatusObject): CallEnd {
  const bytes = metadata.get('grpc-status-details-bin')[0];
  if (!Buffer.isBuffer(bytes)) return { code, details, detail: undefined };
  const [any] = google.rpc.Status.decode(bytes).details;
  const isOurs = any?.type_url === 'type.googleapis.com/paddock.client.v1.ErrorDetail';
  const detail = isOurs && any.value ? paddock.client.v1.ErrorDetail.decode(any.value) : undefined;
  return { code, details, detail };
}
