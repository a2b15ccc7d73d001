import { parseArgs } from 'node:util';
import { OperatorError, reasonOf, runProgram } from '@paddock/node-runtime';
import type { StageName } from '@paddock/node-runtime';
import { runForeground } from './foreground.ts';
import type { ForegroundOptions } from './foreground.ts';

/**
 * The whole of an app's main.ts: `[--config FILE] [--insecure]`, or every default; undefined runs the four stages
 * fused.
 */
export function runStageApp(stage: StageName | undefined): Promise<never> {
  return runProgram(() =>
    runForeground({
      ...optionsIn(process.argv.slice(2)),
      stage,
      admin: undefined,
    }),
  );
}

function optionsIn(args: readonly string[]): Pick<ForegroundOptions, 'configuration' | 'insecure'> {
  try {
    const options = { config: { type: 'string' }, insecure: { type: 'boolean' } } as const;
    const { config, insecure = false } = parseArgs({ args: [...args], options }).values;
    return { configuration: config, insecure };
  } catch (error) {
    const fault = reasonOf(error).split('. ')[0] ?? '';
    throw new OperatorError(`${fault}; the options are --config FILE and --insecure`);
  }
}
