/**
 * A process of its own that migrates a test's directory, to be killed by the test: `migrate-process.ts <url> <root> <verb>
 * <options as JSON>`. It prints each event as a line of JSON, then the result or the problem.
 */
import { type MigratorOptions, openMigrator } from '../../src/migrator/migrator.ts';
import { isProblemError } from '../../src/model/problem.ts';

const [url = '', root = '', verb = 'migrate', options = '{}'] = process.argv.slice(2);
const print = (value: unknown) => process.stdout.write(`${JSON.stringify(value)}\n`);
const migrator = openMigrator({
  url,
  root,
  directory: 'migrations/app',
  schemas: ['app'],
  ledgerSchema: 'app',
  owner: { appliedBy: 'process', runId: null },
  claim: { kind: 'standalone' },
  saveDirectory: 'saved',
  onEvent: print,
  ...(JSON.parse(options) as Partial<MigratorOptions>),
});
try {
  print({ result: await (verb === 'rollback' ? migrator.rollback() : migrator.migrate()) });
} catch (error) {
  print(isProblemError(error) ? { problem: error.problem } : { error: String(error) });
  process.exitCode = 1;
} finally {
  await migrator.close();
}
