import { describe, expect, test } from 'vitest';
import { nodesStartedBy } from '../src/versions.ts';

describe.concurrent('with the Node of the machine first on the path, Node 24 runs', () => {
  test.each([
    ['npm start', 'apps/cli/src/main.ts'],
    ['npm test', 'tools/repository/src/main.ts'],
    ['npm run demo', 'tools/demo/src/main.ts'],
    ['npm run bench', 'tools/benchmark/src/main.ts'],
    ['npx paddock status', 'apps/cli/src/main.ts'],
    ['node tools/bootstrap/paddock.mjs status', 'apps/cli/src/main.ts'],
    ['npx nx --version', 'node_modules/.bin/nx'],
    ['npx nx serve session-frontend', 'apps/session-frontend/src/main.ts'],
    ['npx nx serve request-processor', 'apps/request-processor/src/main.ts'],
    ['npx nx serve zab-broadcaster', 'apps/zab-broadcaster/src/main.ts'],
    ['npx nx serve replicated-database', 'apps/replicated-database/src/main.ts'],
    ['npx nx serve replica', 'apps/replica/src/main.ts'],
  ])('%s', async (command, program) => {
    const started = await nodesStartedBy(command);
    const found = started.filter((it) => it.program.endsWith(program));
    expect(found.map(({ major }) => major)).toEqual([24]);
  });
});
