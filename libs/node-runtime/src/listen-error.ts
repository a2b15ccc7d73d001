import { createServer } from 'node:net';
import { parseAddress } from './address.ts';
import { OperatorError } from './operator-error.ts';
import { systemCodeOf } from './thrown.ts';

/** Turns what a failed `listen` says into one line; other errors pass. */
export function listenError(error: unknown, address: string, option: string): Error {
  const code = systemCodeOf(error);
  if (code === 'EADDRINUSE' || /EADDRINUSE|No address added/.test(String(error))) {
    return new OperatorError(
      `${address} is in use by another program: stop that one, or choose another with ${option}`,
    );
  }
  if (code === 'EACCES') {
    return new OperatorError(`not allowed to listen on ${address}: choose another with ${option}`);
  }
  return error instanceof Error ? error : new Error(String(error));
}

/** Throws an OperatorError unless the address can be listened on now; `option` is what chooses another. */
export async function assertPortFree(address: string, option: string): Promise<void> {
  const target = parseAddress(address);
  if (target === undefined) throw new OperatorError(`"${address}" is not host:port`);
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) => reject(listenError(error, address, option)));
    server.listen({ port: target.port, host: target.host }, () => server.close(() => resolve()));
  });
}
