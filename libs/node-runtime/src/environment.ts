/** The environment variables that shape a process's log; read here and nowhere else. */
export interface LogEnvironment {
  /** debug, info, warn, error or silent. */
  readonly level: string;
  readonly format: 'json' | 'pretty';
  readonly colour: boolean;
}

export function logEnvironment(): LogEnvironment {
  const isTerminal = process.stdout.isTTY;
  const format = process.env['PADDOCK_LOG_FORMAT'] ?? (isTerminal ? 'pretty' : 'json');
  return {
    level: process.env['PADDOCK_LOG_LEVEL'] ?? 'info',
    format: format === 'pretty' ? 'pretty' : 'json',
    colour: isTerminal && process.env['NO_COLOR'] === undefined,
  };
}
