import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkPrimary } from '../../../src/checks/primary.ts';
import { interrupted } from '../../../src/postgres/clock.ts';
import { freshDatabase, onCluster, type TestDatabase } from '../../support/postgres.ts';
import { setupWorld, urlAs, type World } from './world.ts';

const SPEC = { kind: 'primary' } as const;
const reader = `reader_${randomBytes(4).toString('hex')}`;

describe('the check "primary"', () => {
  let world: World;
  let database: TestDatabase;

  beforeAll(async () => {
    world = await setupWorld();
    database = await freshDatabase();
    await onCluster(`create role ${reader} login password 'secret'`);
    await onCluster(`alter role ${reader} in database ${database.name} set default_transaction_read_only = on`);
  });
  afterAll(async () => {
    await database.drop();
    await onCluster(`drop role ${reader}`);
  });

  it('passes on a primary that takes writes, and says which server it is', async () => {
    const [server] = await database.query<{ id: string; version: string }>(
      `select system_identifier::text as id, current_setting('server_version') as version from pg_control_system()`,
    );
    const { host } = new URL(database.url);
    const describeServer = `postgres@${host}/${database.name}`;
    expect(await checkPrimary(world.context(database.url), SPEC)).toEqual({
      status: 'passed',
      summary: `${describeServer} is a primary, PostgreSQL ${server!.version}, and takes writes`,
      evidence: [
        { name: 'server', value: describeServer },
        { name: 'connection', value: 'direct, not through a pooler', limit: 'direct' },
        { name: 'role', value: 'primary', limit: 'primary' },
        { name: 'new transactions', value: 'read and write', limit: 'read and write' },
        { name: 'server version', value: server!.version },
        { name: 'system identifier', value: server!.id },
        { name: 'timeline', value: '1' },
        { name: 'server started', value: expect.stringMatching(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC$/) },
      ],
      measuredAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
    });
  });

  it('fails where new transactions are read-only', async () => {
    const outcome = await checkPrimary(world.context(urlAs(database.url, reader)), SPEC);
    expect(outcome.status).toBe('failed');
    expect(outcome.problem).toEqual({
      retry: 'stop',
      code: 'database-read-only',
      message: 'this database takes no writes',
      found: `default_transaction_read_only is on for role ${reader} in database ${database.name}`,
      expected: 'a database and role that may write',
      next: `if nobody holds it on purpose: ALTER DATABASE "${database.name}" RESET default_transaction_read_only, or ALTER ROLE "${reader}" RESET default_transaction_read_only`,
    });
  });

  it('answers with the reason where no server does, and repeats no password', async () => {
    const outcome = await checkPrimary(world.context('postgres://anna:hunter2@127.0.0.1:1/app'), SPEC);
    expect(outcome).toMatchObject({
      status: 'failed',
      summary: 'no PostgreSQL server answers at this address',
      problem: { code: 'database-unreachable', retry: 'retry' },
    });
    expect(JSON.stringify(outcome)).not.toContain('hunter2');
  });

  it('ends at once where it is interrupted', async () => {
    const context = world.context(database.url, { signal: AbortSignal.abort() });
    await expect(checkPrimary(context, SPEC)).rejects.toThrow(interrupted().message);
  });
});
