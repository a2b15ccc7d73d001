import { defineConfig } from 'vitest/config';

export default defineConfig({
  ssr: { resolve: { conditions: ['@paddock/source', 'module', 'node', 'development|production'] } },
  test: {
    include: ['e2e/*/test/**/*.test.ts'],
    globalSetup: 'e2e/ensemble/src/built-command.ts',
    // Each file runs processes of its own, and they would starve one another.
    fileParallelism: false,
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
