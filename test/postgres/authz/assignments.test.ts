import { beforeAll, describe, expect, test } from 'vitest';
import { ANN, assign, BEN, migratedWorld, ORGANISATION, organisation, refusal, role, type World } from './world.ts';

let world: World;
beforeAll(async () => {
  world = await migratedWorld();
});

const DAY = (n: number) => `2030-01-${String(n).padStart(2, '0')}`;
const span = (from: number, until: number | null) => ({
  valid_from: DAY(from),
  valid_until: until === null ? null : DAY(until),
});
const revoke = (id: string, at = 'now()') =>
  world.query(`UPDATE authz.assignments SET revoked_at = ${at} WHERE id = $1`, [id]);

describe('the same role to the same person', () => {
  test.each([
    ['at the same time', span(1, 10), span(1, 10)],
    ['partly at the same time', span(1, 10), span(9, 20)],
    ['within it', span(1, 10), span(3, 4)],
    ['while it has no end', span(1, null), span(20, 21)],
  ])('is refused %s', async (_, first, second) => {
    const roleId = await role(world);
    await assign(world, roleId, first);
    expect(await refusal(assign(world, roleId, second))).toMatchObject({
      code: '23P01',
      constraint: 'assignments_no_overlap',
    });
  });

  test.each([
    ['when the one begins as the other ends', span(1, 10), span(10, 20)],
    ['for another person', span(1, 10), { ...span(1, 10), user_id: BEN }],
    ['for one thing only', span(1, 10), { ...span(1, 10), resource_type: 'project', resource_id: '7' }],
  ])('is possible %s', async (_, first, second) => {
    const roleId = await role(world);
    await assign(world, roleId, first);
    await assign(world, roleId, second);
  });

  test('is possible again once it was revoked, also before it began', async () => {
    const roleId = await role(world);
    await revoke(await assign(world, roleId));
    const id = await assign(world, roleId, span(1, 10));
    await revoke(id);
    await assign(world, roleId, span(1, 10));
    expect(await world.query('SELECT isempty(in_force) FROM authz.assignments WHERE id = $1', [id])).toEqual([
      { isempty: true },
    ]);
  });

  test('is given once where two give it at the same moment', async () => {
    const roleId = await role(world);
    const [first, second] = [await world.connect(), await world.connect()];
    const sql = 'INSERT INTO authz.assignments (organization_id, user_id, role_id) VALUES ($1, $2, $3)';
    await first.query('BEGIN');
    await first.query(sql, [ORGANISATION, ANN, roleId]);
    const late = refusal(second.query(sql, [ORGANISATION, ANN, roleId]));
    await first.query('COMMIT');
    expect((await late).constraint).toBe('assignments_no_overlap');
  });
});

describe('an assignment', () => {
  test('names a role of its organisation or of the system', async () => {
    const theirs = await role(world, { organization_id: await organisation(world) });
    expect(await refusal(assign(world, theirs))).toMatchObject({
      code: '23514',
      constraint: 'assignments_same_organisation',
      message: 'role_id of authz.assignments names a role that belongs to another organisation',
    });
    await assign(world, await role(world, { organization_id: null }));
  });

  test.each([
    ['half a resource', { resource_type: 'project' }, 'assignments_resource_whole'],
    ['an end before its beginning', span(10, 1), 'assignments_valid_span'],
    ['a revoker without a time', { revoked_by: ANN }, 'assignments_revoked_by_needs_time'],
  ])('is refused with %s', async (_, columns, constraint) => {
    expect((await refusal(assign(world, await role(world), columns))).constraint).toBe(constraint);
  });

  test('never says afterwards that it was somebody else, or that it was not revoked', async () => {
    const id = await assign(world, await role(world));
    const set = (what: string) => refusal(world.query(`UPDATE authz.assignments SET ${what} WHERE id = $1`, [id]));
    expect((await set(`user_id = '${BEN}'`)).constraint).toBe('assignments_identity_fixed');
    await revoke(id);
    expect((await set('revoked_at = NULL')).constraint).toBe('assignments_revoked_for_good');
    expect((await set(`valid_until = 'infinity'`)).constraint).toBe('assignments_revoked_for_good');
  });

  test('keeps its role from being deleted, and goes with its user and its organisation', async () => {
    const [own, tenant] = [await role(world), await organisation(world)];
    const id = await assign(world, own);
    expect((await refusal(world.query('DELETE FROM authz.roles WHERE id = $1', [own]))).constraint).toBe(
      'assignments_role_id_fkey',
    );
    const theirs = await role(world, { organization_id: tenant });
    await assign(world, theirs, { organization_id: tenant, granted_by: BEN });
    await world.query('DELETE FROM core.organizations WHERE id = $1', [tenant]);
    expect(await world.query('SELECT id FROM authz.assignments WHERE role_id = $1', [theirs])).toEqual([]);
    expect(await world.query('SELECT id FROM authz.assignments WHERE id = $1', [id])).toHaveLength(1);
  });
});

describe('the last person in a role that keeps one', () => {
  const KEPT = { code: '23001', message: 'the organisation would be left without anybody in this role' };

  test('cannot be taken out of it, by revoking, ending or deleting', async () => {
    const id = await assign(world, await role(world, { keep_one: true }));
    const last = (sql: string) => refusal(world.query(sql, [id]));
    expect(await last('UPDATE authz.assignments SET revoked_at = now() WHERE id = $1')).toMatchObject(KEPT);
    expect(await last(`UPDATE authz.assignments SET valid_until = 'infinity' WHERE id = $1`)).toMatchObject(KEPT);
    expect(await last('DELETE FROM authz.assignments WHERE id = $1')).toMatchObject(KEPT);
  });

  test('can, once there is another; one for a time or for one thing is none', async () => {
    const roleId = await role(world, { keep_one: true });
    const id = await assign(world, roleId);
    await assign(world, roleId, { user_id: BEN, resource_type: 'project', resource_id: '7' });
    expect(await refusal(revoke(id))).toMatchObject(KEPT);
    await assign(world, roleId, { user_id: BEN });
    await revoke(id);
  });

  test('stays where two persons take each other out at the same moment', async () => {
    const roleId = await role(world, { keep_one: true });
    const ids = [await assign(world, roleId), await assign(world, roleId, { user_id: BEN })];
    const sessions = await Promise.all(ids.map(() => world.connect()));
    for (const session of sessions) await session.query(`BEGIN; SET LOCAL deadlock_timeout = '50ms'`);
    const sql = 'UPDATE authz.assignments SET revoked_at = now() WHERE id = $1';
    const outcomes = await Promise.all(
      sessions.map((session, index) =>
        session
          .query(sql, [ids[index]])
          .then(() => session.query('COMMIT'))
          .then(
            () => 'revoked',
            async () => {
              await session.query('ROLLBACK');
              return 'refused';
            },
          ),
      ),
    );
    expect(outcomes.toSorted()).toEqual(['refused', 'revoked']);
    const left = await world.query('SELECT FROM authz.assignments WHERE role_id = $1 AND revoked_at IS NULL', [roleId]);
    expect(left).toHaveLength(1);
  });

  test('does not keep the user or the organisation from being deleted', async () => {
    const tenant = await organisation(world);
    const user = await world.insert(
      `INSERT INTO core.users (email, display_name) VALUES ('carol@example.test', 'Carol') RETURNING id`,
    );
    const roleId = await role(world, { organization_id: null, keep_one: true });
    await assign(world, roleId, { organization_id: tenant, user_id: user });
    await assign(world, roleId, { user_id: user });
    await world.query('DELETE FROM core.organizations WHERE id = $1', [tenant]);
    await world.query('DELETE FROM core.users WHERE id = $1', [user]);
    expect(await world.query('SELECT FROM authz.assignments WHERE role_id = $1', [roleId])).toEqual([]);
  });
});
