import { defineConfig } from 'vitest/config';

/** What starts processes, measures memory, or limits its process has a process of its own. */
const alone = ['test/e2e/**/*.test.ts', 'test/store-*.test.ts', 'src/store/store.test.ts'];

/** Programs of others start slowly: `npm run test:long` has these. */
const clients = 'test/conformance/clients/**';

export default defineConfig({
  test: {
    testTimeout: 30_000,
    setupFiles: ['test/seed.ts'],
    // End-to-end tests mostly wait for the program they have started.
    maxWorkers: '100%',
    projects: [
      {
        extends: true,
        test: { name: 'alone', include: alone },
      },
      {
        extends: true,
        // Loading modules anew for every file takes as long as their tests.
        test: {
          name: 'together',
          include: ['src/**/*.test.ts', 'test/**/*.test.ts'],
          exclude: [...alone, clients],
          isolate: false,
        },
      },
    ],
  },
});
