import { parseArgs } from 'node:util';
import { OperatorError, reasonOf, runProgram } from '@paddock/node-runtime';
import type { StageName } from '@paddock/node-runtime';
import { runForeground } from './foreground.ts';

/** The whole of an app's main.ts: `[--config FILE]`, or every default; undefined runs the four stages fused. */
export function runStageApp(stage: StageName | undefined): Promise<never> {
  return runProgram(() =>
    runForeground({
      configuration: configurationIn(process.argv.slice(2)),
      stage,
      admin: undefined,
    }),
  );
}

function configurationIn(args: readonly string[]): string | undefined {
  try {
    return parseArgs({ args: [...args], options: { config: { type: 'string' } } }).values.config;
  } catch (error) {
    throw new OperatorError(`${reasonOf(error).split('. ')[0] ?? ''}; the option is --config FILE`);
  }
}
