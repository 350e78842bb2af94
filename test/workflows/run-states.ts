/** What a database and a state show of a run, for the tests of runs. */
import { expect } from 'vitest';
import type { RunState } from '../../src/model/state.ts';
import type { World } from '../support/world.ts';

/** Names of the schemas that are there besides PostgreSQL's own. */
export async function schemas({ database }: World): Promise<string[]> {
  const rows = await database.query<{ name: string }>(
    `select nspname as name from pg_namespace where nspname !~ '^pg_' and nspname not in ('information_schema', 'public') order by 1`,
  );
  return rows.map((row) => row.name);
}

export async function claims({ database }: World): Promise<number> {
  const [there] = await database.query<{ there: boolean }>(`select to_regclass('drydock.claims') is not null as there`);
  if (!there?.there) return 0;
  return (await database.query('select from drydock.claims')).length;
}

export function statuses(state: RunState, phase: string): string[] {
  return state.items.filter((item) => item.phase === phase).map((item) => `${item.id} ${item.status}`);
}

export async function expectNothingChanged(world: World): Promise<void> {
  expect((await schemas(world)).filter((name) => name !== 'drydock')).toEqual([]);
  expect(await claims(world)).toBe(0);
}

export const running = (id: string) => (state: RunState) =>
  state.items.some((item) => item.id === id && item.status === 'running');
