/** Files that are not as they should be, and what is refused because of them, as the operator reads it. */
import { cp, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freshDatabase, type TestDatabase } from '../support/postgres.ts';
import { ROOT, runCli } from '../support/processes.ts';
import { CALL, PROGRAM, refusal } from './refusal.ts';

const MIGRATIONS = 'migrations/communication';

let database: TestDatabase;
let root: string;

beforeAll(async () => {
  database = await freshDatabase({ template: 'core' });
});

describe('files that are not as they should be', () => {
  beforeAll(async () => {
    root = await mkdtemp(path.join(tmpdir(), 'drydock-refusals-'));
    for (const folder of ['runbooks', 'migrations'])
      await cp(path.join(ROOT, folder), path.join(root, folder), { recursive: true });
    await cp(path.join(ROOT, 'src/data'), path.join(root, 'src/data'), { recursive: true });
  });
  afterAll(() => rm(root, { recursive: true, force: true }));

  const file = (name: string) => path.join(root, MIGRATIONS, name);
  const call = (...args: string[]) => refusal([...args, '--url', database.url], { DRYDOCK_ROOT: root });

  /** Puts the files back after the test, whatever it did to them. */
  async function having(change: () => Promise<unknown>, look: () => Promise<void>): Promise<void> {
    await change();
    try {
      await look();
    } finally {
      await rm(path.join(root, MIGRATIONS), { recursive: true });
      await cp(path.join(ROOT, MIGRATIONS), path.join(root, MIGRATIONS), { recursive: true });
    }
  }

  const invalid = (...problems: string[]) => ({
    code: 2,
    lines: [
      `migration-files-invalid: ${problems.length} problem${problems.length === 1 ? '' : 's'} in ${MIGRATIONS}`,
      ...problems.map((problem, index) => `${index === 0 ? '  found:      ' : ' '.repeat(14)}${problem}`),
      '  expected:   numbers without a gap, each with NNN_name.up.sql and NNN_name.down.sql',
      expect.stringMatching(`^  next:       correct the files in ${MIGRATIONS}, then run ${CALL} \\w+.* again$`),
    ],
  });

  it('a missing mirror', async () => {
    await having(
      () => rm(file('005_threads.down.sql')),
      async () => {
        const expected = invalid('005_threads.down.sql is missing beside 005_threads.up.sql');
        expect(await call('migrate', '--dry-run')).toEqual(expected);
        expect(await call('migrate')).toEqual(expected);
      },
    );
  });

  it('a misnamed file, a number used twice and a gap, all at once', async () => {
    await having(
      async () => {
        await rename(file('005_threads.up.sql'), file('threads.up.sql'));
        await rename(file('005_threads.down.sql'), file('010_threads.down.sql'));
        await cp(file('003_templates.up.sql'), file('003_other.up.sql'));
      },
      async () => {
        expect(await call('migrate')).toEqual(
          invalid(
            'threads.up.sql is not named NNN_name.up.sql or NNN_name.down.sql',
            'number 003 is used by 003_other.up.sql, 003_templates.down.sql, 003_templates.up.sql',
            '010_threads.up.sql is missing beside 010_threads.down.sql',
            'number 005 is missing',
          ),
        );
      },
    );
  });

  it('an edited file after it was applied, in a dry run, a migrate and a rollback', async () => {
    const own = await freshDatabase({ template: 'core' });
    expect((await runCli([PROGRAM, 'migrate', '--url', own.url])).code).toBe(0);
    const edit = async (name: string) => writeFile(file(name), `${await readFile(file(name), 'utf8')}-- edited\n`);
    await having(
      async () => {
        await edit('004_policies.up.sql');
        await edit('009_participants.down.sql');
      },
      async () => {
        const env = { DRYDOCK_ROOT: root };
        const { code, lines } = await refusal(['migrate', '--url', own.url], env);
        expect(code).toBe(2);
        expect(lines.slice(0, 2)).toEqual([
          'migration-edited: 2 problems with the migrations',
          '  found:      migration-edited: 004_policies was edited after it was applied',
        ]);
        expect(lines[2]).toMatch(
          /migrations\/communication\/004_policies.up.sql has checksum \w{12}…, the ledger has \w{12}…$/,
        );
        const dry = await runCli([PROGRAM, 'migrate', '--dry-run', '--url', own.url], { env });
        expect(dry.code).toBe(2);
        expect(dry.stderr).toContain('migration-edited: 004_policies was edited after it was applied');
        expect((await refusal(['rollback', '--url', own.url], env)).lines[0]).toBe(
          'migration-edited: 009_participants was edited after it was applied',
        );
        const status = await runCli([PROGRAM, 'status', '--exit-code', '--url', own.url], { env });
        expect(status.code).toBe(3);
        expect(status.stdout).toContain('! migration-edited: 004_policies was edited after it was applied');
      },
    );
  });

  it('a COMMIT inside a file', async () => {
    await having(
      () => writeFile(file('002_channels.up.sql'), 'create table communication.a ();\ncommit;\n'),
      async () => {
        expect(await call('migrate')).toEqual({
          code: 2,
          lines: [
            'transaction-control-in-file: migrations/communication/002_channels.up.sql begins or ends a transaction by itself: COMMIT stands among other statements',
            '  found:      migrations/communication/002_channels.up.sql:2:1',
            '                2 | commit;',
            '                    ^',
            expect.stringMatching(/^ {2}expected: {3}no transaction control in the file/),
            '  next:       take the statement out of migrations/communication/002_channels.up.sql, or split the file',
          ],
        });
      },
    );
  });

  it('a reset of a production wants its name typed', async () => {
    const targets = `version: 1\ntargets:\n  live:\n    environment: production\n    url: { env: LIVE_URL }\n`;
    await writeFile(path.join(root, 'drydock.yaml'), targets);
    const env = { DRYDOCK_ROOT: root, LIVE_URL: database.url };
    expect(await refusal(['reset', '--target', 'live'], env)).toEqual({
      code: 2,
      lines: [
        'confirmation-missing: the target live is a production: a reset drops everything in it',
        '  found:      no --confirm',
        '  expected:   --confirm live',
        `  next:       if it is meant, run ${CALL} reset --confirm live --target live`,
      ],
    });
    expect((await runCli([PROGRAM, 'reset', '--target', 'live', '--confirm', 'live'], { env })).code).toBe(0);
  });
});
