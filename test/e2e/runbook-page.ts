/** The tests of a runbook's page: every command on it, in the order of the page, as it is written there. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { createCoreStub } from '../../src/data/communication/core-stub.ts';
import { freshDatabase, type TestDatabase } from '../support/postgres.ts';
import { type CliResult, ROOT, runCli } from '../support/processes.ts';

export interface RunbookPage {
  /** Name of the runbook, of its schema and of its ledger's schema. */
  readonly runbook: string;
  /** How many there are. */
  readonly migrations: number;
  /** Without `pnpm tsx ` and ` --url $URL`. */
  readonly commands: readonly string[];
}

/** Lines of `sh` blocks that work without Temporal; `run` is carried out by the tests of runs. */
function commandsOf(runbook: string): string[] {
  const page = readFileSync(join(ROOT, `docs/database/${runbook}-migration-runbook.md`), 'utf8');
  return [...page.matchAll(/```sh\n([\s\S]*?)```/g)]
    .flatMap(([, block]) => block!.split('\n').map((line) => line.trim()))
    .filter((line) => line.startsWith('pnpm tsx ') && !line.includes(' run --target'));
}

function marks(output: string): string {
  return [...output.matchAll(/\[( |x)\]/g)].map(([, mark]) => mark).join('');
}

export function describeRunbookPage({ runbook, migrations, commands }: RunbookPage): void {
  const written = commandsOf(runbook);
  const results = new Map<string, CliResult[]>();
  let database: TestDatabase;

  /** `pnpm tsx file args` without pnpm, which would look at the lock file each time. */
  const runWritten = (command: string): Promise<CliResult> =>
    runCli(command.replace('$URL', database.url).split(' ').slice(2));
  const own = (rest: string): string => `pnpm tsx src/cli/${runbook}-migrate.ts ${rest} --url $URL`;
  const outputsOf = (command: string): string[] => (results.get(command) ?? []).map(({ stdout }) => stdout);

  beforeAll(async () => {
    database = await freshDatabase({ template: 'core' });
    await createCoreStub(await database.connect(), { sample: 'with-rows' });
  });

  describe(`the page of ${runbook}`, () => {
    it('names the commands of the procedure, in its order', () => {
      expect(written.map((command) => command.replace('pnpm tsx ', '').replace(' --url $URL', ''))).toEqual(commands);
    });

    it.each(written.map((command, index) => [index, command] as const))('%i: %s', async (_, command) => {
      const result = await runWritten(command);
      results.set(command, [...(results.get(command) ?? []), result]);
      // The servers of the tests have no backups, and the checklist says so.
      const code = command.includes(' check ') ? 1 : 0;
      expect({ code: result.code, stderr: /^ *(at |Error:)/m.exec(result.stderr) }).toEqual({ code, stderr: null });
    });

    it('shows [ ] for all before, [x] for all after, and keeps its word about a rollback and a reset', async () => {
      const [before, after] = outputsOf(own('status'));
      expect(marks(before!)).toBe(' '.repeat(migrations));
      expect(marks(after!)).toBe('x'.repeat(migrations));
      const applied = await database.query(`select version from ${runbook}.schema_migrations order by version`);
      expect(applied).toHaveLength(migrations);
    });

    it('and repeated rollbacks end with [ ] for all, no table and no error', async () => {
      for (let step = 0; step < migrations + 1; step += 1) expect((await runWritten(own('rollback'))).code).toBe(0);
      const { stdout } = await runWritten(own('status'));
      expect(marks(stdout)).toBe(' '.repeat(migrations));
      expect(await database.query('select 1 from pg_namespace where nspname = $1', [runbook])).toEqual([]);
    });
  });
}
