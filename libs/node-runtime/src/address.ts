export interface HostPort {
  readonly host: string;
  readonly port: number;
}

/** Reads "host:port" or "[v6]:port"; undefined where it is neither. */
export function parseAddress(address: string): HostPort | undefined {
  const match = /^(?:\[([0-9a-fA-F:.]+)\]|([^:[\]]+)):(\d{1,5})$/.exec(address);
  if (match === null) return undefined;
  const host = match[1] ?? match[2];
  const port = Number(match[3]);
  if (host === undefined || port > 65_535) return undefined;
  return { host, port };
}

export function formatAddress(host: string, port: number): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

const ANY_HOST: ReadonlySet<string> = new Set(['0.0.0.0', '::']);

/** Stands for every address of a machine: to listen on, and not to be dialled at. */
export function isAnyHost(host: string): boolean {
  return ANY_HOST.has(host);
}
