/**
 * What the roles of the system allow, besides what they contain. Run alone:
 * `pnpm tsx src/data/authz/seed-role-permissions.ts --url $URL [--undo] [--json]`.
 */
import { isEntryPoint } from '../entry-point.ts';
import type { Seed } from '../seed.ts';
import { migratedTable, permission, systemRole } from './requirements.ts';

const INSERT = `
INSERT INTO authz.role_permissions (role_id, permission_id)
SELECT role.id, permission.id
  FROM authz.roles AS role CROSS JOIN authz.permissions AS permission
 WHERE role.organization_id IS NULL AND role.key = $1 AND permission.key = $2
ON CONFLICT (role_id, permission_id) DO NOTHING
RETURNING id`;

const ALLOWED = {
  owner: ['organization.delete'],
  administrator: [
    'organization.update',
    'members.invite',
    'members.remove',
    'roles.read',
    'roles.manage',
    'roles.assign',
    'messages.delete',
    'audit.read',
  ],
  member: ['members.read', 'messages.send'],
  guest: ['organization.read', 'messages.read'],
} as const;

const PAIRS = Object.entries(ALLOWED).flatMap(([role, keys]) => keys.map((key) => [role, key] as const));

const seed: Seed = {
  name: 'role-permissions',
  table: 'authz.role_permissions',
  requires: [
    migratedTable('authz.role_permissions'),
    ...Object.keys(ALLOWED).map(systemRole),
    ...PAIRS.map(([, key]) => permission(key)),
  ],
  rows: () => PAIRS.map((values) => ({ insert: INSERT, values })),
};

export default seed;

if (isEntryPoint(import.meta.url, process.argv[1])) {
  const { runSeedCommand } = await import('../../cli/commands/seed.ts');
  process.exitCode = await runSeedCommand({ runbook: 'authz', seed }, process.argv.slice(2));
}
