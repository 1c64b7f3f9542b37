import { defineConfig } from 'vitest/config';

/** Live capture tests: they need root, make their own network namespaces and run one at a time. */
export default defineConfig({
  test: {
    include: ['test/live/**/*.live.ts'],
    testTimeout: 120_000,
    hookTimeout: 60_000,
    fileParallelism: false,
  },
});
