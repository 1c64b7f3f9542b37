import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { defineConfig } from 'vitest/config';

/** Tests that ask `test/runs.ts` how far to go, and go further here. */
function asking(folder: string): string[] {
  const files = readdirSync(path.join(import.meta.dirname, folder), { recursive: true, encoding: 'utf8' });
  return files
    .filter((file) => file.endsWith('.test.ts'))
    .map((file) => path.join(folder, file))
    .filter((file) =>
      /from '[./]+\/(?:test\/)?runs\.ts'/.test(readFileSync(path.join(import.meta.dirname, file), 'utf8')),
    );
}

export default defineConfig({
  test: {
    include: [...asking('src'), ...asking('test'), 'test/conformance/clients/**/*.test.ts'],
    env: { HEADGATE_LONG: process.env.HEADGATE_LONG ?? '1' },
    testTimeout: 600_000,
    setupFiles: ['test/seed.ts'],
    maxWorkers: '100%',
  },
});
