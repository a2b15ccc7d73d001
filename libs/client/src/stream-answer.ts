import { StreamCallError } from '@paddock/link-grpc';
import { ZXID_ZERO } from '@paddock/model';
import type { CallTerms } from './caller.ts';
import { abortedError, PaddockError } from './paddock-error.ts';

/** A call that a stream answers. */
export interface StreamCall extends CallTerms {
  /** What it does, for people. */
  readonly verb: string;
  /** Empty where it is about no one znode. */
  readonly path: string;
}

/** Asks one server after the other until one is reached. Fails with a PaddockError. */
export async function firstAnswering<T>(
  call: StreamCall,
  ask: (server: string) => Promise<T>,
): Promise<T> {
  let unreached = '';
  for (const server of call.servers) {
    try {
      return await ask(server);
    } catch (error) {
      if (!(error instanceof StreamCallError)) throw error;
      const hasNoOther = call.terms.signal?.aborted === true || error.refusal !== undefined;
      if (hasNoOther) throw streamFailure(error, call);
      unreached = `${server}: ${error.message}`;
      if (!error.isUnavailable) break;
    }
  }
  const reason = `no server answers (${unreached})`;
  throw new PaddockError('connectionLoss', call.path, `${aboutOf(call)}: ${reason}`);
}

/** What a call that has failed is to whoever made it. */
export function streamFailure(
  { refusal, message }: StreamCallError,
  call: StreamCall,
): PaddockError {
  const { path, terms, view } = call;
  const about = aboutOf(call);
  if (terms.signal?.aborted === true) return abortedError(path, about, terms.signal);
  if (refusal === undefined) {
    return new PaddockError('connectionLoss', path, `${about}: ${message}`);
  }
  const { code, reason } = refusal.failed;
  const oldest = code === 'compacted' && refusal.zxid !== ZXID_ZERO ? refusal.zxid : undefined;
  return new PaddockError(code, path, `${about}: ${view.reason(reason)} (${code})`, { oldest });
}

function aboutOf({ verb, path }: StreamCall): string {
  return path === '' ? verb : `${verb} ${path}`;
}
