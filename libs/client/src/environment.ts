/** PADDOCK_SERVERS: where the service is, where the application does not say; undefined: it does not say either. */
export function serversOfEnvironment(): string | undefined {
  const { PADDOCK_SERVERS: servers } = process.env;
  return servers === '' ? undefined : servers;
}
