import { connect, createServer } from 'node:net';
import type { Server, Socket } from 'node:net';
import type { AddressInfo } from 'node:net';

/** Which way bytes go: `up` from whoever dials. */
export type Direction = 'up' | 'down';

const DIRECTIONS: readonly Direction[] = ['up', 'down'];

/** One way of one connection. What its source says while it is stalled waits, its end too: a network that drops. */
class Way {
  readonly #source: Socket;
  readonly #sink: Socket;
  #isStalled = false;
  #hasClosed = false;

  constructor(source: Socket, sink: Socket, isStalled: boolean) {
    this.#source = source;
    this.#sink = sink;
    source.on('data', (bytes) => {
      if (!sink.write(bytes)) source.pause();
    });
    source.on('end', () => sink.end());
    // What a reset means is told by 'close'.
    source.on('error', () => undefined);
    source.on('close', () => {
      this.#hasClosed = true;
      if (!this.#isStalled) sink.destroy();
    });
    sink.on('drain', () => {
      if (!this.#isStalled) source.resume();
    });
    this.stall(isStalled);
  }

  stall(isStalled: boolean): void {
    this.#isStalled = isStalled;
    if (isStalled) this.#source.pause();
    else if (this.#hasClosed) this.#sink.destroy();
    else this.#source.resume();
  }
}

/** Stands before one listener for one dialler, and can be cut, or stalled either way. */
export class TcpProxy {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #ways = { up: new Set<Way>(), down: new Set<Way>() };
  readonly #stalled = { up: false, down: false };
  #isCut = false;

  private constructor(server: Server, target: string) {
    this.#server = server;
    server.on('connection', (dialled) => this.#join(dialled, target));
  }

  /** `target` is "host:port". */
  static start(target: string): Promise<TcpProxy> {
    // An end of one side alone is carried over as such.
    const server = createServer({ allowHalfOpen: true, noDelay: true });
    return new Promise((resolve, reject) => {
      server.once('error', reject);
      server.listen(0, '127.0.0.1', () => resolve(new TcpProxy(server, target)));
    });
  }

  get address(): string {
    const bound: AddressInfo | string | null = this.#server.address();
    if (bound === null || typeof bound === 'string') return '';
    return `${bound.address}:${bound.port}`;
  }

  /** Breaks every connection and refuses new ones. */
  cut(): void {
    this.#isCut = true;
    for (const socket of this.#sockets) socket.destroy();
  }

  /** Nothing goes this way any more, and nobody is told. */
  stall(direction: Direction): void {
    this.#stalled[direction] = true;
    for (const way of this.#ways[direction]) way.stall(true);
  }

  /** What waited goes on. */
  heal(): void {
    this.#isCut = false;
    for (const direction of DIRECTIONS) {
      if (!this.#stalled[direction]) continue;
      this.#stalled[direction] = false;
      for (const way of this.#ways[direction]) way.stall(false);
    }
  }

  stop(): void {
    this.cut();
    this.#server.close();
  }

  #join(dialled: Socket, target: string): void {
    if (this.#isCut) {
      dialled.on('error', () => undefined).destroy();
      return;
    }
    const [host = '', port = ''] = target.split(':');
    const reached = connect({ host, port: Number(port), allowHalfOpen: true, noDelay: true });
    for (const socket of [dialled, reached]) {
      this.#sockets.add(socket);
      socket.once('close', () => this.#sockets.delete(socket));
    }
    this.#keep('up', new Way(dialled, reached, this.#stalled.up), dialled);
    this.#keep('down', new Way(reached, dialled, this.#stalled.down), reached);
  }

  #keep(direction: Direction, way: Way, source: Socket): void {
    this.#ways[direction].add(way);
    source.once('close', () => {
      // One that is stalled still has its end to tell.
      if (!this.#stalled[direction]) this.#ways[direction].delete(way);
    });
  }
}
