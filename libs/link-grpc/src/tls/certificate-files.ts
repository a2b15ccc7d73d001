// Certificates as files: checked before they are used, and read again when they change.
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { createSecureContext, type SecureContext, type SecureContextOptions } from 'node:tls';

/** PEM files. `cert` and `key` go together; they may be absent at a client's end alone. */
export interface CertificatePaths {
  /** The certificate of this end, with those between it and its authority behind it. */
  readonly cert?: string | undefined;
  readonly key?: string | undefined;
  /** The authorities that the other end's certificate may come from. At a client's end: Node's own list without it. */
  readonly ca?: string | undefined;
}

/** A file that cannot be used as what it is named for. */
export class CertificateError extends Error {
  override readonly name = 'CertificateError';
  readonly file: string;
  constructor(file: string, problem: string, options?: ErrorOptions) {
    super(`${file}: ${problem}`, options);
    this.file = file;
  }
}

interface Material {
  readonly options: SecureContextOptions;
  readonly context: SecureContext;
  /** Undefined where this end has none. */
  readonly certificate: X509Certificate | undefined;
}

export type Reread = 'unchanged' | 'changed' | CertificateError;

/** What one end shows of itself and asks of the other. Bad files never replace good ones that were read before. */
export class CertificateFiles {
  readonly #paths: CertificatePaths;
  readonly #listeners = new Set<(reread: 'changed' | CertificateError) => void>();
  #material: Material;
  #stamps: string;

  /** Throws a CertificateError. */
  constructor(paths: CertificatePaths) {
    this.#paths = paths;
    this.#stamps = stampsOf(paths);
    this.#material = read(paths);
  }

  get options(): SecureContextOptions {
    return this.#material.options;
  }

  get context(): SecureContext {
    return this.#material.context;
  }

  /** When the certificate of this end stops to hold; undefined where it has none. */
  get validUntil(): Date | undefined {
    const { certificate } = this.#material;
    return certificate === undefined ? undefined : new Date(certificate.validTo);
  }

  /** Told of what a change of the files has come to. Returns what ends that. */
  onReread(listener: (reread: 'changed' | CertificateError) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Looks at the files, and reads them if they are not those of the last time. */
  reread(): Reread {
    let reread: 'changed' | CertificateError = 'changed';
    try {
      const stamps = stampsOf(this.#paths);
      if (stamps === this.#stamps) return 'unchanged';
      // Also where they are bad: that is told once, and they are looked at again when they change again.
      this.#stamps = stamps;
      this.#material = read(this.#paths);
    } catch (error) {
      if (!(error instanceof CertificateError)) throw error;
      reread = error;
    }
    for (const listener of this.#listeners) listener(reread);
    return reread;
  }
}

function stampsOf({ cert, key, ca }: CertificatePaths): string {
  return [cert, key, ca].map((file) => (file === undefined ? '' : stampOf(file))).join();
}

function stampOf(file: string): string {
  // A file that is being replaced may be away for a moment; it is missed when it is read.
  const stat = statSync(file, { bigint: true, throwIfNoEntry: false });
  return stat === undefined ? 'none' : `${stat.ino} ${stat.size} ${stat.mtimeNs}`;
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
