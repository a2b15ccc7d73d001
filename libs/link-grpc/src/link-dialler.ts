// The dialling end: one HTTP/2 connection an address, one stream a link.
import { Client, Metadata, status, type ClientDuplexStream } from '@grpc/grpc-js';
import { DEFAULT_TIMING, type Timing } from '@paddock/model';
import type { Link, LinkDialer, LinkEnd, LinkHandlers } from '@paddock/ports';
import type { Boundary } from './boundary.ts';
import { channelOptions } from './channel-options.ts';
import { linkEndOf } from './link-end.ts';
import type { LinkTraffic } from './link-traffic.ts';
import { StreamLink, type LinkLimits, type Pipe } from './stream-link.ts';
import type { CertificateFiles } from './tls/certificate-files.ts';
import { channelCredentials } from './tls/channel-credentials.ts';
import { identity, toBuffer } from './buffer.ts';

type Call = ClientDuplexStream<Buffer, Buffer>;

export interface GrpcLinkDialerOptions {
  readonly limits: LinkLimits;
  /** First delay of a connection that failed; the owner paces its own dialling. */
  readonly timing?: Pick<Timing, 'reconnectMs'>;
  /** Bytes of a stream that may be under way to this end while it does not read. */
  readonly windowBytes?: number;
  /** A connection without a link is given up after so long; a minute by default. */
  readonly unusedMs?: number;
  /** Counts what the links carry. */
  readonly traffic?: LinkTraffic;
  /** What to show the other end, and what to ask of it; unencrypted without. */
  readonly tls?: CertificateFiles | undefined;
  /** The host that an address is of, which a certificate is to name; undefined: the one of the address. */
  readonly hostOf?: (address: string) => string | undefined;
}

const DEFAULT_WINDOW_BYTES = 4 * 1024 * 1024;
/** Processors come and go, each at an address of its own. */
const DEFAULT_UNUSED_MS = 60_000;

interface Connection {
  readonly client: Client;
  links: number;
  unused: NodeJS.Timeout | undefined;
  /** It stays, though no link uses it. */
  isKept: boolean;
}

/** Dials one boundary. Each address has one connection, which the links to it share. */
export class GrpcLinkDialer<Up, Down> implements LinkDialer<Up, Down> {
  readonly #boundary: Boundary<Up, Down>;
  readonly #options: GrpcLinkDialerOptions;
  readonly #connections = new Map<string, Connection>();
  readonly #open = new Map<StreamLink<Up, Down>, Call>();

  constructor(boundary: Boundary<Up, Down>, options: GrpcLinkDialerOptions) {
    this.#boundary = boundary;
    this.#options = options;
  }

  /** `address` is "host:port". */
  dial(address: string, handlers: LinkHandlers<Down>): Link<Up> {
    const connection = this.#connectionTo(address);
    const call: Call = connection.client.makeBidiStreamRequest(
      this.#boundary.method.path,
      identity,
      identity,
      new Metadata(),
    );
    const { limits, traffic } = this.#options;
    const format = this.#boundary.dialler;
    const link = new StreamLink(new ClientPipe(call), format, limits, false, traffic);
    this.#open.set(link, call);
    link.attach(handlers);
    // Before the first write: an error without a listener would end the process. 'status' tells the same.
    call.on('error', () => undefined);
    let inGoodOrder: LinkEnd | null = null;
    call.on('status', (ended) => {
      this.#open.delete(link);
      this.#release(address, connection);
      if (ended.code === status.OK) inGoodOrder = linkEndOf(ended);
      else link.ended(linkEndOf(ended));
    });
    call.on('data', (bytes: Buffer) => link.received(bytes));
    // Messages that came before a status in good order are read first, however long this end pauses.
    call.on('end', () => {
      if (inGoodOrder !== null) link.ended(inGoodOrder);
    });
    return link;
  }

  /** Connects, and keeps the connection: a link that is dialled in a hurry need not wait for it. */
  prepare(address: string): void {
    const connection = this.#connectionOf(address);
    connection.isKept = true;
    clearTimeout(connection.unused);
    connection.client.getChannel().getConnectivityState(true);
  }

  /** Gives up the connections. Links that are still open end as lost. */
  close(): void {
    // A client that is closed lets its calls run on.
    for (const [link, call] of this.#open) {
      link.ended({ cause: 'lost', reason: 'the dialler was closed' });
      call.cancel();
    }
    for (const { client, unused } of this.#connections.values()) {
      clearTimeout(unused);
      client.close();
    }
    this.#connections.clear();
  }

  #connectionTo(address: string): Connection {
    const connection = this.#connectionOf(address);
    clearTimeout(connection.unused);
    connection.links++;
    return connection;
  }

  #connectionOf(address: string): Connection {
    let connection = this.#connections.get(address);
    if (connection === undefined) {
      const client = this.#connect(address);
      connection = { client, links: 0, unused: undefined, isKept: false };
      this.#connections.set(address, connection);
    }
    return connection;
  }

  #release(address: string, connection: Connection): void {
    connection.links--;
    if (connection.links > 0 || connection.isKept) return;
    if (this.#connections.get(address) !== connection) return;
    connection.unused = setTimeout(() => {
      this.#connections.delete(address);
      connection.client.close();
    }, this.#options.unusedMs ?? DEFAULT_UNUSED_MS).unref();
  }

  #connect(address: string): Client {
    const { limits, timing, windowBytes, tls, hostOf } = this.#options;
    const host = hostOf?.(address);
    return new Client(address, channelCredentials(tls), {
      ...channelOptions({
        messageBytes: limits.linkMessageBytes,
        windowBytes: windowBytes ?? DEFAULT_WINDOW_BYTES,
        reconnectMs: (timing ?? DEFAULT_TIMING).reconnectMs,
      }),
      ...(host === undefined
        ? {}
        : { 'grpc.default_authority': host, 'grpc.ssl_target_name_override': host }),
    });
  }
}

class ClientPipe implements Pipe {
  readonly #call: Call;

  constructor(call: Call) {
    this.#call = call;
  }

  write(bytes: Uint8Array, written: () => void): void {
    // An error of the write is told by the status.
    this.#call.write(toBuffer(bytes), (error: Error | null | undefined) => {
      if (error === null || error === undefined) written();
    });
  }

  pause(): void {
    this.#call.pause();
  }

  resume(): void {
    this.#call.resume();
  }

  /** A client can say no more than that it has finished. */
  finish(): void {
    this.#call.end();
  }

  cut(): void {
    this.#call.cancel();
  }
}
