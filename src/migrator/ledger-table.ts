/**
 * The ledger's own table: the SQL that makes it, with a comment on everything, and the SQL that removes it. Nothing here runs
 * by itself; the texts become part of a migration's transaction.
 */
import pg from 'pg';

export const LEDGER_TABLE = 'schema_migrations';
/** By it a schema is known that had to be made for the ledger alone. */
const SCHEMA_COMMENT = 'Made by Drydock for its ledger, and dropped with it.';

const COLUMNS: readonly (readonly [name: string, type: string, comment: string])[] = [
  ['version', 'text not null', 'The number in the file names, as written there.'],
  ['name', 'text not null', 'The name in the file names.'],
  ['up_checksum', 'text not null', 'sha256 hex over the bytes of the up file.'],
  ['down_checksum', 'text', 'sha256 hex over the bytes of the down file; null where there is none.'],
  ['started_at', 'timestamptz not null', 'When applying it began.'],
  [
    'finished_at',
    'timestamptz',
    'When it was applied. Null while it is unfinished: migrate goes on with it, rollback clears it.',
  ],
  [
    'parts_done',
    'integer not null',
    'How many of its parts are done. A part is one transaction, or one statement outside of any.',
  ],
  ['parts_total', 'integer not null', 'How many parts it has.'],
  ['duration_ms', 'integer not null', 'How long its parts took in all, in milliseconds.'],
  ['applied_by', 'text not null', 'Who asked for it.'],
  ['run_id', 'text', 'The Temporal run that applied it; null for the plain command line.'],
  ['drydock_version', 'text not null', 'The version of Drydock that applied it.'],
  [
    'undo_started_at',
    'timestamptz',
    'When undoing it in several parts began; null otherwise. Whoever comes next finishes the undoing.',
  ],
];

/** What the newest row keeps of the schema, for `status`; large, and not part of what is read as the ledger. */
export const CATALOG_COLUMNS: readonly (readonly [name: string, type: string, comment: string])[] = [
  ['catalog_mark', 'json', 'On the newest row: what the catalog kept beside it is bound to, and its signature.'],
  ['catalog_after', 'json', 'On the newest row: kind, id and definition of every object, as the last run left them.'],
];

/** `"communication".schema_migrations`, quoted. */
export function ledgerName(schema: string): string {
  return `${pg.escapeIdentifier(schema)}.${LEDGER_TABLE}`;
}

/** Makes the table, and its schema where there is none. */
export function createLedgerSql(schema: string): string {
  const name = ledgerName(schema);
  const all = [...COLUMNS, ...CATALOG_COLUMNS];
  const columns = all.map(([column, type]) => `  ${column} ${type},`).join('\n');
  const comments = all.map(
    ([column, , comment]) => `comment on column ${name}.${column} is ${pg.escapeLiteral(comment)};`,
  );
  return [
    createSchemaSql(schema),
    `create table ${name} (\n${columns}\n  constraint ${LEDGER_TABLE}_pkey primary key (version)\n);`,
    `comment on table ${name} is 'The migrations applied to this database, one row each. Kept by Drydock.';`,
    ...comments,
  ].join('\n');
}

// "create schema if not exists" would ask for rights on the database even where the schema is there.
function createSchemaSql(schema: string): string {
  const identifier = pg.escapeIdentifier(schema);
  return `do $drydock$ begin
  if to_regnamespace(${pg.escapeLiteral(identifier)}) is null then
    create schema ${identifier};
    comment on schema ${identifier} is ${pg.escapeLiteral(SCHEMA_COMMENT)};
  end if;
end $drydock$;`;
}

/** Drops the table; the schema stays, because the last mirror may be about to drop it. */
export function dropLedgerSql(schema: string): string {
  return `drop table ${ledgerName(schema)};`;
}

/** Drops a schema that was made for the ledger alone and holds nothing else. For after the last mirror. */
export function dropLedgerSchemaSql(schema: string): string {
  const identifier = pg.escapeIdentifier(schema);
  const regnamespace = pg.escapeLiteral(identifier);
  return `do $drydock$ begin
  if obj_description(to_regnamespace(${regnamespace}), 'pg_namespace') = ${pg.escapeLiteral(SCHEMA_COMMENT)}
     and not exists (select from pg_depend where refclassid = 'pg_namespace'::regclass
                       and refobjid = to_regnamespace(${regnamespace})) then
    drop schema ${identifier};
  end if;
end $drydock$;`;
}
