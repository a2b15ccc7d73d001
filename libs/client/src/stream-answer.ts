import { StreamCallError } from '@paddock/link-grpc';
import { PaddockError } from './paddock-error.ts';

/** Asks one server after the other until one is reached. Fails with a PaddockError about `verb` and `path`. */
export async function firstAnswering<T>(
  servers: readonly string[],
  verb: string,
  path: string,
  ask: (server: string) => Promise<T>,
): Promise<T> {
  const about = path === '' ? verb : `${verb} ${path}`;
  let unreached = '';
  for (const server of servers) {
    try {
      return await ask(server);
    } catch (error) {
      if (!(error instanceof StreamCallError)) throw error;
      const { refusal } = error;
      if (refusal !== undefined) {
        const { code, reason } = refusal.failed;
        throw new PaddockError(code, path, `${about}: ${reason} (${code})`);
      }
      unreached = `${server}: ${error.message}`;
      if (!error.isUnavailable) break;
    }
  }
  throw new PaddockError('connectionLoss', path, `${about}: no server answers (${unreached})`);
}
