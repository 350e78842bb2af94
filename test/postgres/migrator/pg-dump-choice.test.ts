/** Which pg_dump of a machine is taken for a server. */
import { expect, it } from 'vitest';
import { findPgDump } from '../../../src/migrator/pg-dump.ts';
import { withPgDump } from './lost-rows-world.ts';

it('a pg_dump that is older than the server is not taken', async () => {
  expect(await findPgDump(999)).toBeUndefined();
});

it('a newer pg_dump is taken only where an older server takes what restores its dumps', async () => {
  expect(await withPgDump('exit 1', () => findPgDump(60), 61)).toBe('pg_dump');
  expect(await withPgDump('exit 1', () => findPgDump(16), 60)).not.toBe('pg_dump');
  expect(await withPgDump('exit 1', () => findPgDump(12), 13)).toBe('pg_dump');
});
