import { runForeground } from '@paddock/replica';
import { serveEnsemble } from './serve-ensemble.ts';
import { parseServeOptions, SERVE_HELP } from './serve-options.ts';

/** `paddock serve`: returns the exit code; throws OperatorError for what the person can put right. */
export async function serve(args: readonly string[]): Promise<number> {
  const options = parseServeOptions(args);
  switch (options.kind) {
    case 'help':
      process.stdout.write(SERVE_HELP);
      return 0;
    case 'foreground':
      return runForeground(options);
    case 'ensemble':
      return serveEnsemble(options);
  }
}
