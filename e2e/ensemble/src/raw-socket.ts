// Connections that no gRPC library would make.
import { connect as connectHttp2 } from 'node:http2';
import type {
  ClientHttp2Session,
  ClientHttp2Stream,
  IncomingHttpHeaders,
  OutgoingHttpHeaders,
} from 'node:http2';
import { connect } from 'node:net';
import type { Socket } from 'node:net';

export const HTTP2_PREFACE = 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n';

/** A TCP connection that says `bytes` and then nothing, and never closes by itself. */
export class RawSocket {
  readonly #socket: Socket;
  #isClosed = false;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('error', () => undefined);
    socket.on('close', () => (this.#isClosed = true));
    socket.resume();
  }

  static open(address: string, bytes: string | Uint8Array): Promise<RawSocket> {
    const [host = '', port = ''] = address.split(':');
    return new Promise((resolve, reject) => {
      const socket = connect({ host, port: Number(port), allowHalfOpen: true }, () => {
        if (bytes.length > 0) socket.write(bytes);
        resolve(new RawSocket(socket));
      });
      socket.once('error', reject);
    });
  }

  /** The server has closed it. */
  get isClosed(): boolean {
    return this.#isClosed;
  }

  destroy(): void {
    this.#socket.destroy();
  }
}

function grpcHeaders(path: string): OutgoingHttpHeaders {
  return { ':method': 'POST', ':path': path, 'content-type': 'application/grpc', te: 'trailers' };
}

/** The five bytes before a gRPC message of `length` bytes. */
function frameHeader(length: number, compressed = false): Buffer {
  const header = Buffer.alloc(5);
  header.writeUInt8(compressed ? 1 : 0, 0);
  header.writeUInt32BE(length, 1);
  return header;
}

/** One connection with `count` unary calls whose answers nobody reads. Returns what ends it. */
export function callWithoutReading(
  address: string,
  path: string,
  request: Uint8Array,
  count: number,
): () => void {
  const session = connectHttp2(`http://${address}`);
  session.on('error', () => undefined);
  const message = Buffer.concat([frameHeader(request.length), request]);
  for (let n = 0; n < count; n++) {
    const stream = session.request(grpcHeaders(path));
    stream.on('error', () => undefined);
    stream.end(message);
  }
  return () => session.destroy();
}

/** A gRPC call by hand, frame by frame. */
export class RawCall {
  readonly #session: ClientHttp2Session;
  readonly #stream: ClientHttp2Stream;
  #end: string | undefined;

  constructor(address: string, path: string) {
    this.#session = connectHttp2(`http://${address}`);
    this.#session.on('error', (error) => (this.#end ??= String(error)));
    this.#stream = this.#session.request(grpcHeaders(path));
    this.#stream.on('error', (error) => (this.#end ??= String(error)));
    const read = (headers: IncomingHttpHeaders): void => {
      const status = headers['grpc-status'];
      if (status !== undefined) this.#end ??= `status ${String(status)}`;
    };
    this.#stream.on('trailers', read);
    // An error before any message has its status here.
    this.#stream.on('response', read);
    this.#stream.on('close', () => (this.#end ??= 'closed'));
    this.#stream.resume();
  }

  /** The five bytes of a gRPC frame that promise `length` bytes, and then `bytes`, however many these are. */
  write(length: number, bytes: Uint8Array, compressed = false): void {
    this.#stream.write(Buffer.concat([frameHeader(length, compressed), bytes]));
  }

  /** How the server ended it: a gRPC status or a reset; undefined while it has not. */
  get end(): string | undefined {
    return this.#end;
  }

  destroy(): void {
    this.#stream.destroy();
    this.#session.destroy();
  }
}
