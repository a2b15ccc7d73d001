/** PADDOCK_SERVERS: a running service to play at, instead of one that the demo starts. */
export function readServers(): string | undefined {
  const { PADDOCK_SERVERS: servers } = process.env;
  return servers === '' ? undefined : servers;
}
