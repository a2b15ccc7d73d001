import { setTimeout } from 'node:timers/promises';
import { ZnodeService } from '@paddock/contracts';
import type { paddock } from '@paddock/contracts';
import { callStream, readWatchPart, StreamCallError, writeWatchRequest } from '@paddock/link-grpc';
import type { StreamCallOptions, WatchPart } from '@paddock/link-grpc';
import {
  DEFAULT_LIMITS,
  DEFAULT_TIMING,
  DEPTH_MAX,
  PLAIN_WATCH,
  parseZnodePath,
  StreamProgress,
  watchStart,
  ZXID_ZERO,
} from '@paddock/model';
import type { ErrorCode, EventKind, Stat, ZnodePath, Zxid } from '@paddock/model';
import type { Random } from '@paddock/ports';
import { callTermsOf } from './caller.ts';
import type { CallerOptions } from './caller.ts';
import { NODE_RANDOM } from './node-environment.ts';
import { abortedError, PaddockError } from './paddock-error.ts';
import { streamFailure } from './stream-answer.ts';
import type { StreamCall } from './stream-answer.ts';
import type { TreeView } from './tree-view.ts';

export interface ChangesOptions extends CallerOptions {
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

/** Where the parts of a watch come from, and how time passes between two attempts. */
export interface ChangesSource {
  parts(
    server: string,
    request: paddock.client.v1.WatchRequest.$Properties,
    terms: Pick<StreamCallOptions, 'tls' | 'signal' | 'authorization'>,
  ): AsyncIterable<WatchPart>;
  /** Resolves at once when the signal is aborted. */
  pause(ms: number, signal: AbortSignal): Promise<void>;
  readonly random: Pick<Random, 'below'>;
}

/** What another server, or the same one later, may answer otherwise. */
const PASSING: readonly ErrorCode[] = ['notServing', 'connectionLoss', 'operationTimeout'];

/**
 * Every change of a znode, or of a subtree, behind a zxid, in order: `readSubtree` names one. Those of one transaction
 * follow each other with its zxid. Once it has begun it goes on at another server by itself where it loses one, behind
 * what it has told, for as long as it takes. It ends with a PaddockError: `compacted` where nobody can tell any more
 * what is next, with the `oldest` zxid to begin at; `throttled` where changes were not taken fast enough, and
 * `resumeFrom` has the zxid to go on from; or whatever refuses it.
 */
export class Changes implements AsyncIterableIterator<Change, undefined> {
  readonly #path: string;
  readonly #changes: AsyncGenerator<Change, undefined>;
  readonly #source: ChangesSource;
  readonly #closing = new AbortController();
  #progress: StreamProgress | null = null;
  /** Attempts in a row that have told nothing. */
  #failures = 0;

  constructor(path: string, options: ChangesOptions, source: ChangesSource = GRPC_SOURCE) {
    this.#path = path;
    this.#source = source;
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

  /** Ends it, and whatever waits for its next change. */
  return(): Promise<IteratorResult<Change, undefined>> {
    this.#closing.abort();
    return this.#changes.return(undefined);
  }

  async *#all(options: ChangesOptions): AsyncGenerator<Change, undefined> {
    const parsed = parseZnodePath(this.#path);
    if (!parsed.ok) throw this.#failure('badArguments', parsed.reason);
    const signal = this.#signalOf(options);
    for (let attempt = 0; ; attempt++) {
      // Each time anew: a token may have been replaced.
      const call = { ...(await callTermsOf(options, 0)), verb: 'watch', path: this.#path };
      const { servers, view, terms } = call;
      const server = servers[attempt % servers.length] ?? '';
      let failure = this.#failure('connectionLoss', `${server}: the answer has ended`);
      try {
        const from = this.resumeFrom ?? options.from;
        const request = requestOf(view.absolute(this.#path), from, options);
        for await (const part of this.#source.parts(server, request, { ...terms, signal })) {
          this.#failures = 0;
          const change = this.#changeOf(part, view);
          if (change !== null) yield change;
        }
      } catch (error) {
        if (this.#hasClosed(options)) return undefined;
        if (!(error instanceof StreamCallError)) throw error;
        failure = this.#passing(error, server, call);
      }
      if (this.#hasClosed(options)) return undefined;
      await this.#lost(failure, servers.length, signal);
      if (this.#hasClosed(options)) return undefined;
    }
  }

  #signalOf({ signal }: ChangesOptions): AbortSignal {
    const closing = this.#closing.signal;
    return signal === undefined ? closing : AbortSignal.any([signal, closing]);
  }

  /** Throws where it was not closed, but given up. */
  #hasClosed({ signal }: ChangesOptions): boolean {
    if (this.#closing.signal.aborted) return true;
    if (signal?.aborted !== true) return false;
    throw abortedError(this.#path, `watch ${this.#path}`, signal);
  }

  /** Of what is to be tried again; throws what is not. */
  #passing(error: StreamCallError, server: string, call: StreamCall): PaddockError {
    const { refusal } = error;
    const isPassing = refusal !== undefined && PASSING.includes(refusal.failed.code);
    if (refusal !== undefined && !isPassing) throw streamFailure(error, call);
    const failure = this.#failure('connectionLoss', `${server}: ${error.message}`);
    // What gRPC itself refuses from the start would be refused again; later it is the connection that has broken.
    if (refusal === undefined && !error.isUnavailable && this.#progress === null) throw failure;
    return failure;
  }

  /** Before it has begun every server is asked once. Then it waits for one that answers, longer from round to round. */
  async #lost(failure: PaddockError, servers: number, signal: AbortSignal): Promise<void> {
    this.#failures++;
    if (this.#progress === null) {
      if (this.#failures >= servers) throw failure;
      return;
    }
    this.#progress.streamEnded();
    const rounds = Math.floor(this.#failures / servers);
    if (rounds === 0) return;
    const { reconnectMs, reconnectMaxMs } = DEFAULT_TIMING;
    const mostMs = Math.min(reconnectMs * 2 ** Math.min(rounds - 1, 16), reconnectMaxMs);
    const ms = mostMs / 2 + this.#source.random.below(Math.ceil(mostMs / 2));
    await this.#source.pause(ms, signal);
  }

  /** Null: that was told before. */
  #changeOf(part: WatchPart, view: TreeView): Change | null {
    if (part.kind === 'event') {
      if (this.#progress?.tells(part.event) === false) return null;
      return { ...part.event, path: view.shown(part.event.path), ...part.shown };
    }
    const { zxid } = part;
    if (this.#progress === null) this.#progress = new StreamProgress(watchStart(zxid));
    else if (zxid <= this.#progress.from) return null;
    this.#progress.covered(zxid);
    return { kind: 'progress', zxid };
  }

  #failure(code: PaddockError['code'], reason: string): PaddockError {
    return new PaddockError(code, this.#path, `watch ${this.#path}: ${reason} (${code})`);
  }
}

function requestOf(
  path: string,
  from: Zxid | undefined,
  options: ChangesOptions,
): paddock.client.v1.WatchRequest.$Properties {
  return writeWatchRequest(path, from ?? ZXID_ZERO, {
    kinds: options.kinds ?? PLAIN_WATCH.kinds,
    depth: Math.min(options.depth ?? 0, DEPTH_MAX),
    withStat: options.stat ?? false,
    withData: options.data ?? false,
    progressMs: options.progressMs ?? 0,
  });
}

const GRPC_SOURCE: ChangesSource = {
  async *parts(server, request, terms) {
    const options = { limits: DEFAULT_LIMITS, timeoutMs: 0, ...terms };
    for await (const message of callStream(server, ZnodeService.watch, request, options)) {
      yield readWatchPart(message);
    }
  },
  pause: (ms, signal) => setTimeout(ms, undefined, { signal }).catch(() => undefined),
  random: NODE_RANDOM,
};

export function watchChanges(path: string, options: ChangesOptions = {}): Changes {
  return new Changes(path, options);
}
