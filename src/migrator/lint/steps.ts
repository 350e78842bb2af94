/** SQL that is proposed, put together: statements, and where the next migration begins. Told apart by a comment, it stays SQL. */

/** What follows belongs into the next migration: it has to be another transaction. */
export const NEXT_MIGRATION = '-- then, in a migration of its own:';
/** What follows is for a job beside the migrations. */
export const BY_A_JOB = '-- then by a job outside of migrations, again and again until it changes no row:';

/** Each statement ends in a semicolon; comments stay as they are. */
export function steps(...statements: readonly string[]): string {
  const text = statements.map((one) => (one.startsWith('--') || one.endsWith(';') ? one : `${one};`)).join('\n');
  // Nothing stands before the first one that it could follow.
  return text.replace(/^-- then,? /, '-- ');
}

export const alter = (table: string, command: string): string => `ALTER TABLE ${table} ${command}`;

/** A bounded part of the rows that still wait, without those that somebody else holds. Without a condition every row waits. */
export function batch(table: string, where?: string): string {
  const condition = where === undefined ? '' : ` WHERE ${where}`;
  return `ctid = ANY (ARRAY(SELECT ctid FROM ${table}${condition} LIMIT 1000 FOR UPDATE SKIP LOCKED))`;
}
