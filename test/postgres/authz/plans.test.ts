import type pg from 'pg';
import { beforeAll, expect, test } from 'vitest';
import { migratedWorld, ORGANISATION, role, type World } from './world.ts';

let world: World;
let client: pg.Client;

beforeAll(async () => {
  world = await migratedWorld();
  client = await world.connect();
});

/** 20,000 users with a role in the sample organisation, 5,000 of them revoked, and roles that contain each other. */
async function fill(): Promise<void> {
  const [top, low] = [await role(world, { level: 20 }), await role(world)];
  await world.query(
    `INSERT INTO core.users (email, display_name) SELECT 'user' || n || '@example.test', 'User' FROM generate_series(1, 20000) AS n;`,
  );
  await world.query(
    `INSERT INTO authz.assignments (organization_id, user_id, role_id, valid_from, revoked_at)
     SELECT '${ORGANISATION}', id, '${top}', '2020-01-01', CASE WHEN random() < 0.25 THEN now() END FROM core.users`,
  );
  await world.query('INSERT INTO authz.role_inheritance (role_id, parent_id) VALUES ($1, $2)', [top, low]);
  await world.query(
    `INSERT INTO authz.permissions (key, description) SELECT 'bulk.deed_' || n, 'x' FROM generate_series(1, 500) AS n`,
  );
  await world.query(
    'INSERT INTO authz.role_permissions (role_id, permission_id) SELECT $1, id FROM authz.permissions',
    [low],
  );
  await world.query('ANALYZE');
}

test('on tables with many rows authz.may goes through idx_assignments_effective, without being pushed', async () => {
  await fill();
  const [user] = await world.query<{ user_id: string }>(
    'SELECT user_id FROM authz.assignments WHERE revoked_at IS NULL LIMIT 1',
  );
  // Of this transaction, so far: other numbers come some time later, and with those of whoever was there before.
  const scans = async (index: string): Promise<number> => {
    const counted = 'SELECT pg_stat_get_xact_numscans($1::regclass)::int AS n';
    return (await client.query<{ n: number }>(counted, [index])).rows[0]!.n;
  };
  await client.query('BEGIN');
  const before = [await scans('authz.idx_assignments_effective'), await scans('authz.assignments_no_overlap')];
  for (let times = 0; times < 8; times += 1) {
    const { rows } = await client.query('SELECT authz.may($1, $2, $3)', [user!.user_id, 'bulk.deed_7', ORGANISATION]);
    expect(rows).toEqual([{ may: true }]);
  }
  expect(await scans('authz.idx_assignments_effective')).toBe(before[0]! + 8);
  expect(await scans('authz.assignments_no_overlap')).toBe(before[1]);
  await client.query('COMMIT');
});
