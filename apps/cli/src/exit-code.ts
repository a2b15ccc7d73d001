import { PaddockError } from '@paddock/client';

/** For scripts; documented in the help, so they never change their meaning. */
export const EXIT = {
  ok: 0,
  refused: 1,
  usage: 2,
  unreachable: 3,
  timeout: 4,
} as const;

export const EXIT_CODE_HELP = `
Exit codes:
  0  done
  1  refused by the service, e.g. no such znode, another version, not empty
  2  wrong usage: an unknown option, a bad path, an unreadable file
  3  the service cannot be reached
  4  no answer in time, or the session was lost: a write may have taken effect or not
`;

/** A failure that its message explains. */
export class CommandFailure extends Error {
  override readonly name = 'CommandFailure';
  readonly exitCode: number;

  constructor(exitCode: number, message: string) {
    super(message);
    this.exitCode = exitCode;
  }
}

export function exitCodeOf(error: unknown): number {
  if (error instanceof CommandFailure) return error.exitCode;
  if (!(error instanceof PaddockError)) return EXIT.refused;
  switch (error.code) {
    case 'badArguments':
      return EXIT.usage;
    case 'connectionLoss':
    case 'operationTimeout':
    case 'sessionExpired':
    case 'sessionMoved':
    case 'notServing':
      return EXIT.timeout;
    default:
      return EXIT.refused;
  }
}
