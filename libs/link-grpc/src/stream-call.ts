// The calling end of an rpc that is answered by a stream.
import { Client, Metadata, status, type ServiceError } from '@grpc/grpc-js';
import type { Method } from '@paddock/contracts';
import { DEFAULT_TIMING } from '@paddock/model';
import { toBuffer } from './buffer.ts';
import { channelOptions } from './channel-options.ts';
import type { CertificateFiles } from './tls/certificate-files.ts';
import { channelCredentials } from './tls/channel-credentials.ts';
import { refusalOf, type Refusal } from './error-status.ts';
import type { LinkLimits } from './stream-link.ts';

/** The call has failed: refused for a reason, or by gRPC, which has none to give beside its status. */
export class StreamCallError extends Error {
  override readonly name = 'StreamCallError';
  readonly refusal: Refusal | undefined;
  /** Nobody was reached, or the connection broke. */
  readonly isUnavailable: boolean;

  constructor(error: ServiceError) {
    super(error.details);
    this.refusal = refusalOf(error);
    this.isUnavailable = this.refusal === undefined && error.code === status.UNAVAILABLE;
  }
}

export interface StreamCallOptions {
  readonly limits: LinkLimits;
  /** What the connection is secured with; without it nothing is encrypted. */
  readonly tls?: CertificateFiles | undefined;
  /** The header of that name, which says who asks. */
  readonly authorization?: string | undefined;
  /** For all of the answer; 0: as long as it takes. */
  readonly timeoutMs: number;
  /** Aborted where nobody waits for the answer any more: it ends, and fails. */
  readonly signal?: AbortSignal | undefined;
}

/** A window that lets the sender run ahead of a reader that writes to a disk. */
const WINDOW_BYTES = 4 * 1024 * 1024;

/**
 * The messages that answer one request to the server at `address`, as fast as they are taken. A connection of its own,
 * which ends with the iteration. Throws a StreamCallError.
 */
export async function* callStream<QI, Q extends QI, RI, R extends RI>(
  address: string,
  method: Method<'serverStream', QI, Q, RI, R>,
  request: QI,
  options: StreamCallOptions,
): AsyncGenerator<R, undefined> {
  const client = new Client(
    address,
    channelCredentials(options.tls),
    channelOptions({
      messageBytes: options.limits.linkMessageBytes,
      windowBytes: WINDOW_BYTES,
      reconnectMs: DEFAULT_TIMING.reconnectMs,
    }),
  );
  const call = client.makeServerStreamRequest(
    method.path,
    (message: QI) => toBuffer(method.request.encode(message).finish()),
    (bytes: Buffer) => method.response.decode(bytes),
    request,
    metadataOf(options),
    options.timeoutMs === 0 ? {} : { deadline: Date.now() + options.timeoutMs },
  );
  const stop = (): void => call.cancel();
  if (options.signal?.aborted === true) stop();
  options.signal?.addEventListener('abort', stop, { once: true });
  try {
    const messages: AsyncIterable<R> = call;
    for await (const message of messages) yield message;
  } catch (error) {
    if (error instanceof Error && 'metadata' in error) {
      // eslint-disable-next-line @typescript-eslint/no-unsafe-type-assertion -- grpc-js fails calls with these
      throw new StreamCallError(error as ServiceError);
    }
    throw error;
  } finally {
    options.signal?.removeEventListener('abort', stop);
    call.cancel();
    client.close();
  }
}

function metadataOf({ authorization }: StreamCallOptions): Metadata {
  const metadata = new Metadata();
  if (authorization !== undefined) metadata.set('authorization', authorization);
  return metadata;
}
