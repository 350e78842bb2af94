/**
 * The roles of the system, which every organisation can give. Run alone:
 * `pnpm tsx src/data/authz/seed-roles.ts --url $URL [--undo] [--json]`.
 */
import { isEntryPoint } from '../entry-point.ts';
import type { Seed } from '../seed.ts';
import { migratedTable } from './requirements.ts';

const INSERT = `
INSERT INTO authz.roles (key, name, description, level, keep_one)
VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (key) WHERE organization_id IS NULL DO NOTHING
RETURNING id`;

/** Key, name, description, level, whether an organisation keeps one. */
const ROLES = [
  ['owner', 'Owner', 'May do everything, also delete the organisation', 400, true],
  ['administrator', 'Administrator', 'Looks after people, roles and settings', 300, false],
  ['member', 'Member', 'Takes part', 200, false],
  ['guest', 'Guest', 'May look', 100, false],
] as const;

const seed: Seed = {
  name: 'roles',
  table: 'authz.roles',
  requires: [migratedTable('authz.roles')],
  rows: () => ROLES.map((values) => ({ insert: INSERT, values })),
  // The database refuses to drop roles of the system unless it is told that it is meant.
  beforeUndo: 'SET LOCAL authz.remove_system_rows = roles',
};

export default seed;

if (isEntryPoint(import.meta.url, process.argv[1])) {
  const { runSeedCommand } = await import('../../cli/commands/seed.ts');
  process.exitCode = await runSeedCommand({ runbook: 'authz', seed }, process.argv.slice(2));
}
