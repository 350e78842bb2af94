/**
 * The command line of the stub of core. What it makes is decided in src/data/communication.
 */
import type { CoreStubResult, createCoreStub } from '../../data/communication/core-stub.ts';
import { ProblemError } from '../../model/problem.ts';
import { type Answer, runDatabaseCommand } from './on-database.ts';

const SCRIPT = 'src/data/communication/core-stub.ts';

/**
 * Makes the stub, with sample rows unless `--empty` is given, and prints what was made.
 * @param create handed in: its own module starts this command and cannot be waited for here.
 * @returns the exit code: 0 done, 1 failed, 2 usage.
 */
export function runCoreStubCommand(create: typeof createCoreStub, argv: readonly string[]): Promise<number> {
  return runDatabaseCommand(
    {
      script: SCRIPT,
      database: 'communication',
      applicationName: 'drydock:core-stub',
      flags: {
        sample: 'also write one organisation and three users (the default)',
        empty: 'make the tables only',
      },
      about:
        'Makes core.organizations and core.users for an integration environment. Tables that exist are left alone.',
      work: async (client, { sample, empty }) => {
        if (sample && empty) throw bothGiven();
        return answer(await create(client, { sample: empty ? 'empty' : 'with-rows' }));
      },
    },
    argv,
  );
}

function answer(result: CoreStubResult): Answer {
  const lines = [
    ...result.created.map((table) => `${table}: made`),
    ...result.kept.map((table) => `${table}: already there, left alone`),
  ];
  return { json: result, text: lines.join('\n') };
}

function bothGiven(): ProblemError {
  return new ProblemError({
    code: 'usage',
    message: '--sample and --empty exclude each other',
    next: `pnpm tsx ${SCRIPT} --help`,
  });
}
