// X.509 certificates for tests, written by hand: Node reads them and makes none.
import { createHash, generateKeyPairSync, randomBytes, sign } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { isIPv4 } from 'node:net';
import { join } from 'node:path';

/** A certificate and its key, both PEM. */
export interface CertifiedKey {
  readonly cert: string;
  readonly key: string;
}

export interface CertificateWish {
  /** Attributes of the subject in the order of the certificate; a common name where it is text. */
  readonly subject: string | readonly (readonly [keyof typeof ATTRIBUTES, string])[];
  /** Host names and IPv4 addresses; this machine unless told otherwise. */
  readonly hosts?: readonly string[];
  /** Relative to now. */
  readonly validFromMs?: number;
  readonly validUntilMs?: number;
}

/** The files of one end, as configurations name them. */
export interface CertificatePaths {
  readonly cert: string;
  readonly key: string;
  readonly ca: string;
}

const ATTRIBUTES = { commonName: '550403', organization: '55040a', unit: '55040b' } as const;

const DAY_MS = 24 * 60 * 60 * 1000;
const ECDSA_WITH_SHA256 = der(0x30, oid('2a8648ce3d040302'));

/** An authority that exists for one test. */
export class CertificateAuthority {
  readonly cert: string;
  readonly #name: Buffer;
  readonly #key: KeyObject;

  constructor(name: string) {
    const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    this.#name = nameOf(name);
    this.#key = privateKey;
    const constraints = extension('551d13', der(0x30, der(0x01, Buffer.of(0xff))), true);
    this.cert = this.#sign({ subject: name }, publicKey, [constraints]);
  }

  issue(wish: CertificateWish): CertifiedKey {
    const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const hosts = wish.hosts ?? ['localhost', '127.0.0.1'];
    const names = hosts.map((host) =>
      isIPv4(host)
        ? der(0x87, Buffer.from(host.split('.').map(Number)))
        : der(0x82, Buffer.from(host, 'latin1')),
    );
    const extensions = names.length === 0 ? [] : [extension('551d11', der(0x30, ...names))];
    const key = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
    return { cert: this.#sign(wish, publicKey, extensions), key };
  }

  /** The same as files in `directory`; what had these names is replaced. */
  write(directory: string, name: string, wish: CertificateWish): CertificatePaths {
    const { cert, key } = this.issue(wish);
    const paths = {
      cert: join(directory, `${name}.pem`),
      key: join(directory, `${name}.key`),
      ca: join(
        directory,
        `${createHash('sha256').update(this.cert).digest('hex').slice(0, 8)}.pem`,
      ),
    };
    writeFileSync(paths.cert, cert);
    writeFileSync(paths.key, key, { mode: 0o600 });
    writeFileSync(paths.ca, this.cert);
    return paths;
  }

  #sign(wish: CertificateWish, publicKey: KeyObject, extensions: readonly Buffer[]): string {
    const { validFromMs = -DAY_MS, validUntilMs = DAY_MS } = wish;
    const now = Date.now();
    const signed = der(
      0x30,
      der(0xa0, der(0x02, Buffer.of(2))),
      der(0x02, Buffer.concat([Buffer.of(1), randomBytes(8)])),
      ECDSA_WITH_SHA256,
      this.#name,
      der(0x30, utcTime(now + validFromMs), utcTime(now + validUntilMs)),
      nameOf(wish.subject),
      publicKey.export({ type: 'spki', format: 'der' }),
      ...(extensions.length === 0 ? [] : [der(0xa3, der(0x30, ...extensions))]),
    );
    const signature = sign('sha256', signed, this.#key);
    const bits = der(0x03, Buffer.of(0), signature);
    return pem(der(0x30, signed, ECDSA_WITH_SHA256, bits));
  }
}

function nameOf(subject: CertificateWish['subject']): Buffer {
  const attributes = typeof subject === 'string' ? [['commonName', subject] as const] : subject;
  return der(
    0x30,
    ...attributes.map(([attribute, value]) =>
      der(0x31, der(0x30, oid(ATTRIBUTES[attribute]), der(0x0c, Buffer.from(value)))),
    ),
  );
}

function extension(id: string, value: Buffer, critical = false): Buffer {
  const flags = critical ? [der(0x01, Buffer.of(0xff))] : [];
  return der(0x30, oid(id), ...flags, der(0x04, value));
}

function oid(hex: string): Buffer {
  return der(0x06, Buffer.from(hex, 'hex'));
}

function utcTime(ms: number): Buffer {
  const digits = new Date(ms).toISOString().replaceAll(/[-:T]/g, '').slice(2, 14);
  return der(0x17, Buffer.from(`${digits}Z`));
}

/** One element of the distinguished encoding rules: tag, length, contents. */
function der(tag: number, ...contents: readonly Buffer[]): Buffer {
  const content = Buffer.concat(contents);
  const { length } = content;
  if (length < 0x80) return Buffer.concat([Buffer.of(tag, length), content]);
  const bytes = length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.of(tag, ...bytes), content]);
}

function pem(bytes: Buffer): string {
  const lines = bytes.toString('base64').match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`;
}
