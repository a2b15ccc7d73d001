import type { CertificateFiles } from './certificate-files.ts';

/** Why two ends could not agree on a connection, in words for whom it concerns. */
export class TlsFailure extends Error {
  override readonly name = 'TlsFailure';
}

const UNTRUSTED = 'the certificate of the other end is of no authority that is trusted here';
const NO_TLS = 'the other end does not speak TLS';

const WORDS: Readonly<Record<string, string>> = {
  CERT_HAS_EXPIRED: 'the certificate of the other end has expired',
  CERT_NOT_YET_VALID: 'the certificate of the other end does not hold yet',
  DEPTH_ZERO_SELF_SIGNED_CERT: UNTRUSTED,
  SELF_SIGNED_CERT_IN_CHAIN: UNTRUSTED,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: UNTRUSTED,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: UNTRUSTED,
  UNABLE_TO_GET_ISSUER_CERT: UNTRUSTED,
  CERT_SIGNATURE_FAILURE: UNTRUSTED,
  ERR_SSL_WRONG_VERSION_NUMBER: NO_TLS,
  ERR_SSL_PACKET_LENGTH_TOO_LONG: NO_TLS,
  ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED: 'the other end wants a certificate, and got none',
};

/** `isVerified`: this end has found the other's certificate good. `files` are this end's. */
export function tlsFailure(error: Error, isVerified: boolean, files: CertificateFiles): TlsFailure {
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  if (code === 'ECONNRESET' || code === 'EPIPE') return brokenOff(isVerified, files);
  const words = WORDS[code];
  if (words === undefined) return new TlsFailure(`TLS: ${error.message}`, { cause: error });
  return new TlsFailure(`TLS: ${words} (${code})`, { cause: error });
}

/** The other end has ended the connection, and has not said why: a server of Node never does. */
export function brokenOff(isVerified: boolean, { validUntil }: CertificateFiles): TlsFailure {
  if (!isVerified || validUntil === undefined) {
    return new TlsFailure(
      'TLS: the other end broke off; it may not speak TLS, or want a certificate',
    );
  }
  const doubt =
    validUntil.getTime() < Date.now()
      ? 'has expired'
      : 'may be of an authority that is not trusted there';
  return new TlsFailure(
    `TLS: the other end did not take the certificate of this end, which ${doubt}`,
  );
}
