import { PaddockError } from './paddock-error.ts';

/** Of the three replicas that `npm start` runs; one that is not there is passed over. */
export const DEFAULT_SERVERS = '127.0.0.1:2191,127.0.0.1:2192,127.0.0.1:2193';

/** Reads "host:port,host:port"; fails as `badArguments`. */
export function parseServers(servers: string | readonly string[]): readonly string[] {
  const list = (typeof servers === 'string' ? servers.split(',') : servers).map((it) => it.trim());
  for (const server of list) {
    if (/^(\[[0-9a-fA-F:.]+\]|[^:[\]\s]+):\d{1,5}$/.test(server)) continue;
    const message = `"${server}" is no server; write host:port, as in 127.0.0.1:2191`;
    throw new PaddockError('badArguments', '', message);
  }
  if (list.length === 0) {
    throw new PaddockError('badArguments', '', 'name at least one server as host:port');
  }
  return list;
}
