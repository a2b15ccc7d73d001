import { X509Certificate } from 'node:crypto';
import type { PeerIdentity } from '@paddock/ports';

/** What grpc-js calls tell of their connection; it gives a certificate only where it has been verified. */
interface Authenticated {
  getAuthContext?(): { readonly sslPeerCertificate?: { readonly raw?: Buffer } };
}

/** Undefined: the other end has shown no certificate, or none that is trusted, or one of nobody. */
export function x509IdentityOf(call: Authenticated): PeerIdentity | undefined {
  const raw = call.getAuthContext?.().sslPeerCertificate?.raw;
  if (raw === undefined) return undefined;
  const id = subjectOf(new X509Certificate(raw));
  return id === '' ? undefined : { scheme: 'x509', id };
}

/**
 * Node writes an attribute a line, escaped as RFC 2253 has it, in the order of the certificate; RFC 2253 has the last
 * one first. A "+" that is no part of a value joins two. A certificate without a subject has undefined here, whatever
 * its type says.
 */
function subjectOf(certificate: { readonly subject?: string }): string {
  const lines = (certificate.subject ?? '').split('\n').toReversed();
  return lines.join(',').replaceAll(' + ', '+');
}
