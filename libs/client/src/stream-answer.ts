import { StreamCallError } from '@paddock/link-grpc';
import { ZXID_ZERO } from '@paddock/model';
import { PaddockError } from './paddock-error.ts';
import type { TreeView } from './tree-view.ts';

/** Asks one server after the other until one is reached. Fails with a PaddockError about `verb` and `path`. */
export async function firstAnswering<T>(
  servers: readonly string[],
  verb: string,
  path: string,
  view: TreeView,
  ask: (server: string) => Promise<T>,
): Promise<T> {
  let unreached = '';
  for (const server of servers) {
    try {
      return await ask(server);
    } catch (error) {
      if (!(error instanceof StreamCallError)) throw error;
      if (error.refusal !== undefined) throw streamFailure(error, verb, path, view);
      unreached = `${server}: ${error.message}`;
      if (!error.isUnavailable) break;
    }
  }
  const reason = `no server answers (${unreached})`;
  throw new PaddockError('connectionLoss', path, `${aboutOf(verb, path)}: ${reason}`);
}

/** What a call that has failed is to whoever made it. */
export function streamFailure(
  { refusal, message }: StreamCallError,
  verb: string,
  path: string,
  view: TreeView,
): PaddockError {
  const about = aboutOf(verb, path);
  if (refusal === undefined) {
    return new PaddockError('connectionLoss', path, `${about}: ${message}`);
  }
  const { code, reason } = refusal.failed;
  const oldest = code === 'compacted' && refusal.zxid !== ZXID_ZERO ? refusal.zxid : undefined;
  return new PaddockError(code, path, `${about}: ${view.reason(reason)} (${code})`, { oldest });
}

function aboutOf(verb: string, path: string): string {
  return path === '' ? verb : `${verb} ${path}`;
}
