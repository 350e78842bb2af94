import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { scriptOf } from '../../../src/migrator/script.ts';
import { analyseFile } from '../../../src/migrator/statements.ts';
import { DRYDOCK_VERSION } from '../../../src/migrator/version.ts';
import { migratorLockKey } from '../../../src/postgres/advisory-lock.ts';
import { applicationName } from '../../../src/postgres/application-name.ts';
import { startupOptions } from '../../../src/postgres/limits.ts';

it('limits are start-up options, and what the URL asks for comes before them', () => {
  expect(startupOptions('read', { lockTimeoutMs: 7 }, '-c search_path=x')).toBe(
    '-c search_path=x -c lock_timeout=7 -c statement_timeout=30000 -c idle_in_transaction_session_timeout=60000 ' +
      '-c client_connection_check_interval=1000 -c tcp_keepalives_idle=5 -c tcp_keepalives_interval=2 ' +
      '-c tcp_keepalives_count=3 -c default_transaction_read_only=on',
  );
  for (const purpose of ['migrate', 'check'] as const) {
    expect(startupOptions(purpose, {}, '-c default_transaction_read_only=on')).toMatch(
      / -c default_transaction_read_only=off$/,
    );
  }
  expect(startupOptions('check', {}, '', 'as-configured')).not.toContain('read_only');
});

it('an application name fits into 63 bytes and stays distinct', () => {
  expect(applicationName('drydock:anna')).toBe('drydock:anna');
  const long = ['a', 'b'].map((end) => applicationName(`drydock:${'x'.repeat(80)}${end}`));
  expect(long.map((name) => name.length)).toEqual([63, 63]);
  expect(new Set(long).size).toBe(2);
  expect(applicationName('drydock:ä')).toMatch(/^drydock:\?~[0-9a-f]{12}$/);
});

it('lock keys are positive and differ by ledger', () => {
  const keys = ['communication', 'authz'].map(migratorLockKey);
  expect(keys.every(({ objectId }) => objectId >= 0 && objectId < 2 ** 31)).toBe(true);
  expect(keys[0]!.objectId).not.toBe(keys[1]!.objectId);
});

it('the version in ledger rows is that of the package', () => {
  const { version } = JSON.parse(readFileSync(new URL('../../../package.json', import.meta.url), 'utf8'));
  expect(DRYDOCK_VERSION).toBe(version);
});

it('bookkeeping and file travel in one text, and places in it lead back to the file', async () => {
  const sql = '-- ü\nselect 1; -- a comment at the end';
  const { file, statements } = await analyseFile({ path: 'f.sql', sql, checksum: '' });
  const script = scriptOf({
    before: ['begin;', 'reset all; reset role;'],
    file,
    statements,
    after: ['insert;', 'commit;'],
  });
  expect(script.text).toBe('begin;\nreset all; reset role;\nselect 1\n;insert;\ncommit;');
  const sentAt = Array.from(script.text.slice(0, script.text.indexOf('select'))).length;
  expect(sentAt + script.source(0).shift!).toBe(5);
  // Three statements of ours are complete before the first of the file.
  expect(script.source(3).statementStart).toBe(5);
  expect(script.source(4).statementStart).toBeUndefined();
});
