import { isAbsolute, resolve } from 'node:path';
import { z } from 'zod';

/** Of the port for clients. */
export interface ClientsTls {
  readonly cert: string;
  readonly key: string;
  /** Authorities of the certificates of clients; undefined: clients are not asked for one. */
  readonly ca: string | undefined;
  readonly clientCertificates: 'none' | 'optional' | 'required';
}

/** Of all links between stages and replicas: both ends show their certificate, and both come from `ca`. */
export interface LinksTls {
  readonly cert: string;
  readonly key: string;
  readonly ca: string;
}

/** PEM files, by absolute paths; what is undefined is not encrypted. */
export interface ReplicaTls {
  readonly clients: ClientsTls | undefined;
  readonly links: LinksTls | undefined;
}

const file = z.string().min(1);

export const tlsSchema = z.strictObject({
  clients: z
    .strictObject({
      cert: file,
      key: file,
      ca: file.optional(),
      clientCertificates: z.enum(['optional', 'required']).optional(),
    })
    .refine(
      ({ ca, clientCertificates }) => ca !== undefined || clientCertificates === undefined,
      'clientCertificates needs "ca", the file with the authorities that they come from',
    )
    .optional(),
  links: z.strictObject({ cert: file, key: file, ca: file }).optional(),
});

/** Paths start at `base`. Who names an authority for clients wants their certificates, unless it says otherwise. */
export function replicaTls(tls: z.output<typeof tlsSchema>, base: string): ReplicaTls {
  const at = (path: string): string => (isAbsolute(path) ? path : resolve(base, path));
  const { clients, links } = tls;
  return {
    clients:
      clients === undefined
        ? undefined
        : {
            cert: at(clients.cert),
            key: at(clients.key),
            ca: clients.ca === undefined ? undefined : at(clients.ca),
            clientCertificates:
              clients.ca === undefined ? 'none' : (clients.clientCertificates ?? 'required'),
          },
    links:
      links === undefined
        ? undefined
        : { cert: at(links.cert), key: at(links.key), ca: at(links.ca) },
  };
}
