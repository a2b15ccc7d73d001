/** What the environment says to the command; flags win over it. */
export interface CliEnvironment {
  /** PADDOCK_SERVERS: host:port, separated by commas. */
  readonly servers: string | undefined;
}

export function readEnvironment(): CliEnvironment {
  const { PADDOCK_SERVERS: servers } = process.env;
  return { servers: servers === '' ? undefined : servers };
}

/** Of the processes that the supervisor starts: where it tells a person what happens, their logs keep to warnings. */
export function stageEnvironment(isForPeople: boolean): NodeJS.ProcessEnv {
  return isForPeople ? { PADDOCK_LOG_LEVEL: 'warn', ...process.env } : process.env;
}
