/** What a new migration begins with: comments that say which forms keep locks short, and what the mirror has to do. No SQL runs. */

export interface Skeleton {
  readonly up: string;
  readonly down: string;
}

/** `name`: `010_orders`. `schema`: the first one that the migrations own. */
export function skeletonFor(name: string, schema: string): Skeleton {
  const table = `${written(schema)}.orders`;
  return {
    up: `-- ${name}: what it does, and why.
--
-- It runs in one transaction, with its row in the ledger. What cannot be in a transaction (CONCURRENTLY, VACUUM) runs by
-- itself: put it into a file of its own, with IF [NOT] EXISTS, because a file that was cut off is run again from there.
--
-- Forms that keep others working while a table is changed:
--   index        CREATE INDEX CONCURRENTLY IF NOT EXISTS orders_user_id ON ${table} (user_id);
--   constraint   ALTER TABLE ${table} ADD CONSTRAINT orders_total_positive CHECK (total >= 0) NOT VALID;
--                and in the next migration: ALTER TABLE ${table} VALIDATE CONSTRAINT orders_total_positive;
--   foreign key  ALTER TABLE ${table} ADD CONSTRAINT orders_user_id_fkey
--                  FOREIGN KEY (user_id) REFERENCES ${written(schema)}.users (id) NOT VALID;
--                validated in the next migration, and with an index on user_id
--   not null     ADD CONSTRAINT … CHECK (total IS NOT NULL) NOT VALID, validate it in the next migration,
--                then ALTER COLUMN total SET NOT NULL and drop the constraint
--   column       ADD COLUMN with a constant default, or none: a volatile one, such as now() + random(), rewrites the table
--   many rows    UPDATE in batches, in a migration of its own
-- \`lint\` finds the forms that do not, and \`rehearse\` tries the migration before anybody waits for it.

`,
    down: `-- Undoes ${name}.up.sql.
--
-- Everything that it makes is dropped here, last to first; what it drops is made again as it was. IF EXISTS belongs where
-- the up file has IF NOT EXISTS, and CONCURRENTLY where it has CONCURRENTLY. Rows that would be lost are saved first.
-- \`rehearse\` runs both, and shows what this file leaves behind.

`,
  };
}

function written(name: string): string {
  return /^[a-z_][a-z0-9_]*$/.test(name) ? name : `"${name.replaceAll('"', '""')}"`;
}
