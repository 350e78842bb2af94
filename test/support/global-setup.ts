/**
 * Starts the servers that all test files share: one PostgreSQL cluster and one Temporal server, always and before the first
 * test. Whatever the surroundings name (TEMPORAL_ADDRESS, a namespace) is not used: tests never touch a server of someone else.
 */
import type { TestProject } from 'vitest/node';
import { readEnvironment } from '../../src/cli/environment.ts';
import { describeProgress, type StackEvent } from '../../src/dev/progress.ts';
import { startReaper } from '../../src/dev/reaper/start-reaper.ts';
import { type Stack, startStack } from '../../src/dev/start-stack.ts';
import { provideCommand } from './provide-command.ts';
import { providePostgres, TEST_SETTINGS } from './provide-postgres.ts';

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const surroundings = readEnvironment();
  const environment = readEnvironment(
    surroundings.forChild({ TEMPORAL_ADDRESS: undefined, TEMPORAL_NAMESPACE: undefined }),
  );
  const reaper = startReaper();
  const stack = await startStack({
    reaper,
    environment,
    onProgress: say,
    postgres: { settings: TEST_SETTINGS },
    temporal: { ui: 'none' },
  });
  await Promise.all([provide(project, stack), provideCommand(project)]);
  return async () => {
    await stack.stop();
    await reaper.close();
  };
}

async function provide(project: TestProject, { postgres, temporal }: Stack): Promise<void> {
  await providePostgres(project, postgres);
  project.provide('temporal', {
    address: temporal.address,
    namespace: temporal.namespace,
    program: temporal.program!,
  });
}

/** Only what takes long: a start-up of two seconds says nothing. */
function say(event: StackEvent): void {
  const quiet = ['postgres-initialising', 'postgres-ready', 'temporal-found', 'temporal-ready'];
  if (!quiet.includes(event.kind)) process.stderr.write(`${describeProgress(event)}\n`);
}
