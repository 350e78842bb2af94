/** Starts the cluster of one further major for the tests of its project. There is no Temporal server in these projects. */
import type { TestProject } from 'vitest/node';
import { startPostgres } from '../../src/dev/postgres/start-postgres.ts';
import { startReaper } from '../../src/dev/reaper/start-reaper.ts';
import { provideCommand } from '../support/provide-command.ts';
import { providePostgres, TEST_SETTINGS } from '../support/provide-postgres.ts';

export default async function setup(project: TestProject): Promise<(() => Promise<void>) | undefined> {
  const { major } = project.getProvidedContext();
  if (major.kind === 'missing') return undefined;
  const reaper = startReaper();
  const server = await startPostgres({ reaper, binaries: major.binaries, settings: TEST_SETTINGS });
  await Promise.all([providePostgres(project, server), provideCommand(project)]);
  return async () => {
    await server.stop();
    await reaper.close();
  };
}
