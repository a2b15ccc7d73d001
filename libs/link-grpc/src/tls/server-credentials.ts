import { ServerCredentials } from '@grpc/grpc-js';
import type { CertificateFiles } from './certificate-files.ts';

/** What a server asks of who connects. `optional`: one that does not verify is as good as none. */
export type PeerCertificates = 'none' | 'optional' | 'required';

export interface ServerTls {
  readonly files: CertificateFiles;
  readonly peers: PeerCertificates;
}

type Watcher = Parameters<ServerCredentials['_addWatcher']>[0];

/** How often the files of a server are looked at. */
const LOOK_MS = 10_000;

/** The certificate of a server as the files have it, also after they have changed: new connections get the new one. */
export class FileServerCredentials extends ServerCredentials {
  readonly #files: CertificateFiles;
  #looking: NodeJS.Timeout | undefined;
  #forget: (() => void) | undefined;

  constructor({ files, peers }: ServerTls) {
    const asked = { requestCert: peers !== 'none', rejectUnauthorized: peers === 'required' };
    super(asked, files.options);
    this.#files = files;
  }

  /** A listening server watches, and stops when it no longer listens. */
  override _addWatcher(watcher: Watcher): void {
    super._addWatcher(watcher);
    if (this.#looking !== undefined) return;
    this.#looking = setInterval(() => this.#files.reread(), LOOK_MS).unref();
    this.#forget = this.#files.onReread((reread) => {
      if (reread === 'changed') this.updateSecureContextOptions(this.#files.options);
    });
  }

  override _removeWatcher(watcher: Watcher): void {
    super._removeWatcher(watcher);
    if (this.getWatcherCount() > 0) return;
    clearInterval(this.#looking);
    this.#forget?.();
    this.#looking = undefined;
  }

  override _equals(other: ServerCredentials): boolean {
    return this === other;
  }
}
