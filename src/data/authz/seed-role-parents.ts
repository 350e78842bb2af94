/**
 * Which roles of the system contain which: an owner may do what an administrator may, and so on down. Run alone:
 * `pnpm tsx src/data/authz/seed-role-parents.ts --url $URL [--undo] [--json]`.
 */
import { isEntryPoint } from '../entry-point.ts';
import type { Seed } from '../seed.ts';
import { migratedTable, systemRole } from './requirements.ts';

const INSERT = `
INSERT INTO authz.role_inheritance (role_id, parent_id)
SELECT role.id, parent.id
  FROM authz.roles AS role CROSS JOIN authz.roles AS parent
 WHERE role.organization_id IS NULL AND role.key = $1
   AND parent.organization_id IS NULL AND parent.key = $2
ON CONFLICT (role_id, parent_id) DO NOTHING
RETURNING id`;

/** Role, the role that it contains. */
const STEPS = [
  ['owner', 'administrator'],
  ['administrator', 'member'],
  ['member', 'guest'],
] as const;

const seed: Seed = {
  name: 'role-parents',
  table: 'authz.role_inheritance',
  requires: [migratedTable('authz.role_inheritance'), ...[...new Set(STEPS.flat())].map(systemRole)],
  rows: () => STEPS.map((values) => ({ insert: INSERT, values })),
};

export default seed;

if (isEntryPoint(import.meta.url, process.argv[1])) {
  const { runSeedCommand } = await import('../../cli/commands/seed.ts');
  process.exitCode = await runSeedCommand({ runbook: 'authz', seed }, process.argv.slice(2));
}
