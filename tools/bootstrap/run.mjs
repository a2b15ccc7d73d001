// The commands of package.json: `npm start` is `run.mjs serve`, `npm test` is `run.mjs test`.
import { BootstrapError, launch, main } from './prepare.mjs';

const programs = {
  serve: { script: 'apps/cli/src/main.ts', args: ['serve'] },
  test: { script: 'tools/repository/src/main.ts', args: [] },
  demo: { script: 'tools/demo/src/main.ts', args: [] },
  bench: { script: 'tools/benchmark/src/main.ts', args: [] },
};

await main(async () => {
  const [name = '', ...args] = process.argv.slice(2);
  if (!Object.hasOwn(programs, name)) {
    throw new BootstrapError(`run.mjs knows ${Object.keys(programs).join(', ')}, not "${name}"`);
  }
  const program = programs[name];
  await launch(program.script, [...program.args, ...args]);
});
