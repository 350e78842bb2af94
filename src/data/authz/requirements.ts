/** What the authz seeds need in the database before they can be applied, and the commands that make it. */
import type { SeedRequirement } from '../seed.ts';

/** A table of the authz schema. */
export function migratedTable(table: string): SeedRequirement {
  return {
    what: `table ${table}`,
    query: `SELECT to_regclass('${table}') IS NOT NULL AS there`,
    madeBy: 'pnpm tsx src/cli/authz-migrate.ts migrate --url $URL',
  };
}

/** A permission by its key. */
export function permission(key: string): SeedRequirement {
  return {
    what: `permission ${key}`,
    query: `SELECT EXISTS (SELECT FROM authz.permissions WHERE key = '${key}') AS there`,
    madeBy: 'pnpm tsx src/data/authz/seed-permissions.ts --url $URL',
  };
}

/** A role of the system by its key. */
export function systemRole(key: string): SeedRequirement {
  return {
    what: `role ${key} of the system`,
    query: `SELECT EXISTS (SELECT FROM authz.roles WHERE organization_id IS NULL AND key = '${key}') AS there`,
    madeBy: 'pnpm tsx src/data/authz/seed-roles.ts --url $URL',
  };
}
