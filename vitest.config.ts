import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    globalSetup: ['test/own-temporary-folder.ts'],
    setupFiles: ['test/same-seeds.ts'],
    include: ['test/**/*.test.ts'],
    // No test shows how fast anything is: these only end what hangs, on the slowest machine too.
    testTimeout: 600_000,
    hookTimeout: 600_000,
    expect: { poll: { timeout: 120_000 } },
    maxWorkers: 2,
  },
});
