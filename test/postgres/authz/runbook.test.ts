import type pg from 'pg';
import { beforeAll, describe, expect, test } from 'vitest';
import { runValidation } from '../../../src/checks/validation.ts';
import { resolutionFor } from '../../../src/model/problem.ts';
import { problemFromPg } from '../../../src/postgres/problem-from-pg.ts';
import { type LoadedRunbook, loadRunbook } from '../../../src/runbook/load.ts';
import { freshDatabase } from '../../support/postgres.ts';
import { migrationFilesOf, runFile } from '../product-schema.ts';
import { assign, contain, migratedWorld, ROOT, role, type World } from './world.ts';

let runbook: LoadedRunbook;
let world: World;
let client: pg.Client;

beforeAll(async () => {
  runbook = await loadRunbook('authz', ROOT);
  world = await migratedWorld();
  client = await world.connect();
});

const ITEMS = ['structural', 'indexes', 'foreign-keys', 'guards', 'smoke-place', 'smoke'] as const;
const validate = (id: string, on: pg.Client = client) => runValidation(on, runbook.statements(id));

describe('the validations of runbooks/authz.yaml', () => {
  test('are these', () => {
    expect(runbook.definition.validation.map(({ id }) => id)).toEqual(ITEMS);
  });

  test.each(ITEMS)('%s passes on the migrated schema, and leaves nothing behind', async (id) => {
    expect(await validate(id)).toMatchObject({ status: 'passed' });
    expect(await world.query('SELECT FROM authz.roles UNION ALL SELECT FROM authz.audit_log')).toEqual([]);
  });

  test('the smoke test passes again and again, whatever the planner knows', async () => {
    for (const preparation of ['ANALYZE', 'VACUUM ANALYZE', 'SELECT 1']) {
      await world.query(preparation);
      expect(await validate('smoke')).toMatchObject({ status: 'passed' });
    }
  });

  test.each([
    ['structural', 'DROP VIEW authz.effective_permissions', 'statement 2: null: effective_permissions'],
    ['indexes', 'DROP INDEX authz.idx_assignments_effective', 'statement 1: null: check_idx'],
    ['foreign-keys', 'DROP TABLE core.users CASCADE', 'statement 1: not there: core.users'],
    ['guards', 'ALTER TABLE authz.roles DISABLE TRIGGER roles_system_stays', 'not there: roles_system_stays'],
    ['smoke-place', 'DELETE FROM core.users', 'statement 2: no rows'],
    ['smoke', 'DROP INDEX authz.idx_assignments_effective', 'statement 7, its plan: '],
    ['smoke', 'ALTER TABLE authz.assignments DISABLE TRIGGER assignments_audit', 'statement 10: no rows'],
    [
      'smoke',
      `CREATE OR REPLACE FUNCTION authz.may(asked_user uuid, asked_permission text, asked_organization uuid,
         asked_resource_type text DEFAULT NULL, asked_resource_id text DEFAULT NULL) RETURNS boolean LANGUAGE sql AS 'SELECT true'`,
      'statement 5: 1 row',
    ],
  ])('%s fails after %s', async (id, damage, found) => {
    const damaged = await migratedWorld();
    await damaged.query(damage);
    const outcome = await validate(id, await damaged.connect());
    expect(outcome).toMatchObject({ status: 'failed', problem: { code: 'validation-failed' } });
    expect(outcome.problem?.found).toContain(found);
  });
});

describe('the troubleshooting table answers', () => {
  /** The symptom of the entry that explains what a statement was refused with. */
  async function symptomOf(work: Promise<unknown>): Promise<string | undefined> {
    const error = await work.then(
      () => new Error('nothing was refused'),
      (reason: unknown) => reason,
    );
    return resolutionFor(problemFromPg(error, { doing: 'a test' }), runbook.definition.troubleshooting)?.symptom;
  }

  test('migrating without core', async () => {
    const bare = await (await freshDatabase()).connect();
    const [schema, permissions, roles] = await migrationFilesOf('authz');
    for (const { up } of [schema!, permissions!]) await runFile(bare, up);
    expect(await symptomOf(runFile(bare, roles!.up))).toBe('ERROR: schema "core" does not exist');
    await bare.query('ROLLBACK; CREATE SCHEMA core');
    expect(await symptomOf(runFile(bare, roles!.up))).toBe('ERROR: relation "core.organizations" does not exist');
  });

  test('a hierarchy that leads upwards', async () => {
    const [low, high] = [await role(world), await role(world, { level: 20 })];
    expect(await symptomOf(contain(world, low, high))).toBe(
      'CHECK constraint "role_inheritance_downwards" is violated',
    );
  });

  test('an assignment that is there already', async () => {
    const roleId = await role(world);
    await assign(world, roleId);
    expect(await symptomOf(assign(world, roleId))).toBe(
      'conflicting key value violates exclusion constraint "assignments_no_overlap"',
    );
  });

  test('a system role to be dropped, and a last owner to be removed', async () => {
    const owner = await role(world, { organization_id: null, keep_one: true });
    const id = await assign(world, owner);
    expect(await symptomOf(world.query('DELETE FROM authz.assignments WHERE id = $1', [id]))).toBe(
      'the organisation would be left without anybody in this role',
    );
    expect(await symptomOf(world.query('DELETE FROM authz.roles WHERE id = $1', [owner]))).toBe(
      'system roles of authz.roles cannot be removed',
    );
  });

  test('nothing else', async () => {
    expect(await symptomOf(world.query('SELECT 1 / 0'))).toBeUndefined();
  });
});
