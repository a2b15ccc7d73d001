import { ZnodeService } from '@paddock/contracts';
import { callStream, readWatchPart, StreamCallError, writeWatchRequest } from '@paddock/link-grpc';
import type { WatchPart } from '@paddock/link-grpc';
import {
  DEFAULT_LIMITS,
  DEPTH_MAX,
  PLAIN_WATCH,
  parseZnodePath,
  WatchProgress,
  ZXID_ZERO,
} from '@paddock/model';
import type { EventKind, Stat, ZnodePath, Zxid } from '@paddock/model';
import { certificatesOf, DEFAULT_SERVERS, parseServers } from './connect.ts';
import type { TlsOptions } from './connect.ts';
import { PaddockError } from './paddock-error.ts';
import { streamFailure } from './stream-answer.ts';

export interface ChangesOptions {
  /** host:port of session front-ends, as a list or separated by commas; the first that answers is asked. */
  readonly servers?: string | readonly string[];
  /** Talks to the servers over TLS; without it nothing is encrypted. */
  readonly tls?: TlsOptions;
  /** Changes behind this one; from now on where it is absent. */
  readonly from?: Zxid;
  /** Of these kinds alone. */
  readonly kinds?: readonly EventKind[];
  /** Of znodes so many levels below the path too; Infinity: of all. 0, the default: of the znode alone. */
  readonly depth?: number;
  /** With the metadata of the znode. */
  readonly stat?: boolean;
  /** With the data of a znode that was created or set. */
  readonly data?: boolean;
  /** While there is nothing to tell, say so often how far it is, in ms from 100 on. */
  readonly progressMs?: number;
}

/** Something of a watch. */
export type Change =
  /** Every change up to here was told, and all behind it will be: the start, and then while it is quiet. */
  | { readonly kind: 'progress'; readonly zxid: Zxid }
  | {
      readonly kind: EventKind;
      readonly path: ZnodePath;
      readonly zxid: Zxid;
      /** As of the change; absent where it was not asked for, or a later change tells what it has come to. */
      readonly stat?: Stat;
      readonly data?: Uint8Array;
    };

/**
 * Every change of a znode, or of a subtree, behind a zxid, in order: `readSubtree` names one. Those of one transaction
 * follow each other with its zxid. Ends with a PaddockError: `compacted` where nobody can tell any more what was
 * before, `throttled` where changes were not taken fast enough. `resumeFrom` has the zxid to go on from.
 */
export class Changes implements AsyncIterableIterator<Change, undefined> {
  readonly #path: string;
  readonly #changes: AsyncGenerator<Change, undefined>;
  #progress: WatchProgress | null = null;

  constructor(path: string, options: ChangesOptions) {
    this.#path = path;
    this.#changes = this.#all(options);
  }

  /** A watch from here on misses nothing, and may tell the last transaction again; null before it has begun. */
  get resumeFrom(): Zxid | null {
    return this.#progress?.from ?? null;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(): Promise<IteratorResult<Change, undefined>> {
    return this.#changes.next();
  }

  return(): Promise<IteratorResult<Change, undefined>> {
    return this.#changes.return(undefined);
  }

  async *#all(options: ChangesOptions): AsyncGenerator<Change, undefined> {
    const parsed = parseZnodePath(this.#path);
    if (!parsed.ok) throw this.#failure('badArguments', parsed.reason);
    let unreached = this.#failure('connectionLoss', 'no server answers');
    for (const server of parseServers(options.servers ?? DEFAULT_SERVERS)) {
      try {
        for await (const part of partsOf(server, this.#path, options)) yield this.#changeOf(part);
        throw this.#failure('connectionLoss', 'the answer has ended');
      } catch (error) {
        if (!(error instanceof StreamCallError)) throw error;
        if (error.refusal !== undefined) throw streamFailure(error, 'watch', this.#path);
        unreached = this.#failure('connectionLoss', `${server}: ${error.message}`);
        if (!error.isUnavailable || this.#progress !== null) throw unreached;
      }
    }
    throw unreached;
  }

  #changeOf(part: WatchPart): Change {
    if (part.kind === 'event') {
      this.#progress?.tells(part.event);
      return { ...part.event, ...part.shown };
    }
    this.#progress ??= new WatchProgress(part.zxid);
    this.#progress.covered(part.zxid);
    return { kind: 'progress', zxid: part.zxid };
  }

  #failure(code: PaddockError['code'], reason: string): PaddockError {
    return new PaddockError(code, this.#path, `watch ${this.#path}: ${reason} (${code})`);
  }
}

async function* partsOf(
  server: string,
  path: string,
  options: ChangesOptions,
): AsyncGenerator<WatchPart, undefined> {
  const tls = certificatesOf(options.tls);
  const terms = { limits: DEFAULT_LIMITS, timeoutMs: 0, tls };
  const request = writeWatchRequest(path, options.from ?? ZXID_ZERO, {
    kinds: options.kinds ?? PLAIN_WATCH.kinds,
    depth: Math.min(options.depth ?? 0, DEPTH_MAX),
    withStat: options.stat ?? false,
    withData: options.data ?? false,
    progressMs: options.progressMs ?? 0,
  });
  for await (const message of callStream(server, ZnodeService.watch, request, terms)) {
    yield readWatchPart(message);
  }
}

export function watchChanges(path: string, options: ChangesOptions = {}): Changes {
  return new Changes(path, options);
}
