import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkEnvironment } from '../../../src/checks/environment.ts';
import { takeClaim } from '../../../src/migrator/claim.ts';
import { freshDatabase, onCluster, type TestDatabase } from '../../support/postgres.ts';
import { setupWorld, urlAs, type World } from './world.ts';

const SPEC = { kind: 'environment' } as const;
const role = `plain_${randomBytes(4).toString('hex')}`;

describe('the check "environment"', () => {
  let world: World;
  let database: TestDatabase;

  beforeAll(async () => {
    world = await setupWorld();
    database = await freshDatabase();
    await onCluster(`create role ${role} login password 'secret'`);
    await database.query('create schema core; create table core.users (id uuid primary key)');
  });
  afterAll(async () => {
    await database.drop();
    await onCluster(`drop role ${role}`);
  });

  it('passes for a role with all rights, and says where the URL came from', async () => {
    const [server] = await database.query<{ version: string; system: string }>(
      `select current_setting('server_version') as version, system_identifier::text as system from pg_control_system()`,
    );
    const outcome = await checkEnvironment(world.context(database.url), SPEC);
    expect(outcome).toEqual({
      status: 'passed',
      summary: 'role postgres has the rights it needs; 1 referenced table there',
      evidence: [
        { name: 'URL from', value: 'environment variable TEST_URL' },
        { name: 'server version', value: server!.version, limit: '14.0 or newer' },
        { name: 'server', value: 'a primary' },
        { name: 'system identifier', value: server!.system },
        { name: 'timeline', value: '1' },
        { name: 'database', value: database.name },
        { name: 'role', value: 'postgres, a superuser' },
        { name: 'schema harbour', value: 'absent, may be created', limit: 'may be created' },
        { name: 'table core.users', value: 'there, may be referenced', limit: 'there, may be referenced' },
        { name: 'publications', value: 'none touches these tables' },
        { name: 'subscriptions', value: 'none' },
        { name: 'replication slots', value: expect.any(String), limit: 'inactive ones keep at most 10 GB' },
        { name: 'event triggers', value: 'none' },
        { name: 'size of the owned tables', value: "about 0 bytes, by the catalog's estimate" },
        {
          name: 'free disk',
          value: expect.stringMatching(/^[\d.]+ [GT]B for data; looked at on this machine$/),
          limit: 'at least 1 GB',
        },
        { name: 'oldest transaction', value: 'none', limit: 'at most 1 h' },
        { name: 'idle in transaction', value: 'none', limit: 'at most 10 min' },
        { name: 'prepared transactions', value: 'none', limit: 'at most 5 min' },
        { name: 'base backups', value: 'none' },
        { name: 'vacuum against wraparound', value: 'none runs on these tables', limit: 'none' },
        { name: 'invalid indexes', value: 'none' },
        { name: 'claim', value: 'none' },
        { name: 'hold', value: 'none' },
        { name: 'unfinished migrations', value: 'none' },
      ],
      measuredAt: expect.any(String),
    });
  });

  it('names every right that is missing, and the statement that gives it', async () => {
    const outcome = await checkEnvironment(world.context(urlAs(database.url, role)), SPEC);
    expect(outcome.problem).toEqual({
      retry: 'stop',
      code: 'missing-rights',
      message: 'the migrations lack 4 things in this database',
      found: `role ${role} may not create the schema harbour in database ${database.name}
role ${role} may not use the schema core
role ${role} may not reference core.users
role ${role} may not create the schema drydock, where a run keeps its claim`,
      expected:
        'a role that may create in the owned schemas, and the tables that foreign keys name, with REFERENCES on them',
      next: `GRANT CREATE ON DATABASE "${database.name}" TO "${role}"; GRANT USAGE ON SCHEMA "core" TO "${role}"; GRANT REFERENCES ON core.users TO "${role}"`,
    });
  });

  it('fails where a table that foreign keys name is not there, as PostgreSQL would word it', async () => {
    const empty = await freshDatabase();
    const outcome = await checkEnvironment(world.context(empty.url), SPEC);
    expect(outcome.problem).toMatchObject({
      code: 'referenced-table-missing',
      found: 'relation "core.users" does not exist',
      sqlstate: '42P01',
    });
  });

  it('fails where the owned schema belongs to somebody else', async () => {
    const other = await freshDatabase();
    await other.query(`create schema core; create table core.users (id uuid primary key);
      create schema harbour; grant create on schema harbour to ${role};
      grant usage on schema core to ${role}; grant references on core.users to ${role};
      grant create on database ${other.name} to ${role}`);
    const outcome = await checkEnvironment(world.context(urlAs(other.url, role)), SPEC);
    expect(outcome.problem?.found).toBe(
      `the schema harbour belongs to postgres; role ${role} cannot alter or drop what is in it`,
    );
    await other.drop();
  });

  it('names a claim that is on the database, without judging it', async () => {
    const holder = { workflowId: 'harbour/old', runId: 'r-1', namespace: 'default', operation: 'run' };
    const { claimedAt } = await takeClaim(await database.connect(), holder);
    const outcome = await checkEnvironment(world.context(database.url), SPEC);
    expect(outcome.status).toBe('passed');
    expect(outcome.evidence).toContainEqual({ name: 'claim', value: `run harbour/old, since ${claimedAt}` });
  });
});
