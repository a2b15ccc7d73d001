import { CallCredentials, ChannelCredentials, credentials } from '@grpc/grpc-js';
import type { experimental } from '@grpc/grpc-js';
import type { CertificateFiles } from './certificate-files.ts';
import { secure } from './secure-connection.ts';

/** What a client dials with; without certificates nothing is encrypted. */
export function channelCredentials(files: CertificateFiles | undefined): ChannelCredentials {
  return files === undefined ? credentials.createInsecure() : new FileChannelCredentials(files);
}

type Target = Parameters<ChannelCredentials['_createSecureConnector']>[0];

/**
 * What a dialling end shows and asks, as the files have it when it connects. Those of grpc-js keep what they were made
 * with, send addresses as names of servers, and do not say why the other end broke off.
 */
class FileChannelCredentials extends ChannelCredentials {
  readonly #files: CertificateFiles;

  constructor(files: CertificateFiles) {
    super();
    this.#files = files;
  }

  override _isSecure(): boolean {
    return true;
  }

  override _equals(other: ChannelCredentials): boolean {
    return this === other;
  }

  override _createSecureConnector(
    target: Target,
    _options: unknown,
    callCredentials: CallCredentials = CallCredentials.createEmpty(),
  ): experimental.SecureConnector {
    return {
      connect: async (socket) => {
        this.#files.reread();
        const host = hostOf(target.path);
        return { socket: await secure(socket, host, this.#files), secure: true };
      },
      waitForReady: () => Promise.resolve(),
      getCallCredentials: () => callCredentials,
      destroy: () => undefined,
    };
  }
}

/** Of "host:port" or "[v6]:port". */
function hostOf(address: string): string {
  return address.replace(/:\d+$/, '').replace(/^\[(.*)\]$/, '$1');
}
