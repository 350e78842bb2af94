/**
 * What the schema of every product has to be like, as tests: files that undo each other, comments, indexes for foreign keys.
 * What a product's tables mean is for its own tests.
 */
import { beforeAll, describe, expect, test } from 'vitest';
import type { SqlFile } from '../../src/migrator/files.ts';
import { diffFingerprints, fingerprint } from '../../src/migrator/fingerprint.ts';
import { freshDatabase } from '../support/postgres.ts';
import {
  migratedSchema,
  migrationFilesOf,
  type Product,
  type ProductWorld,
  refusal,
  runFile,
} from './product-schema.ts';

export interface ExpectedCatalog {
  readonly product: Product;
  /** `001_schema`, in their order. */
  readonly migrations: readonly string[];
  /** First lines of the statements that cannot be in a transaction. */
  readonly alone: readonly string[];
  /** Sorted. */
  readonly tables: readonly string[];
  /** Foreign keys that are served otherwise, as `schema.table: constraint`. */
  readonly withoutIndex: readonly string[];
}

export function describeMigrations({ product, migrations, alone }: ExpectedCatalog): void {
  const scope = { schemas: [product], ledgerSchema: product };
  const core = { schemas: ['core'], ledgerSchema: product };

  describe('the migrations', () => {
    test('are in their order', async () => {
      const names = (await migrationFilesOf(product)).map(({ version, name }) => `${version}_${name}`);
      expect(names).toEqual(migrations);
    });

    test('go up, down and up again, each to the same catalog', async () => {
      const database = await freshDatabase({ template: 'core' });
      const client = await database.connect();
      const coreBefore = await fingerprint(client, core);
      const catalogAfter = async (file: SqlFile) => {
        await runFile(client, file);
        return fingerprint(client, scope);
      };
      const files = await migrationFilesOf(product);
      for (const file of files) {
        const before = await fingerprint(client, scope);
        const first = await catalogAfter(file.up);
        expect(diffFingerprints(before, await catalogAfter(file.down!)), `${file.down!.path} undoes it`).toEqual([]);
        expect(diffFingerprints(first, await catalogAfter(file.up)), `${file.up.path} makes the same again`).toEqual(
          [],
        );
        expect(first.digest).not.toBe(before.digest);
      }
      for (const file of files.toReversed()) await runFile(client, file.down!);
      expect((await fingerprint(client, scope)).objects).toEqual([]);
      expect(diffFingerprints(coreBefore, await fingerprint(client, core))).toEqual([]);
    });

    test('can be in transactions, all but what is known', async () => {
      const { analyseFile } = await import('../../src/migrator/statements.ts');
      const parts: string[] = [];
      for (const file of await migrationFilesOf(product)) {
        const lone = (await analyseFile(file.up)).parts.filter((part) => part.kind === 'alone');
        parts.push(...lone.map((part) => part.statement.text.split('\n')[0]!));
        expect((await analyseFile(file.down!)).parts).toHaveLength(1);
      }
      expect(parts).toEqual(alone);
    });

    test('end in a down that refuses to drop a schema that holds what no migration made', async () => {
      const database = await freshDatabase({ template: 'core' });
      const client = await database.connect();
      const [schema] = await migrationFilesOf(product);
      await runFile(client, schema!.up);
      await client.query(`CREATE TABLE ${product}.somebody_elses (id int)`);
      expect((await refusal(runFile(client, schema!.down!))).code).toBe('2BP01');
    });
  });
}

export function describeCatalog({ product, tables, withoutIndex }: ExpectedCatalog): void {
  describe('the finished schema', () => {
    let world: ProductWorld;
    beforeAll(async () => {
      world = await migratedSchema(product);
    });

    test('has the tables that are expected', async () => {
      const rows = await world.query(
        `SELECT relname FROM pg_class WHERE relnamespace = '${product}'::regnamespace AND relkind = 'r' ORDER BY 1`,
      );
      expect(rows.map(({ relname }) => relname)).toEqual(tables);
    });

    test('has a comment on the schema, every table, view, column, function, type and index that no constraint made', async () => {
      expect(await world.query(SILENT.replaceAll('PRODUCT', product))).toEqual([]);
    });

    test('has an index for every foreign key, so that deleting a parent never reads a whole table', async () => {
      const bare = await world.query(BARE.replaceAll('PRODUCT', product));
      expect(bare.map(({ key }) => key)).toEqual(withoutIndex);
    });

    test('points to core.users and core.organizations and nowhere else outside', async () => {
      const rows = await world.query(`
        SELECT DISTINCT confrelid::regclass::text AS target
          FROM pg_constraint JOIN pg_class AS target ON target.oid = confrelid
         WHERE connamespace = '${product}'::regnamespace AND contype = 'f' AND target.relnamespace <> connamespace
         ORDER BY 1`);
      expect(rows.map(({ target }) => target)).toEqual(['core.organizations', 'core.users']);
    });
  });
}

const SILENT = `
  WITH here AS (SELECT 'PRODUCT'::regnamespace AS oid)
  SELECT 'schema' AS what FROM here WHERE obj_description(oid, 'pg_namespace') IS NULL
  UNION ALL
  SELECT c.oid::regclass || coalesce('.' || a.attname, '')
    FROM here JOIN pg_class c ON c.relnamespace = here.oid AND c.relkind IN ('r', 'v')
    LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
   WHERE coalesce(col_description(c.oid, a.attnum), '') = ''
  UNION ALL
  SELECT c.oid::regclass::text FROM here JOIN pg_class c ON c.relnamespace = here.oid AND c.relkind IN ('r', 'v')
   WHERE obj_description(c.oid, 'pg_class') IS NULL
  UNION ALL
  SELECT p.oid::regprocedure::text FROM here JOIN pg_proc p ON p.pronamespace = here.oid
   WHERE obj_description(p.oid, 'pg_proc') IS NULL
     AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'i')
  UNION ALL
  SELECT t.oid::regtype::text FROM here JOIN pg_type t ON t.typnamespace = here.oid AND t.typtype IN ('e', 'd', 'r')
   WHERE obj_description(t.oid, 'pg_type') IS NULL
  UNION ALL
  SELECT c.oid::regclass::text FROM here JOIN pg_class c ON c.relnamespace = here.oid AND c.relkind = 'i'
   WHERE obj_description(c.oid, 'pg_class') IS NULL
     AND NOT EXISTS (SELECT FROM pg_constraint k WHERE k.conindid = c.oid AND k.contype IN ('p', 'u'))`;

const BARE = `
  SELECT conrelid::regclass || ': ' || conname AS key FROM pg_constraint k
   WHERE connamespace = 'PRODUCT'::regnamespace AND contype = 'f'
     AND NOT EXISTS (
       SELECT FROM pg_index i
        WHERE i.indrelid = k.conrelid
          AND (SELECT array_agg(column_number ORDER BY column_number)
                 FROM unnest((i.indkey::int2[])[0:cardinality(k.conkey) - 1]) AS column_number)
            = (SELECT array_agg(column_number ORDER BY column_number) FROM unnest(k.conkey) AS column_number)
          AND (i.indpred IS NULL OR pg_get_expr(i.indpred, i.indrelid) ~ ' IS NOT NULL\\)$'))
   ORDER BY 1`;
