/** Every command of the communication runbook's page, in the order of the page, as it is written there. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { createCoreStub } from '../../src/data/communication/core-stub.ts';
import { freshDatabase, type TestDatabase } from '../support/postgres.ts';
import { type CliResult, ROOT, runCli } from '../support/processes.ts';

const PAGE = readFileSync(join(ROOT, 'docs/database/communication-migration-runbook.md'), 'utf8');

/** Lines of `sh` blocks that work without Temporal; `run` is carried out by the tests of runs. */
const COMMANDS = [...PAGE.matchAll(/```sh\n([\s\S]*?)```/g)]
  .flatMap(([, block]) => block!.split('\n').map((line) => line.trim()))
  .filter((line) => line.startsWith('pnpm tsx ') && !line.includes(' run --target'));

let database: TestDatabase;
const results = new Map<number, CliResult>();

/** `pnpm tsx file args` without pnpm, which would look at the lock file each time. */
function runWritten(command: string): Promise<CliResult> {
  const args = command.replace('$URL', database.url).split(' ').slice(2);
  return runCli(args);
}

beforeAll(async () => {
  database = await freshDatabase({ template: 'core' });
  await createCoreStub(await database.connect(), { sample: 'with-rows' });
});

function marks(output: string): string {
  return [...output.matchAll(/\[( |x)\]/g)].map(([, mark]) => mark).join('');
}

describe('the page', () => {
  it('names the commands of the procedure, in its order', () => {
    expect(COMMANDS.map((command) => command.replace('pnpm tsx ', '').replace(' --url $URL', ''))).toEqual([
      'src/cli/communication-migrate.ts migrate --dry-run',
      'src/cli/communication-migrate.ts status',
      'src/cli/communication-migrate.ts migrate',
      'src/cli/communication-migrate.ts status',
      'src/data/communication/seed-channels.ts',
      'src/data/communication/seed-templates.ts',
      'src/data/communication/seed-policies.ts',
      'src/cli/communication-migrate.ts verify',
      'src/cli/communication-migrate.ts rollback',
      'src/cli/communication-migrate.ts reset',
    ]);
  });

  it.each(COMMANDS.map((command, index) => [index, command] as const))('%i: %s', async (index, command) => {
    const result = await runWritten(command);
    results.set(index, result);
    expect({ code: result.code, stderr: /^ *(at |Error:)/m.exec(result.stderr) }).toEqual({ code: 0, stderr: null });
  });

  it('shows nine [ ] before, nine [x] after, and keeps its word about a rollback and a reset', async () => {
    expect(marks(results.get(1)!.stdout)).toBe(' '.repeat(9));
    expect(marks(results.get(3)!.stdout)).toBe('x'.repeat(9));
    const applied = await database.query('select version from communication.schema_migrations order by version');
    expect(applied).toHaveLength(9);
  });

  it('and repeated rollbacks end with nine [ ], no table and no error', async () => {
    for (let step = 0; step < 10; step += 1) {
      expect((await runWritten(COMMANDS[8]!)).code).toBe(0);
    }
    const { stdout } = await runWritten(COMMANDS[1]!);
    expect(marks(stdout)).toBe(' '.repeat(9));
    expect(await database.query(`select 1 from pg_namespace where nspname = 'communication'`)).toEqual([]);
  });
});
