import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // For the projects of vitest.majors.config.ts.
    exclude: ['node_modules/**', 'test/majors/unavailable.test.ts'],
    // One PostgreSQL cluster and one Temporal server for the whole run, started before the first test, always.
    globalSetup: ['test/support/global-setup.ts'],
    // Processes, not threads: tests load native modules and are killed with their children.
    pool: 'forks',
    maxWorkers: 2,
    // A machine that is busy with something else is no reason to fail: tests wait for events, and this only ends those that hang.
    testTimeout: 180_000,
    hookTimeout: 180_000,
    reporters: ['default', './test/support/result-file-reporter.ts'],
  },
});
