import type pg from 'pg';
import { beforeEach, describe, expect, test } from 'vitest';
import permissions from '../../../src/data/authz/seed-permissions.ts';
import roleParents from '../../../src/data/authz/seed-role-parents.ts';
import rolePermissions from '../../../src/data/authz/seed-role-permissions.ts';
import roles from '../../../src/data/authz/seed-roles.ts';
import { applySeed, undoSeed } from '../../../src/data/seed.ts';
import { assign, may, migratedWorld, type World } from './world.ts';

const ALL = [permissions, roles, roleParents, rolePermissions] as const;
const RUN = { runId: 'run-1' };

let world: World;
let client: pg.Client;

beforeEach(async () => {
  world = await migratedWorld();
  client = await world.connect();
});

const seedAll = async () => {
  for (const seed of ALL) await applySeed(client, seed, RUN);
};
const systemRole = async (key: string) =>
  (
    await world.query<{ id: string }>('SELECT id FROM authz.roles WHERE organization_id IS NULL AND key = $1', [key])
  )[0]!.id;

describe('the seeds of authz', () => {
  test('insert what is not there, do nothing the second time, and go in reverse', async () => {
    for (const seed of ALL) {
      const total = seed.rows().length;
      expect(await applySeed(client, seed, RUN)).toEqual({ inserted: total, present: 0 });
      expect(await applySeed(client, seed, { runId: 'run-2' })).toEqual({ inserted: 0, present: total });
    }
    for (const seed of ALL.toReversed()) {
      expect(await undoSeed(client, seed, { runId: 'run-2' })).toEqual({ deleted: 0 });
      expect(await undoSeed(client, seed, RUN)).toEqual({ deleted: seed.rows().length });
    }
    expect(await world.query('SELECT FROM authz.roles UNION ALL SELECT FROM authz.permissions')).toEqual([]);
  });

  test('say what has to be there first', async () => {
    const missing = (seed: (typeof ALL)[number]) =>
      applySeed(client, seed, RUN).then(
        () => undefined,
        (error) => [error.problem.found, error.problem.next],
      );
    expect(await missing(roleParents)).toEqual([
      'the database has no role owner of the system',
      'pnpm tsx src/data/authz/seed-roles.ts --url $URL',
    ]);
    await applySeed(client, roles, RUN);
    expect(await missing(rolePermissions)).toEqual([
      'the database has no permission organization.delete',
      'pnpm tsx src/data/authz/seed-permissions.ts --url $URL',
    ]);
  });

  test('give an owner everything, and every other role less than the one above it', async () => {
    await seedAll();
    const all = permissions.rows().map(({ values }) => String(values[0]));
    const counts: number[] = [];
    for (const key of ['owner', 'administrator', 'member', 'guest']) {
      const [tenant] = await world.query<{ id: string }>(
        `INSERT INTO core.organizations (name) VALUES ($1) RETURNING id`,
        [key],
      );
      await assign(world, await systemRole(key), { organization_id: tenant!.id });
      const answers = await Promise.all(all.map((permission) => may(world, { permission, organisation: tenant!.id })));
      counts.push(answers.filter(Boolean).length);
    }
    expect(counts).toEqual([13, 12, 4, 2]);
  });

  test('are not taken back while somebody has a role of theirs', async () => {
    await seedAll();
    await assign(world, await systemRole('member'));
    await expect(undoSeed(client, roles, RUN)).rejects.toMatchObject({ problem: { code: 'seed-in-use' } });
    expect(await systemRole('member')).toBeDefined();
  });

  test('leave the guard of system roles closed behind them', async () => {
    await seedAll();
    for (const seed of ALL.toReversed()) await undoSeed(client, seed, RUN);
    await applySeed(client, roles, RUN);
    await expect(client.query('DELETE FROM authz.roles')).rejects.toMatchObject({ code: '23001' });
  });
});
