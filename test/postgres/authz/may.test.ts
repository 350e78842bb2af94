import { beforeAll, describe, expect, test } from 'vitest';
import {
  ANN,
  allow,
  assign,
  BEN,
  contain,
  may,
  migratedWorld,
  ORGANISATION,
  organisation,
  role,
  type World,
} from './world.ts';

let world: World;
beforeAll(async () => {
  world = await migratedWorld();
});

describe('whether a user may do something', () => {
  test('follows from a role, in its organisation, for its user, for its permission', async () => {
    const roleId = await role(world);
    const permission = await allow(world, roleId);
    const other = await allow(world, await role(world));
    expect(await may(world, { permission })).toBe(false);
    await assign(world, roleId);
    expect(await may(world, { permission })).toBe(true);
    expect(await may(world, { permission, user: BEN })).toBe(false);
    expect(await may(world, { permission, organisation: await organisation(world) })).toBe(false);
    expect(await may(world, { permission: other })).toBe(false);
    expect(await may(world, { permission: 'no.such_permission' })).toBe(false);
  });

  test('follows from the roles that a role contains, as far down as they go, and not upwards', async () => {
    const roles = [
      await role(world, { level: 30 }),
      await role(world, { level: 20 }),
      await role(world, { level: 10 }),
    ];
    const keys = await Promise.all(roles.map((id) => allow(world, id)));
    await contain(world, roles[0]!, roles[1]!);
    await contain(world, roles[1]!, roles[2]!);
    await assign(world, roles[1]!);
    const answers = [];
    for (const permission of keys) answers.push(await may(world, { permission }));
    expect(answers).toEqual([false, true, true]);
  });

  test.each([
    ['before it begins', { valid_from: '2999-01-01' }],
    ['after its end', { valid_from: '2000-01-01', valid_until: '2000-01-02' }],
    ['once it is revoked', { valid_from: '2000-01-01', revoked_at: '2000-01-02' }],
  ])('does not follow from a role %s', async (_, columns) => {
    const roleId = await role(world);
    const permission = await allow(world, roleId);
    await assign(world, roleId, columns);
    expect(await may(world, { permission })).toBe(false);
  });

  test('is limited to the thing that the assignment names; one without covers all things', async () => {
    const [scoped, wide] = [await role(world), await role(world)];
    const [one, all] = [await allow(world, scoped), await allow(world, wide)];
    await assign(world, scoped, { resource_type: 'project', resource_id: '7' });
    await assign(world, wide);
    expect(await may(world, { permission: one })).toBe(false);
    expect(await may(world, { permission: one, resource: ['project', '7'] })).toBe(true);
    expect(await may(world, { permission: one, resource: ['project', '8'] })).toBe(false);
    expect(await may(world, { permission: all, resource: ['project', '8'] })).toBe(true);
  });

  test('is told by the view with the assignment and the role that allow it', async () => {
    const [top, low] = [await role(world, { level: 20 }), await role(world)];
    const permission = await allow(world, low);
    await contain(world, top, low);
    const assignment_id = await assign(world, top);
    expect(await world.query('SELECT * FROM authz.effective_permissions WHERE permission = $1', [permission])).toEqual([
      {
        user_id: ANN,
        organization_id: ORGANISATION,
        permission,
        resource_type: null,
        resource_id: null,
        assignment_id,
        role_id: top,
        granting_role_id: low,
      },
    ]);
  });
});

describe('the audit', () => {
  test('tells every change with the row before and after, who said so, and in which transaction', async () => {
    const client = await world.connect();
    await client.query(`SET authz.actor = 'ann@example.test'`);
    const [made] = (
      await client.query(
        `INSERT INTO authz.roles (organization_id, key, name) VALUES ($1, 'told', 'Told') RETURNING id`,
        [ORGANISATION],
      )
    ).rows;
    await client.query(`UPDATE authz.roles SET name = 'Retold' WHERE id = $1`, [made.id]);
    await client.query(`RESET authz.actor`);
    await client.query('DELETE FROM authz.roles WHERE id = $1', [made.id]);
    const entries = await world.query(
      `SELECT actor, action, organization_id, row_before ->> 'name' AS before, row_after ->> 'name' AS after
         FROM authz.audit_log WHERE table_name = 'roles' AND row_id = $1 ORDER BY id`,
      [made.id],
    );
    const common = { organization_id: ORGANISATION };
    expect(entries).toEqual([
      { ...common, actor: 'ann@example.test', action: 'insert', before: null, after: 'Told' },
      { ...common, actor: 'ann@example.test', action: 'update', before: 'Told', after: 'Retold' },
      { ...common, actor: null, action: 'delete', before: 'Retold', after: null },
    ]);
  });

  test.each(['UPDATE authz.audit_log SET actor = NULL', 'DELETE FROM authz.audit_log', 'TRUNCATE authz.audit_log'])(
    'is only added to: %s is refused',
    async (sql) => {
      await assign(world, await role(world));
      await expect(world.query(sql)).rejects.toThrow(/never changes|cannot be removed/);
    },
  );

  test('is written for somebody who may change roles and not write the log', async () => {
    const name = `clerk_${process.pid}`;
    await world.query(
      `CREATE ROLE ${name}; GRANT USAGE ON SCHEMA authz TO ${name}; GRANT SELECT, INSERT ON authz.permissions TO ${name}`,
    );
    const client = await world.connect();
    await client.query(`SET ROLE ${name}`);
    await client.query(`INSERT INTO authz.permissions (key, description) VALUES ('tests.by_a_clerk', 'x')`);
    await expect(client.query('SELECT FROM authz.audit_log')).rejects.toThrow('permission denied');
    await client.query('RESET ROLE');
    expect(
      await world.query(`SELECT FROM authz.audit_log WHERE row_after ->> 'key' = 'tests.by_a_clerk'`),
    ).toHaveLength(1);
    await client.query(`DROP OWNED BY ${name}; DROP ROLE ${name}`);
  });
});
