import { defineConfig } from 'vitest/config';

export default defineConfig({
  // Vitest replaces Node's own conditions with these, so they are all named.
  ssr: { resolve: { conditions: ['@paddock/source', 'module', 'node', 'development|production'] } },
  test: {
    include: ['{apps,libs,tools}/*/test/**/*.test.ts'],
    // Two processes for all files: tests have no global state, and starting workers is most of a run.
    isolate: false,
    maxWorkers: 2,
    // A process may get a fifth of a core: a test that hangs is found all the same.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    benchmark: { include: ['libs/*/bench/**/*.bench.ts'] },
  },
});
