import { beforeAll, describe, expect, test } from 'vitest';
import { contain, migratedWorld, organisation, refusal, role, type World } from './world.ts';

let world: World;
beforeAll(async () => {
  world = await migratedWorld();
});

describe('the hierarchy of roles', () => {
  test('leads downwards: neither the same level nor a higher one can be contained', async () => {
    const [low, same, high] = [await role(world), await role(world), await role(world, { level: 20 })];
    await contain(world, high, low);
    const refused = { code: '23514', constraint: 'role_inheritance_downwards' };
    expect(await refusal(contain(world, low, high))).toMatchObject(refused);
    expect(await refusal(contain(world, low, same))).toMatchObject(refused);
    expect(await refusal(contain(world, low, low))).toMatchObject(refused);
  });

  test('holds when the level of a role changes later', async () => {
    const [low, high] = [await role(world), await role(world, { level: 20 })];
    await contain(world, high, low);
    await world.query('UPDATE authz.roles SET level = 30 WHERE id = $1', [high]);
    expect(
      await world.query('SELECT role_level, parent_level FROM authz.role_inheritance WHERE role_id = $1', [high]),
    ).toEqual([{ role_level: 30, parent_level: 10 }]);
    expect(await refusal(world.query('UPDATE authz.roles SET level = 30 WHERE id = $1', [low]))).toMatchObject({
      constraint: 'role_inheritance_downwards',
    });
  });

  test.each(['read committed', 'repeatable read', 'serializable'])(
    'gets no circle from two sessions that each add half of it at %s',
    async (level) => {
      const [one, other] = [await role(world, { level: 10 }), await role(world, { level: 20 })];
      const [first, second] = [await world.connect(), await world.connect()];
      for (const session of [first, second]) await session.query(`BEGIN ISOLATION LEVEL ${level}; SELECT 1`);
      const sql = 'INSERT INTO authz.role_inheritance (role_id, parent_id) VALUES ($1, $2)';
      await first.query(sql, [other, one]);
      // It raises the level of the lower role, so that its own half is allowed: both together would be a circle.
      const half = refusal(
        (async () => {
          await second.query('UPDATE authz.roles SET level = 30 WHERE id = $1', [one]);
          await second.query(sql, [one, other]);
          await second.query('COMMIT');
        })(),
      );
      await first.query('COMMIT');
      await half;
      expect(
        await world.query(
          `SELECT FROM authz.role_inheritance a JOIN authz.role_inheritance b ON a.role_id = b.parent_id AND a.parent_id = b.role_id
            WHERE a.role_id = $1`,
          [one],
        ),
      ).toEqual([]);
    },
  );

  test('stays within an organisation and the system', async () => {
    const tenant = await organisation(world);
    const system = await role(world, { organization_id: null });
    const theirs = await role(world, { organization_id: tenant });
    const ours = await role(world, { level: 20 });
    await contain(world, ours, system);
    expect(await refusal(contain(world, ours, theirs))).toMatchObject({
      code: '23514',
      constraint: 'role_inheritance_same_organisation',
      message: 'parent_id of authz.role_inheritance names a role that belongs to another organisation',
    });
    const systemHigh = await role(world, { organization_id: null, level: 20 });
    expect((await refusal(contain(world, systemHigh, theirs))).constraint).toBe('role_inheritance_same_organisation');
  });
});

describe('roles of the system', () => {
  test('cannot be dropped or emptied away, whoever asks', async () => {
    const system = await role(world, { organization_id: null });
    expect(await refusal(world.query('DELETE FROM authz.roles WHERE id = $1', [system]))).toMatchObject({
      code: '23001',
      constraint: 'roles_system_stays',
      message: 'system roles of authz.roles cannot be removed',
    });
    expect(await refusal(world.query('TRUNCATE authz.roles CASCADE'))).toMatchObject({
      constraint: 'roles_system_stays_whole',
    });
  });

  test('go where the same transaction says that it is meant', async () => {
    const system = await role(world, { organization_id: null });
    const client = await world.connect();
    await client.query('BEGIN; SET LOCAL authz.remove_system_rows = roles');
    expect((await client.query('DELETE FROM authz.roles WHERE id = $1', [system])).rowCount).toBe(1);
    await client.query('COMMIT');
    const next = await role(world, { organization_id: null });
    expect((await refusal(client.query('DELETE FROM authz.roles WHERE id = $1', [next]))).code).toBe('23001');
  });

  test('keep their key and their place; those of an organisation can be deleted', async () => {
    const [system, own] = [await role(world, { organization_id: null }), await role(world)];
    const rename = world.query(`UPDATE authz.roles SET key = 'other' WHERE id = $1`, [system]);
    expect((await refusal(rename)).constraint).toBe('roles_identity_fixed');
    await world.query('DELETE FROM authz.roles WHERE id = $1', [own]);
  });
});
