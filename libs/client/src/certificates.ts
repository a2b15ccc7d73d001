import { CertificateError, CertificateFiles } from '@paddock/link-grpc';
import { PaddockError } from './paddock-error.ts';

/** PEM files; each may be replaced while the client runs, and counts from the next connection on. */
export interface TlsOptions {
  /** The authorities that the servers' certificates come from; those that Node knows where this is absent. */
  readonly ca?: string | undefined;
  /** The client's own certificate, where the servers ask for one; with its `key`. */
  readonly cert?: string | undefined;
  readonly key?: string | undefined;
}

/** Undefined where nothing is to be encrypted. */
export function certificatesOf(tls: TlsOptions | undefined): CertificateFiles | undefined {
  if (tls === undefined) return undefined;
  if ((tls.cert === undefined) !== (tls.key === undefined)) {
    throw new PaddockError('badArguments', '', 'a certificate goes with its key: name both files');
  }
  try {
    return new CertificateFiles(tls);
  } catch (error) {
    if (!(error instanceof CertificateError)) throw error;
    throw new PaddockError('badArguments', '', error.message);
  }
}
