/** Every wrong call and every wrong database, as the operator reads it: whole, with its exit code, without a stack or a password. */
import { beforeAll, describe, expect, inject, it } from 'vitest';
import { takeClaim } from '../../src/migrator/claim.ts';
import { connect } from '../../src/postgres/connect.ts';
import { freshDatabase, onCluster, type TestDatabase } from '../support/postgres.ts';
import { runCli } from '../support/processes.ts';
import { startReplica } from '../support/replica.ts';
import { CALL, PROGRAM, refusal } from './refusal.ts';

let database: TestDatabase;

beforeAll(async () => {
  database = await freshDatabase({ template: 'core' });
});

describe('a wrong call', () => {
  it('no command', async () => {
    expect(await refusal([])).toEqual({
      code: 2,
      lines: [
        'usage: no command was given',
        '  expected:   one of status, migrate, rollback, reset, verify, release-claim',
        `  next:       ${CALL} --help`,
      ].map((line) => expect.stringContaining(line.slice(0, 40))),
    });
  });

  it('an unknown command', async () => {
    const { code, lines } = await refusal(['migrat', '--url', database.url]);
    expect(code).toBe(2);
    expect(lines[0]).toBe('usage: there is no command "migrat"; did you mean "migrate"?');
    expect(lines.at(-1)).toBe(`  next:       ${CALL} --help`);
  });

  it('an unknown switch', async () => {
    expect(await refusal(['status', '--jsn'])).toEqual({
      code: 2,
      lines: ["usage: unknown option '--jsn'", expect.stringMatching(/^ {2}next: {7}pnpm tsx .* --help$/)],
    });
  });

  it('no URL', async () => {
    expect(await refusal(['status'])).toEqual({
      code: 2,
      lines: [
        'database-url-missing: no database was named',
        '  found:      no --url, no --target, and COMMUNICATION_DATABASE_URL is not set',
        '  expected:   postgres://user:password@host:5432/database',
        '  next:       export COMMUNICATION_DATABASE_URL=postgres://user:password@host:5432/database, or pass it with --url',
      ],
    });
  });

  it('an empty URL, as of a variable that is not set', async () => {
    expect((await refusal(['status', '--url', ''])).lines[1]).toBe('  found:      --url is empty');
  });

  it('something that is no URL', async () => {
    expect(await refusal(['migrate', '--url', 'mysql://me:geheim@host/app'])).toEqual({
      code: 2,
      lines: [
        'database-url-invalid: the database URL cannot be used',
        '  found:      a URL of the scheme mysql:',
        '  expected:   postgres://user:password@host:5432/database',
        '  next:       pass the URL with --url, special characters in the password percent-encoded (for example # as %23)',
      ],
    });
  });

  it('--url and --target together, and an unknown target', async () => {
    expect((await refusal(['status', '--url', database.url, '--target', 'demo'])).code).toBe(2);
    const { code, lines } = await refusal(['status', '--target', 'dmo']);
    expect(code).toBe(2);
    expect(lines[0]).toBe('target-unknown: there is no target "dmo"');
  });

  it('with --json the problem is the one document on standard output', async () => {
    const { code, stdout, stderr } = await runCli([PROGRAM, 'status', '--json']);
    expect({ code, stderr }).toEqual({ code: 2, stderr: '' });
    expect(JSON.parse(stdout)).toMatchObject({ problem: { code: 'database-url-missing', retry: 'stop' } });
  });
});

describe('a database that cannot be worked on', () => {
  it('nobody listens', async () => {
    expect(await refusal(['migrate', '--url', 'postgres://me:geheim@127.0.0.1:1/app'])).toEqual({
      code: 1,
      lines: [
        'database-unreachable: no PostgreSQL server answers at this address',
        '  found:      me@127.0.0.1:1/app: connect ECONNREFUSED 127.0.0.1:1',
        '  next:       check host and port in the URL, and that the server is up and lets this machine in',
      ],
    });
  });

  it('it does not exist', async () => {
    const url = Object.assign(new URL(database.url), { pathname: '/nowhere' });
    expect(await refusal(['status', '--url', url.href])).toEqual({
      code: 1,
      lines: [
        'database-missing: the database of the URL does not exist',
        `  found:      postgres@${url.host}/nowhere: database "nowhere" does not exist`,
        '  next:       create it, or correct the name at the end of the URL',
      ],
    });
  });

  it('it takes no writes', async () => {
    const other = await freshDatabase();
    await onCluster(`alter database ${other.name} set default_transaction_read_only = on`);
    expect(await refusal(['migrate', '--url', other.url])).toEqual({
      code: 2,
      lines: [
        'database-read-only: this database takes no writes',
        `  found:      default_transaction_read_only is on for role postgres in database ${other.name}`,
        '  expected:   a database and role that may write',
        expect.stringMatching(/^ {2}next: {7}if nobody holds it on purpose: ALTER DATABASE/),
      ],
    });
  });

  it('it is a replica: migrate is refused, status is answered', async () => {
    const replica = await startReplica(inject('postgres'));
    try {
      const url = replica.server.superuserUrl;
      expect(await refusal(['migrate', '--url', url])).toEqual({
        code: 2,
        lines: [
          'database-is-replica: this server is a replica',
          '  found:      pg_is_in_recovery() is true: it replays another server and takes no writes',
          '  expected:   the primary',
          '  next:       pass the URL of the primary with --url',
        ],
      });
      expect((await refusal(['migrate', '--dry-run', '--url', url])).code).toBe(2);
      expect((await runCli([PROGRAM, 'status', '--url', url])).code).toBe(0);
    } finally {
      await replica.stop();
    }
  });

  it('the role lacks rights', async () => {
    const role = `poor_${database.name}`;
    await onCluster(`create role ${role} login password 'geheim'`);
    try {
      const url = Object.assign(new URL(database.url), { username: role, password: 'geheim' });
      expect(await refusal(['migrate', '--url', url.href])).toEqual({
        code: 2,
        lines: [
          'missing-rights: the role of the URL lacks rights that the migrations need',
          `  found:      role ${role} may not create the schema communication in database ${database.name}`,
          '  expected:   the right to create in the database and in the schemas that the migrations own',
          `  next:       connect as another role, or let an administrator run: GRANT CREATE ON DATABASE "${database.name}" TO "${role}"`,
        ],
      });
      const wrong = Object.assign(new URL(url), { password: 'falsch-geheim' });
      const { code, lines } = await refusal(['status', '--url', wrong.href]);
      expect(code).toBe(1);
      expect(lines[0]).toBe('database-auth-failed: the server refused the user or password of the URL');
    } finally {
      await onCluster(`drop role ${role}`);
    }
  });

  it('a run holds the claim', async () => {
    const claimed = await freshDatabase({ template: 'core' });
    const session = await connect({ url: claimed.url, applicationName: 'test' });
    const holder = { workflowId: 'communication/demo', runId: 'r1', namespace: 'default', operation: 'run' };
    const claim = await takeClaim(session.client, holder);
    await session.close();
    const found = `workflow communication/demo, run r1, namespace default, since ${claim.claimedAt}`;
    const release = `${CALL} release-claim --holder communication/demo --url $URL`;
    expect(await refusal(['migrate', '--url', claimed.url])).toEqual({
      code: 2,
      lines: [
        'claim-held: the run communication/demo is at work on this database',
        `  found:      ${found}`,
        '  expected:   nobody else at work',
        `  next:       wait until it has ended, or abort it; if it is gone for good, run ${release}`,
      ],
    });
    const untyped = await refusal(['release-claim', '--url', claimed.url]);
    expect(untyped).toMatchObject({
      code: 2,
      lines: { 1: `  found:      ${found}`, 3: `  next:       if it is gone for good, run ${release}` },
    });
    expect((await refusal(['release-claim', '--holder', 'communication/dem', '--url', claimed.url])).code).toBe(2);
    const typed = ['release-claim', '--holder', 'communication/demo', '--url', claimed.url];
    expect(await runCli([PROGRAM, ...typed])).toMatchObject({
      code: 0,
      stdout: 'the claim of communication/demo, run r1, is released\n',
    });
    expect(await runCli([PROGRAM, ...typed])).toMatchObject({
      code: 0,
      stdout: 'nobody holds a claim on this database\n',
    });
    expect((await runCli([PROGRAM, 'migrate', '--url', claimed.url])).code).toBe(0);
  });
});
