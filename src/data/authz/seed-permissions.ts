/**
 * The permissions that the system knows from its first day. Run alone:
 * `pnpm tsx src/data/authz/seed-permissions.ts --url $URL [--undo] [--json]`.
 */
import { isEntryPoint } from '../entry-point.ts';
import type { Seed } from '../seed.ts';
import { migratedTable } from './requirements.ts';

const INSERT = `
INSERT INTO authz.permissions (key, description)
VALUES ($1, $2)
ON CONFLICT (key) DO NOTHING
RETURNING id`;

/** Key, description. */
const PERMISSIONS = [
  ['organization.read', 'See the organisation and its settings'],
  ['organization.update', 'Change the settings of the organisation'],
  ['organization.delete', 'Delete the organisation with all it holds'],
  ['members.read', 'See who belongs to the organisation'],
  ['members.invite', 'Invite people into the organisation'],
  ['members.remove', 'Remove people from the organisation'],
  ['roles.read', 'See the roles and who has them'],
  ['roles.manage', 'Make and change the roles of the organisation'],
  ['roles.assign', 'Give roles to people and take them back'],
  ['messages.read', 'Read messages'],
  ['messages.send', 'Write messages'],
  ['messages.delete', 'Delete messages of others'],
  ['audit.read', 'Read what was changed by whom'],
] as const;

const seed: Seed = {
  name: 'permissions',
  table: 'authz.permissions',
  requires: [migratedTable('authz.permissions')],
  rows: () => PERMISSIONS.map((values) => ({ insert: INSERT, values })),
};

export default seed;

if (isEntryPoint(import.meta.url, process.argv[1])) {
  const { runSeedCommand } = await import('../../cli/commands/seed.ts');
  process.exitCode = await runSeedCommand({ runbook: 'authz', seed }, process.argv.slice(2));
}
