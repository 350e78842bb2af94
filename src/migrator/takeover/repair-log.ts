/**
 * The table that remembers what `repair` changed in a ledger: append-only, in Drydock's own schema, so that it outlives the
 * ledger and is no part of any schema that is compared.
 */
import pg from 'pg';
import type { Repair } from '../../model/takeover.ts';
import { CREATE_DRYDOCK_SCHEMA } from '../../postgres/drydock-schema.ts';

export const REPAIRS = 'drydock.ledger_repairs';

/** Run under the migrator's lock of one ledger; two ledgers may want it at once, so it waits for who else makes it. */
export const CREATE_REPAIRS = `${CREATE_DRYDOCK_SCHEMA}
do $drydock$
begin
  if to_regclass('${REPAIRS}') is null then
    perform pg_advisory_xact_lock(hashtextextended('table ${REPAIRS}', 0));
    create table if not exists ${REPAIRS} (
      id bigint generated always as identity primary key,
      repaired_at timestamptz not null default clock_timestamp(),
      repaired_by text not null,
      ledger_schema text not null,
      version text not null,
      name text not null,
      action text not null check (action in ('checksums', 'forget')),
      old_up_checksum text not null,
      old_down_checksum text,
      new_up_checksum text,
      new_down_checksum text
    );
    comment on table ${REPAIRS} is 'What was changed in ledgers by repair, one row for each change. Only ever added to.';
    comment on column ${REPAIRS}.ledger_schema is 'The schema of the ledger: several may be in one database.';
    comment on column ${REPAIRS}.action is 'checksums: those of the edited files were recorded. forget: the row was removed, because its files are gone.';
    comment on column ${REPAIRS}.old_up_checksum is 'sha256 hex of the up file as it was applied.';
    comment on column ${REPAIRS}.new_up_checksum is 'sha256 hex of the up file as it is now; null for forget.';
  end if;
end
$drydock$;`;

export function logRepairSql(ledgerSchema: string, repairedBy: string, repair: Repair): string {
  const { version, name, action, old, now } = repair;
  const values = [
    repairedBy,
    ledgerSchema,
    version,
    name,
    action,
    old.up,
    old.down,
    now?.up ?? null,
    now?.down ?? null,
  ];
  const literals = values.map((value) => (value === null ? 'null' : pg.escapeLiteral(value)));
  return `insert into ${REPAIRS} (repaired_by, ledger_schema, version, name, action,
  old_up_checksum, old_down_checksum, new_up_checksum, new_down_checksum)
values (${literals.join(', ')});`;
}
