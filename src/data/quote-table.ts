/** Writes the name of a table with its schema as SQL. */
import pg from 'pg';

/** `communication.channels` becomes `"communication"."channels"`. */
export function quoteTable(table: string): string {
  return table.split('.').map(pg.escapeIdentifier).join('.');
}
