// `npm test`: every check of the repository, and one line at the end that says how it went.
import { parseArgs } from 'node:util';
import { runStaticChecks } from './static-checks.ts';
import { add, describe, none, type Tally } from './tally.ts';
import { runTests } from './vitest-run.ts';

interface Part {
  readonly name: string;
  readonly run: () => Promise<Tally>;
}

const usage = `npm test [-- [--static] [--unit] [--e2e] [FILTER...]]

  --static   lint, format and types of every project
  --unit     the tests of every project
  --e2e      the tests with real processes
  FILTER     only test files whose path contains it

Without an option all three run.`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    static: { type: 'boolean' },
    unit: { type: 'boolean' },
    e2e: { type: 'boolean' },
    help: { type: 'boolean' },
  },
});

const parts: Record<'static' | 'unit' | 'e2e', Part> = {
  static: { name: 'lint, format, types', run: runStaticChecks },
  unit: { name: 'tests', run: () => runTests('vitest.config.ts', positionals) },
  e2e: { name: 'end-to-end tests', run: () => runTests('vitest.e2e.config.ts', positionals) },
};

if (values.help === true) console.log(usage);
else await runParts();

async function runParts(): Promise<void> {
  const all = values.static !== true && values.unit !== true && values.e2e !== true;
  const chosen: Part[] = [];
  if (all || values.static === true) chosen.push(parts.static);
  if (all || values.unit === true) chosen.push(parts.unit);
  if (all || values.e2e === true) chosen.push(parts.e2e);

  let total = none;
  const lines: string[] = [];
  for (const part of chosen) {
    const started = performance.now();
    const tally = await part.run();
    const seconds = ((performance.now() - started) / 1000).toFixed(1);
    lines.push(`${part.name}: ${describe(tally)} in ${seconds} s`);
    total = add(total, tally);
  }
  console.log(['', ...lines, describe(total)].join('\n'));
  process.exitCode = total.failed === 0 ? 0 : 1;
}
