/** What the communication seeds need in the database before they can be applied, and the commands that make it. */
import type { SeedRequirement } from '../seed.ts';

/** A table of the communication schema. */
export function migratedTable(table: string): SeedRequirement {
  return {
    what: `table ${table}`,
    query: `SELECT to_regclass('${table}') IS NOT NULL AS there`,
    madeBy: 'pnpm tsx src/cli/communication-migrate.ts migrate --url $URL',
  };
}

/** A channel of the system. */
export function systemChannel(key: string): SeedRequirement {
  return {
    what: `channel ${key} of the system`,
    query: `SELECT EXISTS (SELECT FROM communication.channels WHERE organization_id IS NULL AND key = '${key}') AS there`,
    madeBy: 'pnpm tsx src/data/communication/seed-channels.ts --url $URL',
  };
}
