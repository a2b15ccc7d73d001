import { serversOfEnvironment } from './environment.ts';
import { isService } from './name-resolution.ts';
import { PaddockError } from './paddock-error.ts';
import { TreeView } from './tree-view.ts';

/** Of the three replicas that `npm start` runs; one that is not there is passed over. */
export const DEFAULT_SERVERS = '127.0.0.1:2191,127.0.0.1:2192,127.0.0.1:2193';

/** Where a service is, and what of its tree is meant. */
export interface ServiceAddress {
  /** host:port, or "srv:name", at least one. */
  readonly servers: readonly string[];
  readonly view: TreeView;
}

/** Those that are named, else those of the environment, else those of this machine. */
export function addressOf(servers: string | readonly string[] | undefined): ServiceAddress {
  return parseServers(servers ?? serversOfEnvironment() ?? DEFAULT_SERVERS);
}

/**
 * Reads "host:port,host:port", where "srv:example.com" or "srv:_paddock._tcp.example.com" stands for the servers that
 * DNS names there; or with the root of what is meant behind it "host:port,host:port/app"; fails as
 * `badArguments`.
 */
export function parseServers(servers: string | readonly string[]): ServiceAddress {
  const text = typeof servers === 'string' ? servers : servers.join(',');
  const slash = text.indexOf('/');
  const hosts = slash === -1 ? text : text.slice(0, slash);
  const list = hosts.split(',').map((it) => it.trim());
  if (hosts.trim() === '') {
    throw new PaddockError('badArguments', '', 'name at least one server as host:port');
  }
  for (const server of list) {
    if (/^(\[[0-9a-fA-F:.]+\]|[^:[\]\s]+):\d{1,5}$/.test(server)) continue;
    if (isService(server) && /^[^:[\]\s]+$/.test(server.slice(server.indexOf(':') + 1))) continue;
    const message =
      `"${server}" is no server; write host:port, as in 127.0.0.1:2191, ` +
      'or srv:name for those that DNS names';
    throw new PaddockError('badArguments', '', message);
  }
  return {
    servers: list,
    view: slash === -1 ? TreeView.whole : TreeView.whole.below(text.slice(slash).trimEnd()),
  };
}
