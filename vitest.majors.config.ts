// Everything that vitest.config.ts runs, and what runs SQL through the migrator once more on each other major of PostgreSQL.
// A file of its own, so that a developer's `vitest run <file>` takes one server. One of the others alone:
// `vitest run --config vitest.majors.config.ts --project 'PostgreSQL 18' <file>`.
// `pnpm test` takes the oldest and the newest of them, `pnpm test:majors` all.
import { defineConfig } from 'vitest/config';
import { readEnvironment } from './src/cli/environment.ts';
import { fetchMajor } from './test/majors/fetch-release.ts';
import { type Major, OTHER_MAJORS } from './test/majors/releases.ts';
import everything from './vitest.config.ts';

const { reporters, maxWorkers, ...shared } = everything.test!;

/** These need no Temporal server, and have none in the projects of the other majors. */
const ON_EVERY_MAJOR = ['test/postgres/{migrator,communication,authz}/**/*.test.ts', 'test/faults/migrator.test.ts'];

/** Tests that start a program for every case: what it prints is the same on every server, and they take the most time. */
const OF_PROGRAMS = ['test/postgres/**/*-cli.test.ts', 'test/postgres/communication/commands.test.ts'];

async function projectOf(major: Major) {
  const fetched = await fetchMajor(major, readEnvironment());
  return {
    test: {
      ...shared,
      name: `PostgreSQL ${major}`,
      include: fetched.kind === 'there' ? ON_EVERY_MAJOR : ['test/majors/unavailable.test.ts'],
      exclude: ['node_modules/**', ...OF_PROGRAMS],
      globalSetup: ['test/majors/global-setup.ts'],
      provide: { major: fetched },
    },
  };
}

export default defineConfig(async () => ({
  test: {
    reporters: reporters!,
    maxWorkers: maxWorkers!,
    projects: [{ test: { ...shared, name: 'everything' } }, ...(await Promise.all(OTHER_MAJORS.map(projectOf)))],
  },
}));
