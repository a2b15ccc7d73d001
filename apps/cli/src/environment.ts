/** What the environment says to the command; flags win over it. */
export interface CliEnvironment {
  /** PADDOCK_SERVERS: host:port, separated by commas. */
  readonly servers: string | undefined;
}

export function readEnvironment(): CliEnvironment {
  const { PADDOCK_SERVERS: servers } = process.env;
  return { servers: servers === '' ? undefined : servers };
}
