import { runManySeeds } from './tool/many-seeds.ts';
import { runOneSeed } from './tool/one-seed.ts';
import { HELP, readOptions, ToolOptionError } from './tool/options.ts';

function print(text: string): void {
  process.stdout.write(text);
}

async function main(): Promise<boolean> {
  const options = readOptions(process.argv.slice(2));
  if (options.help) {
    print(HELP);
    return true;
  }
  const { recipes, seed } = options;
  if (seed === null) return runManySeeds(options, print);
  let isWell = true;
  for (const recipe of recipes) {
    if (!(await runOneSeed(seed, recipe, options, print))) isWell = false;
  }
  return isWell;
}

// Whoever reads may have read enough.
process.stdout.on('error', () => process.exit());

try {
  if (!(await main())) process.exitCode = 1;
} catch (error) {
  const isMistake = error instanceof ToolOptionError || error instanceof TypeError;
  process.stderr.write(`simulator: ${isMistake ? error.message : String(error)}\n`);
  process.exitCode = 2;
}
