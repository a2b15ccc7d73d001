import { isIP } from 'node:net';
import type { Socket } from 'node:net';
import { checkServerIdentity, connect } from 'node:tls';
import type { TLSSocket } from 'node:tls';
import type { CertificateFiles } from './certificate-files.ts';
import { brokenOff, tlsFailure } from './tls-failure.ts';

/** How long a server that gives out no tickets for its session may take over a certificate before it is tried. */
const VERDICT_MS = 1000;

/**
 * TLS over a socket that has connected to `host`, which the other end's certificate has to name. Resolves when both
 * ends have taken each other's certificate; rejects with a TlsFailure.
 */
export function secure(socket: Socket, host: string, files: CertificateFiles): Promise<TLSSocket> {
  return new Promise((resolve, reject) => {
    let isVerified = false;
    let isTaken = false;
    let timer: NodeJS.Timeout | undefined;
    const settle = (): void => {
      clearTimeout(timer);
      secured.off('session', taken).off('error', failed).off('close', closed);
      // Whoever gets it listens later in this turn of the event loop, or never.
      secured.on('error', () => undefined);
    };
    const failed = (error: Error): void => {
      settle();
      reject(tlsFailure(error, isVerified, files));
    };
    const closed = (): void => {
      settle();
      reject(brokenOff(isVerified, files));
    };
    const succeed = (): void => {
      if (!isVerified || !isTaken) return;
      settle();
      resolve(secured);
    };
    const taken = (): void => {
      isTaken = true;
      succeed();
    };
    const secured = connect({
      socket,
      secureContext: files.context,
      rejectUnauthorized: true,
      ALPNProtocols: ['h2'],
      // The names of servers are sent, addresses are not: RFC 6066 has none.
      ...(isIP(host) === 0 ? { servername: host } : {}),
      checkServerIdentity: (_name, certificate) => checkServerIdentity(host, certificate),
    });
    secured.once('error', failed).once('close', closed).once('session', taken);
    secured.once('secureConnect', () => {
      isVerified = true;
      // With TLS 1.3 this end is done before the other has looked at its certificate, and has a ticket once it has.
      if (secured.getProtocol() !== 'TLSv1.3') taken();
      else timer = setTimeout(taken, VERDICT_MS);
      succeed();
    });
  });
}
