import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['src/**/*.test.ts', 'test/**/*.test.ts'],
    testTimeout: 30_000,
    // End-to-end tests mostly wait for the program they have started.
    maxWorkers: '100%',
  },
});
