// Certificates as files: checked before they are used, and read again when they change.
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createSecureContext, type SecureContext, type SecureContextOptions } from 'node:tls';
import { FileInUseError, FilesInUse } from './files-in-use.ts';

/** PEM files. `cert` and `key` go together; they may be absent at a client's end alone. */
export interface CertificatePaths {
  /** The certificate of this end, with those between it and its authority behind it. */
  readonly cert?: string | undefined;
  readonly key?: string | undefined;
  /** The authorities that the other end's certificate may come from. At a client's end: Node's own list without it. */
  readonly ca?: string | undefined;
}

/** A file that cannot be used as what it is named for. */
export class CertificateError extends FileInUseError {
  override readonly name = 'CertificateError';
}

interface Material {
  readonly options: SecureContextOptions;
  readonly context: SecureContext;
  /** Undefined where this end has none. */
  readonly certificate: X509Certificate | undefined;
}

/** What one end shows of itself and asks of the other. */
export class CertificateFiles extends FilesInUse<Material> {
  /** Throws a CertificateError. */
  constructor(paths: CertificatePaths) {
    const { cert, key, ca } = paths;
    const files = [cert, key, ca].filter((file) => file !== undefined);
    super(files, () => read(paths));
  }

  get options(): SecureContextOptions {
    return this.material.options;
  }

  get context(): SecureContext {
    return this.material.context;
  }

  /** When the certificate of this end stops to hold; undefined where it has none. */
  get validUntil(): Date | undefined {
    const { certificate } = this.material;
    return certificate === undefined ? undefined : new Date(certificate.validTo);
  }
}

function read({ cert, key, ca }: CertificatePaths): Material {
  const authorities = ca === undefined ? undefined : readCertificates(ca);
  const identity = cert === undefined ? undefined : readCertificates(cert);
  const options: SecureContextOptions = {
    ...(authorities === undefined ? {} : { ca: authorities.pem }),
    ...(identity === undefined ? {} : { cert: identity.pem }),
    ...(key === undefined ? {} : { key: readKey(key, cert, identity?.first) }),
  };
  try {
    const context = createSecureContext(options);
    return { options, context, certificate: identity?.first };
  } catch (error) {
    throw new CertificateError(cert ?? ca ?? '', `cannot be used: ${textOf(error)}`, {
      cause: error,
    });
  }
}

function readCertificates(file: string): { pem: Buffer; first: X509Certificate } {
  const pem = readPem(file);
  try {
    return { pem, first: new X509Certificate(pem) };
  } catch (error) {
    const problem = `is no certificate in PEM (${textOf(error)})`;
    throw new CertificateError(file, problem, { cause: error });
  }
}

function readKey(
  file: string,
  certFile: string | undefined,
  certificate: X509Certificate | undefined,
): Buffer {
  const pem = readPem(file);
  let isOfCertificate: boolean;
  try {
    const key = createPrivateKey(pem);
    isOfCertificate = certificate?.checkPrivateKey(key) ?? true;
  } catch (error) {
    const problem = `is no private key in PEM without a passphrase (${textOf(error)})`;
    throw new CertificateError(file, problem, { cause: error });
  }
  if (!isOfCertificate) {
    throw new CertificateError(file, `is not the key of the certificate in ${certFile ?? ''}`);
  }
  return pem;
}

function readPem(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (error) {
    throw new CertificateError(file, `cannot be read (${textOf(error)})`, { cause: error });
  }
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
