import { ZnodeService } from '@paddock/contracts';
import {
  callStream,
  readSnapshotPart,
  StreamCallError,
  writeSnapshotRequest,
} from '@paddock/link-grpc';
import type { SnapshotPart } from '@paddock/link-grpc';
import { parseZnodePath } from '@paddock/model';
import type { SubtreeZnode, Zxid } from '@paddock/model';
import { callTermsOf } from './caller.ts';
import type { CallerOptions } from './caller.ts';
import { PaddockError } from './paddock-error.ts';
import { termsOf } from './reading.ts';
import type { ConsistencyOptions } from './reading.ts';
import { firstAnswering, streamFailure } from './stream-answer.ts';
import type { StreamCall } from './stream-answer.ts';

const VERB = 'snapshot';

export interface SubtreeOptions extends ConsistencyOptions, CallerOptions {
  /** For the whole answer; 0, the default: as long as it takes. */
  readonly timeoutMs?: number;
}

/**
 * A znode and all below it as of one zxid, to be iterated once: each znode comes once, in no order that means anything.
 * Only as much is fetched as is taken. Whoever does not go to the end ends the iteration, as a `break` does.
 */
export interface Subtree extends AsyncIterableIterator<SubtreeZnode, undefined> {
  /** A watch from here on tells what has changed since, without a gap. */
  readonly zxid: Zxid;
}

/** Fails with a PaddockError; with `throttled` where the rest was taken so slowly that too much changed meanwhile. */
export async function readSubtree(path: string, options: SubtreeOptions = {}): Promise<Subtree> {
  const parsed = parseZnodePath(path);
  if (!parsed.ok) throw new PaddockError('badArguments', path, `${VERB}: ${parsed.reason}`);
  const call = { ...(await callTermsOf(options, options.timeoutMs ?? 0)), verb: VERB, path };
  return firstAnswering(call, async (server) => {
    const parts = partsOf(server, call.view.absolute(path), options, call.terms);
    const { value: first } = await parts.next();
    if (first?.kind !== 'begins') throw broken(path);
    return Object.assign(znodesOf(call, parts), { zxid: first.zxid });
  });
}

async function* partsOf(
  server: string,
  path: string,
  options: SubtreeOptions,
  terms: Parameters<typeof callStream>[3],
): AsyncGenerator<SnapshotPart, undefined> {
  const request = writeSnapshotRequest({ kind: 'getSubtree', path, ...termsOf(options) });
  for await (const message of callStream(server, ZnodeService.snapshot, request, terms)) {
    yield readSnapshotPart(message);
  }
}

async function* znodesOf(
  call: StreamCall,
  parts: AsyncGenerator<SnapshotPart, undefined>,
): AsyncGenerator<SubtreeZnode, undefined> {
  try {
    let count = 0;
    for await (const part of parts) {
      if (part.kind === 'ends') {
        if (part.count === count) return;
        break;
      }
      if (part.kind !== 'znodes') break;
      count += part.znodes.length;
      for (const it of part.znodes) yield { ...it, path: call.view.shown(it.path) };
    }
  } catch (error) {
    throw error instanceof StreamCallError ? streamFailure(error, call) : error;
  }
  throw broken(call.path);
}

function broken(path: string): PaddockError {
  return new PaddockError('connectionLoss', path, `${VERB} ${path}: the answer has no end`);
}
