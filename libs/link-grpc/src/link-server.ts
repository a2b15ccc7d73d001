// The accepting end: a boundary's method on a grpc-js server.
import type { Server, ServerDuplexStream, ServiceDefinition } from '@grpc/grpc-js';
import type { LinkAcceptor, LinkEnd, LinkHandlers } from '@paddock/ports';
import type { Boundary } from './boundary.ts';
import { statusOf, trailersOf } from './link-end.ts';
import { IDENTIFY_NOBODY, originOf } from './peer-identities.ts';
import type { IdentifyCaller } from './peer-identities.ts';
import { resetStream } from './stream-reset.ts';
import type { LinkTraffic } from './link-traffic.ts';
import { StreamLink, type LinkLimits, type Pipe } from './stream-link.ts';
import { x509IdentityOf } from './tls/peer-identity.ts';
import { identity, toBuffer } from './buffer.ts';

const NOBODY: LinkHandlers<unknown> = {
  received: () => undefined,
  drained: () => undefined,
  ended: () => undefined,
};

type Call = ServerDuplexStream<Buffer, Buffer>;

/**
 * Gives each stream of the boundary to the acceptor. An end that does not read is cut at limits.slowReaderBytes.
 * `traffic` counts what they carry.
 */
export function serveLink<Up, Down>(
  server: Server,
  boundary: Boundary<Up, Down>,
  acceptor: LinkAcceptor<Down, Up>,
  limits: LinkLimits,
  traffic: LinkTraffic | null = null,
  identify: IdentifyCaller = IDENTIFY_NOBODY,
): void {
  const definition: ServiceDefinition = {
    link: {
      path: boundary.method.path,
      requestStream: true,
      responseStream: true,
      requestSerialize: identity,
      requestDeserialize: identity,
      responseSerialize: identity,
      responseDeserialize: identity,
    },
  };
  server.addService(definition, {
    link: (call: Call) => accept(call, boundary, acceptor, limits, traffic, identify),
  });
}

function accept<Up, Down>(
  call: Call,
  boundary: Boundary<Up, Down>,
  acceptor: LinkAcceptor<Down, Up>,
  limits: LinkLimits,
  traffic: LinkTraffic | null,
  identify: IdentifyCaller,
): void {
  const link = new StreamLink(new ServerPipe(call), boundary.acceptor, limits, true, traffic);
  link.peer = x509IdentityOf(call);
  // The stream itself turns an error into a status; what it was has been told by then.
  call.on('error', () => undefined);
  call.on('cancelled', () => link.ended({ cause: 'lost', reason: 'the stream was broken off' }));
  // Until it is known who it is nothing is read: it waits in the other side's window.
  identify(originOf(call), (caller) => {
    if (call.cancelled) return;
    if ('refused' in caller) {
      link.attach(NOBODY);
      link.close({ cause: 'refused', reason: caller.refused.reason });
      return;
    }
    link.identities = caller.identities;
    link.attach(acceptor(link));
    read(call, link);
  });
}

function read<Down, Up>(call: Call, link: StreamLink<Down, Up>): void {
  call.on('data', (bytes: Buffer) => link.received(bytes));
  call.on('end', () => {
    // A stream that breaks off ends too, and says right after that it was broken off.
    setImmediate(() => {
      // An end that has closed by itself is still writing, and ends the stream when it has.
      if (call.cancelled || link.isClosing) return;
      link.ended({ cause: 'closed', reason: 'closed by the other side' });
      call.end();
    });
  });
}

class ServerPipe implements Pipe {
  readonly #call: Call;

  constructor(call: Call) {
    this.#call = call;
  }

  write(bytes: Uint8Array, written: () => void): void {
    // An error of the write is told by 'cancelled'.
    this.#call.write(toBuffer(bytes), (error?: Error | null) => {
      if (error === null || error === undefined) written();
    });
  }

  pause(): void {
    this.#call.pause();
  }

  resume(): void {
    this.#call.resume();
  }

  finish(end: LinkEnd): void {
    this.#call.end(trailersOf(end));
  }

  cut(end: LinkEnd): void {
    if (end.cause === 'tooSlow') {
      // Nothing that is written would ever leave, not even a status.
      resetStream(this.#call);
      return;
    }
    this.#call.emit('error', {
      code: statusOf(end),
      details: end.reason,
      metadata: trailersOf(end),
    });
    // The status waits behind what is being written; a reader that stands still would hold it.
    setTimeout(() => resetStream(this.#call), RESET_AFTER_MS).unref();
  }
}

/** How long the status of a stream that is cut may take to leave. */
const RESET_AFTER_MS = 1000;
