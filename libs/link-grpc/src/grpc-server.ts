// A grpc-js server with the limits of the project, and its port.
import { logVerbosity, Server, ServerCredentials, setLogVerbosity } from '@grpc/grpc-js';
import { serverOptions, type ServerSettings } from './channel-options.ts';
import { FileServerCredentials, type ServerTls } from './tls/server-credentials.ts';

/** The address could not be listened on. */
export class ListenError extends Error {
  override readonly name = 'ListenError';
  readonly address: string;
  readonly code: 'inUse' | 'notPermitted' | 'failed';
  constructor(address: string, code: ListenError['code'], options?: ErrorOptions) {
    super(`cannot listen on ${address}: ${PROBLEMS[code]}`, options);
    this.address = address;
    this.code = code;
  }
}

const PROBLEMS: Readonly<Record<ListenError['code'], string>> = {
  inUse: 'the port is in use',
  notPermitted: 'this process may not',
  failed: 'no such address on this machine, or none of its ports',
};

export function createGrpcServer(settings: ServerSettings): Server {
  // What grpc-js would print on its own is in the errors that it hands over.
  setLogVerbosity(logVerbosity.NONE);
  return new Server(serverOptions(settings));
}

/** Listens on "host:port", without `tls` unencrypted; port 0 lets the system choose. Resolves to the port. */
export function listen(server: Server, address: string, tls?: ServerTls): Promise<number> {
  const credentials =
    tls === undefined ? ServerCredentials.createInsecure() : new FileServerCredentials(tls);
  return new Promise((resolve, reject) => {
    server.bindAsync(address, credentials, (error, port) => {
      if (error === null) resolve(port);
      else reject(new ListenError(address, codeOf(error), { cause: error }));
    });
  });
}

// grpc-js hands on only the text of what the system has said.
function codeOf(error: Error): ListenError['code'] {
  if (error.message.includes('EADDRINUSE')) return 'inUse';
  return error.message.includes('EACCES') ? 'notPermitted' : 'failed';
}

/** Stops accepting, lets what runs end for `graceMs`, then ends it. */
export function shutDown(server: Server, graceMs: number): Promise<void> {
  return new Promise((resolve) => {
    const force = setTimeout(() => server.forceShutdown(), graceMs);
    server.tryShutdown(() => {
      clearTimeout(force);
      resolve();
    });
  });
}
