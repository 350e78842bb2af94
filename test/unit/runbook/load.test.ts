import { rm, symlink } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { canonicalJson } from '../../../src/model/canonical.ts';
import { sha256 } from '../../../src/runbook/definition.ts';
import { listRunbooks, loadRunbook } from '../../../src/runbook/load.ts';
import { type Checkout, makeCheckout, problemOf } from './checkout.ts';

const GOOD = `version: 1
name: harbour
title: The harbour's tables
description: Two migrations.
schemas: [harbour]
ledgerSchema: harbour
migrations: { directory: migrations/harbour, expect: 2 }
checklist:
  - { id: primary, title: Reachable and a primary, check: primary }
  - { id: dumps, title: Dump archives, check: dump-archives, maxAge: 4h, waivable: true }
  - { id: lag, title: Replica lag, check: replica-lag, maxLag: 500ms }
window: { approvalTimeout: 1h30m, drain: 5m, drainTimeout: 30m }
execution:
  - { id: status-before, title: Nothing there, step: status, expect: before }
  - { id: migrate, title: Migrate, step: migrate }
  - { id: seed-berths, title: Seed berths, step: seed, module: seeds/berths.ts }
validation:
  - id: structural
    title: Tables
    statements:
      - sql: SELECT to_regclass('harbour.berths')
        expect: { kind: all-not-null }
      - explain: SELECT * FROM harbour.berths WHERE name = 'a'
        expect: { kind: uses-index, index: berths_name }
    otherwise: Run the migrations again.
troubleshooting:
  - symptom: relation "core.users" does not exist
    match: { sqlstate: 42P01, pattern: 'core\\.users' }
    resolution: Create the stub.
`;

const BROKEN = `version: 2
name: brokn
titel: Everything is wrong
schemas: [Harbour]
ledgerSchema: 7
migrations: { directory: migrations/harbor, expect: 0 }
checklist:
  - { id: primary, title: Primary, check: primry }
  - { id: primary, title: Again, chek: environment }
  - { id: dumps, title: Dumps, check: dump-archives, maxAge: 4, waivable: maybe }
  - { id: lag, title: Lag, check: replica-lag, maxLag: 5 seconds, maxage: 4h }
  - dry-run
window: { drain: 5 }
execution:
  - { id: seed, title: Seed, step: seed, module: ../outside.ts }
  - { id: seed-two, title: Seed, step: seed, module: seeds/berth.ts }
  - { id: status, title: Status, step: status, expect: later }
validation:
  - id: Structural
    title: Structure
    statements:
      - { sql: selec 1, expect: { kind: rows } }
      - { sql: select 1; select 2, expect: { kind: uses-index, index: i } }
      - { sql: COMMIT }
      - { sql: delete from a, explain: select 1 }
      - { explain: select 1, expect: { kind: no-row } }
  - id: nothing
    title: Nothing
    statements: [{ sql: insert into a values (1) }]
troubleshooting:
  - { symptom: A, match: { pattern: '(', sqlstate: 42P1 }, resolution: B }
  - { symptom: A, match: {}, resolution: '' }
`;

describe('loadRunbook', () => {
  let checkout: Checkout;

  beforeAll(async () => {
    checkout = await makeCheckout({
      'runbooks/harbour.yaml': GOOD,
      'runbooks/broken.yaml': BROKEN,
      'runbooks/torn.yaml': 'version: 1\nname: torn\nname: twice\nschemas: [a\n',
      'runbooks/empty.yaml': '',
      'runbooks/notes.txt': '',
      'migrations/harbour/001_schema.up.sql': '',
      'seeds/berths.ts': '',
    });
  });
  afterAll(() => checkout.remove());

  it('turns a file into a definition without SQL, with durations in milliseconds', async () => {
    const { definition, file, digest } = await loadRunbook('harbour', checkout.root);
    expect(file).toBe('runbooks/harbour.yaml');
    expect(digest).toBe(sha256(canonicalJson(definition)));
    expect(JSON.parse(JSON.stringify(definition))).toEqual(definition);
    expect(definition).toEqual({
      version: 1,
      name: 'harbour',
      title: "The harbour's tables",
      description: 'Two migrations.',
      schemas: ['harbour'],
      ledgerSchema: 'harbour',
      migrations: { directory: 'migrations/harbour', expect: 2 },
      checklist: [
        { id: 'primary', title: 'Reachable and a primary', spec: { kind: 'primary' }, waivable: false },
        { id: 'dumps', title: 'Dump archives', spec: { kind: 'dump-archives', maxAgeMs: 14_400_000 }, waivable: true },
        { id: 'lag', title: 'Replica lag', spec: { kind: 'replica-lag', maxLagMs: 500 }, waivable: false },
      ],
      window: { approvalTimeoutMs: 5_400_000, drainMs: 300_000, drainTimeoutMs: 1_800_000 },
      execution: [
        { kind: 'status', id: 'status-before', title: 'Nothing there', expect: 'before' },
        { kind: 'migrate', id: 'migrate', title: 'Migrate' },
        { kind: 'seed', id: 'seed-berths', title: 'Seed berths', module: 'seeds/berths.ts' },
      ],
      validation: [
        {
          id: 'structural',
          title: 'Tables',
          writes: false,
          statements: [
            {
              mode: 'query',
              sqlDigest: sha256("SELECT to_regclass('harbour.berths')"),
              expect: { kind: 'all-not-null' },
            },
            {
              mode: 'explain',
              sqlDigest: sha256("SELECT * FROM harbour.berths WHERE name = 'a'"),
              expect: { kind: 'uses-index', index: 'berths_name' },
            },
          ],
          otherwise: 'Run the migrations again.',
        },
      ],
      troubleshooting: [
        {
          symptom: 'relation "core.users" does not exist',
          match: { sqlstate: '42P01', pattern: 'core\\.users' },
          resolution: 'Create the stub.',
        },
      ],
    });
  });

  it('keeps the SQL of a validation beside the definition', async () => {
    const { statements, definition } = await loadRunbook('harbour', checkout.root);
    const item = statements('structural');
    expect(item.statements.map(({ sql }) => sql)).toEqual([
      "SELECT to_regclass('harbour.berths')",
      "SELECT * FROM harbour.berths WHERE name = 'a'",
    ]);
    expect(JSON.stringify(definition)).not.toContain('to_regclass');
    expect(() => statements('smoke')).toThrow('runbooks/harbour.yaml has no validation "smoke"');
  });

  it('has another digest once a statement changes, and the same once only a comment does', async () => {
    const before = (await loadRunbook('harbour', checkout.root)).digest;
    await checkout.write('runbooks/harbour.yaml', `# a comment\n${GOOD}`);
    expect((await loadRunbook('harbour', checkout.root)).digest).toBe(before);
    await checkout.write('runbooks/harbour.yaml', GOOD.replace("name = 'a'", "name = 'b'"));
    expect((await loadRunbook('harbour', checkout.root)).digest).not.toBe(before);
    await checkout.write('runbooks/harbour.yaml', GOOD);
  });

  it('says all problems of a wrong file at once, each with its place', async () => {
    expect(await problemOf(loadRunbook('broken', checkout.root))).toEqual({
      retry: 'stop',
      code: 'runbook-invalid',
      message: 'runbooks/broken.yaml has 34 problems',
      found: `runbooks/broken.yaml:1:10: version: expected 1, found 2
runbooks/broken.yaml:2:7: name: "brokn" is not the name of the file, "broken"
runbooks/broken.yaml:3:1: unknown key "titel"; did you mean "title"?
runbooks/broken.yaml:4:11: a schema name is lower-case letters, digits and underscores
runbooks/broken.yaml:5:15: ledgerSchema: expected a text, found a number
runbooks/broken.yaml:6:26: directory: no folder "migrations/harbor"; did you mean "harbour"?
runbooks/broken.yaml:6:53: expect: the least is 1
runbooks/broken.yaml:8:43: check: expected one of primary, environment, dump-archives, wal-archiving, logical-backup, pitr-backup, replica-lag, dry-run, rehearsal, quiet, found "primry"; did you mean "primary"?
runbooks/broken.yaml:9:11: id "primary" is used twice in checklist
runbooks/broken.yaml:9:34: unknown key "chek"; did you mean "check"?
runbooks/broken.yaml:10:62: maxAge: a duration needs a number and a unit, such as 500ms, 5s, 5m, 4h or 1h30m
runbooks/broken.yaml:10:75: waivable: expected true or false, found a text
runbooks/broken.yaml:11:56: maxLag: a duration needs a number and a unit, such as 500ms, 5s, 5m, 4h or 1h30m
runbooks/broken.yaml:11:67: unknown key "maxage"
runbooks/broken.yaml:12:5: expected a map of keys, found a text
runbooks/broken.yaml:13:18: drain: a duration needs a number and a unit, such as 500ms, 5s, 5m, 4h or 1h30m
runbooks/broken.yaml:15:50: module: "../outside.ts" leads out of the checkout
runbooks/broken.yaml:16:54: module: no file "seeds/berth.ts"; did you mean "berths.ts"?
runbooks/broken.yaml:17:56: expect: expected one of before, after, found "later"; did you mean "after"?
runbooks/broken.yaml:19:9: id: a name is lower-case letters, digits and dashes, and starts with a letter
runbooks/broken.yaml:22:16: sql: PostgreSQL does not understand it: syntax error at or near "selec"
runbooks/broken.yaml:22:33: "rows" needs either "atLeast" or "exactly"
runbooks/broken.yaml:23:16: sql: expected one statement, found 2
runbooks/broken.yaml:23:44: "uses-index" looks at a plan: write the statement under "explain" instead of "sql"
runbooks/broken.yaml:24:16: sql: a TRANSACTION statement cannot be part of a validation; accepted: SELECT, SHOW
runbooks/broken.yaml:25:9: a statement has either "sql" or "explain"
runbooks/broken.yaml:25:16: sql: this statement writes: set "writes: true" (it is rolled back either way)
runbooks/broken.yaml:26:46: kind: expected one of all-not-null, rows, no-rows, column-contains, uses-index, found "no-row"; did you mean "no-rows"?
runbooks/broken.yaml:29:5: nothing is expected of any of these statements, so this validation could not fail
runbooks/broken.yaml:29:25: sql: this statement writes: set "writes: true" (it is rolled back either way)
runbooks/broken.yaml:31:37: pattern: not a regular expression: /(/i: Unterminated group
runbooks/broken.yaml:31:52: sqlstate: a SQLSTATE is five digits or capitals, such as 42P01
runbooks/broken.yaml:32:26: an empty match explains nothing: give sqlstate, code or pattern
runbooks/broken.yaml:32:42: resolution: this text is empty`,
      next: 'correct these lines of runbooks/broken.yaml and run the same command again',
    });
  });

  it('says where the YAML itself is broken', async () => {
    expect(await problemOf(loadRunbook('torn', checkout.root))).toEqual({
      retry: 'stop',
      code: 'runbook-invalid',
      message: 'runbooks/torn.yaml has 2 problems',
      found: `runbooks/torn.yaml:3:1: Map keys must be unique
runbooks/torn.yaml:5:1: Flow sequence in block collection must be sufficiently indented and end with a ]`,
      next: 'correct these lines of runbooks/torn.yaml and run the same command again',
    });
  });

  it('refuses a window in which the drain cannot be waited for', async () => {
    await checkout.write(
      'runbooks/window.yaml',
      GOOD.replace('name: harbour', 'name: window').replace('drainTimeout: 30m', 'drainTimeout: 1m'),
    );
    const { found } = await problemOf(loadRunbook('window', checkout.root));
    await rm(path.join(checkout.root, 'runbooks/window.yaml'));
    expect(found).toBe('runbooks/window.yaml:12:60: drainTimeout: shorter than the drain that it waits for');
  });

  it.each([
    [
      'approvalTimeout: 1h30m',
      'approvalTimeout: 31d',
      '12:28: approvalTimeout: has to be more than 0 and at most 30 d',
    ],
    ['drain: 5m', 'drain: 0s', '12:42: drain: has to be more than 0 and at most 12 h'],
    ['drainTimeout: 30m', 'drainTimeout: 13h', '12:60: drainTimeout: has to be more than 0 and at most 12 h'],
  ])('refuses a window beyond its limits: %s as %s', async (right, wrong, line) => {
    await checkout.write('runbooks/limits.yaml', GOOD.replace('name: harbour', 'name: limits').replace(right, wrong));
    const { found } = await problemOf(loadRunbook('limits', checkout.root));
    await rm(path.join(checkout.root, 'runbooks/limits.yaml'));
    expect(found).toBe(`runbooks/limits.yaml:${line}`);
  });

  it('says that an empty file is empty', async () => {
    expect((await problemOf(loadRunbook('empty', checkout.root))).found).toBe(
      'runbooks/empty.yaml:1:1: the file is empty',
    );
  });

  it('follows a folder out of the checkout through a link and refuses it', async () => {
    const other = await makeCheckout({ 'migrations/001_schema.up.sql': '' });
    await symlink(other.root, `${checkout.root}/linked`);
    await checkout.write(
      'runbooks/linked.yaml',
      GOOD.replace('name: harbour', 'name: linked').replace('migrations/harbour', 'linked/migrations'),
    );
    expect((await problemOf(loadRunbook('linked', checkout.root))).found).toBe(
      'runbooks/linked.yaml:7:26: directory: "linked/migrations" leads out of the checkout by a link',
    );
    await other.remove();
  });

  it('lists the runbooks there are when it is asked for another', async () => {
    expect(await problemOf(loadRunbook('harbor', checkout.root))).toEqual({
      retry: 'stop',
      code: 'runbook-unknown',
      message: 'there is no runbook "harbor"',
      found: 'runbooks/ holds broken, empty, harbour, linked, torn',
      expected: 'did you mean "harbour"?',
      next: 'use one of broken, empty, harbour, linked, torn',
    });
    expect(await listRunbooks(checkout.root)).toEqual(['broken', 'empty', 'harbour', 'linked', 'torn']);
  });

  it('does not read a file outside runbooks/ under the name of a runbook', async () => {
    expect((await problemOf(loadRunbook('../secret', checkout.root))).code).toBe('runbook-unknown');
  });
});
