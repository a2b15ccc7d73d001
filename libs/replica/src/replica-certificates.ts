import { CertificateError, CertificateFiles } from '@paddock/link-grpc';
import type { CertificatePaths, ServerTls } from '@paddock/link-grpc';
import { OperatorError } from '@paddock/node-runtime';
import type { Logger, ReplicaConfiguration } from '@paddock/node-runtime';

/** What the ports and links of a process show and ask; what is undefined is not encrypted. */
export interface ReplicaCertificates {
  readonly clients: ServerTls | undefined;
  /** Of the server that other stages and replicas dial. */
  readonly served: ServerTls | undefined;
  /** Of the links that this process dials. */
  readonly dialled: CertificateFiles | undefined;
}

/** So long before it ends a certificate is spoken of. */
const NOTICE_MS = 14 * 24 * 60 * 60 * 1000;

/** Reads them; throws an OperatorError that names the file. What becomes of them later is in the log. */
export function replicaCertificates(
  { tls }: Pick<ReplicaConfiguration, 'tls'>,
  log: Logger,
): ReplicaCertificates {
  const { clients, links } = tls;
  const linkFiles = links === undefined ? undefined : openFiles(links, 'links', log);
  return {
    clients:
      clients === undefined
        ? undefined
        : { files: openFiles(clients, 'clients', log), peers: clients.clientCertificates },
    served: linkFiles === undefined ? undefined : { files: linkFiles, peers: 'required' },
    dialled: linkFiles,
  };
}

function openFiles(
  paths: CertificatePaths,
  of: 'clients' | 'links',
  log: Logger,
): CertificateFiles {
  const files = read(paths, of);
  const lookAtEnd = (): void => {
    const validUntil = files.validUntil;
    if (validUntil === undefined || validUntil.getTime() > Date.now() + NOTICE_MS) return;
    const fields = { certificate: paths.cert, of, validUntil: validUntil.toISOString() };
    log.warn(
      fields,
      'a certificate ends soon or has ended: replace the file, no restart is needed',
    );
  };
  lookAtEnd();
  files.onReread((reread) => {
    if (reread !== 'changed') {
      log.error({ of, reason: reread.message }, 'new certificates are not good: the old ones stay');
      return;
    }
    log.info({ of }, 'new certificates are in use for new connections');
    lookAtEnd();
  });
  return files;
}

function read(paths: CertificatePaths, of: 'clients' | 'links'): CertificateFiles {
  try {
    return new CertificateFiles(paths);
  } catch (error) {
    if (error instanceof CertificateError) throw new OperatorError(`"tls.${of}": ${error.message}`);
    throw error;
  }
}
