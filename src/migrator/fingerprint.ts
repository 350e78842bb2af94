/**
 * The digest of a catalog: two databases, or one before and after, have the same schema where their digests are equal.
 * What is covered is in `fingerprint-sql.ts`.
 */
import { createHash } from 'node:crypto';
import pg from 'pg';
import { SETTLE_SQL } from './drift/settled-session.ts';
import { fingerprintSql } from './fingerprint-sql.ts';

export interface CatalogObject {
  /** `table`, `column`, `index` … */
  readonly kind: string;
  /** Qualified and quoted where needed: `communication.messages.body`. */
  readonly id: string;
  readonly definition: string;
}

export interface Fingerprint {
  /** sha256 hex over all objects in their order. */
  readonly digest: string;
  readonly objects: readonly CatalogObject[];
}

/** A fingerprint, or as much of one as can be compared. */
export type Objects = Pick<Fingerprint, 'objects'>;

export interface FingerprintScope {
  readonly schemas: readonly string[];
  /** The schema of `schema_migrations`, which is left out. */
  readonly ledgerSchema: string;
}

/**
 * Takes the fingerprint in a read-only transaction of its own, in one round trip; the client must not be in a transaction.
 * Schemas that do not exist contribute nothing: their fingerprint is that of no objects.
 */
export async function fingerprint(client: pg.ClientBase, scope: FingerprintScope): Promise<Fingerprint> {
  const ledger = pg.escapeLiteral(`${pg.escapeIdentifier(scope.ledgerSchema)}.schema_migrations`);
  const sql = fingerprintSql(
    scope.schemas.map((schema) => pg.escapeLiteral(schema)),
    ledger,
  );
  const script = `begin transaction isolation level repeatable read, read only; ${SETTLE_SQL}; ${sql}; commit`;
  const results = (await client.query(script)) as unknown as pg.QueryResult<CatalogObject>[];
  const objects = results[2]?.rows ?? [];
  return { digest: digestOf(objects), objects };
}

/** The digest of objects in the order that `fingerprint` gives. */
export function digestOf(objects: readonly CatalogObject[]): string {
  const hash = createHash('sha256');
  for (const { kind, id, definition } of objects) hash.update(`${JSON.stringify([kind, id, definition])}\n`);
  return hash.digest('hex');
}

/** What is there on one side only, or defined differently, as lines a person can read. `before` is the reference. */
export function diffFingerprints(before: Objects, after: Objects): string[] {
  const known = indexed(before);
  const now = indexed(after);
  const missing = [...known.values()]
    .filter((object) => !now.has(keyOf(object)))
    .map((object) => `missing: ${nameOf(object)}`);
  const added = [...now.values()]
    .filter((object) => !known.has(keyOf(object)))
    .map((object) => `not there before: ${nameOf(object)}`);
  const changed = [...known.values()].flatMap((object) => {
    const other = now.get(keyOf(object));
    return other && other.definition !== object.definition
      ? [`changed: ${nameOf(object)}\n  before: ${object.definition}\n  now:    ${other.definition}`]
      : [];
  });
  return [...missing, ...added, ...changed];
}

function indexed(print: Objects): Map<string, CatalogObject> {
  return new Map(print.objects.map((object) => [keyOf(object), object]));
}

function keyOf({ kind, id }: CatalogObject): string {
  return `${kind} ${id}`;
}

function nameOf({ kind, id }: CatalogObject): string {
  return `${kind} ${id}`;
}
