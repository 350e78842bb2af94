/** Why a history is not taken over before it is even read: there is none, there are several, or the ledger has rows already. */
import { ProblemError } from '../../model/problem.ts';
import { ledgerName } from '../ledger-table.ts';
import type { FoundHistory } from './find-histories.ts';
import type { Tool } from './history.ts';
import type { LedgerPlace, RecordedBefore } from './ledger-place.ts';

/** The tool whose history an earlier import recorded; undefined where none did, or another than the one asked for. */
export function alreadyImported(rows: readonly RecordedBefore[], from: Tool | undefined): string | undefined {
  const tools = rows.flatMap(({ appliedBy }) => /^import:(\S+)/.exec(appliedBy)?.[1] ?? []);
  const [tool] = tools;
  return from === undefined || tool === from ? tool : undefined;
}

/** Errors: `ledger-not-empty`, always. */
export function refuseRows(schema: string, rows: readonly RecordedBefore[]): never {
  const last = rows.at(-1)!;
  throw new ProblemError({
    code: 'ledger-not-empty',
    message: `${ledgerName(schema)} has rows already`,
    found: `${rows.length === 1 ? '1 row' : `${rows.length} rows`}, the last ${last.version}, recorded by ${last.appliedBy}`,
    expected: 'a database whose migrations nobody has recorded in a ledger yet',
    next: 'look at `status`: this database is migrated with this tool already',
  });
}

/** Errors: `history-not-found`, `history-ambiguous`. */
export function onlyHistory(
  found: readonly FoundHistory[],
  { ledgerSchema }: { readonly ledgerSchema: string },
  place: LedgerPlace,
): FoundHistory {
  const [only] = found;
  if (only && found.length === 1) return only;
  throw only ? several(found) : none(ledgerSchema, place);
}

function several(found: readonly FoundHistory[]): ProblemError {
  const lines = found.map(({ format, table }) => `${format.tool}: ${table.schema}.${table.name}`);
  const tools = new Set(found.map(({ format }) => format.tool));
  return new ProblemError({
    code: 'history-ambiguous',
    message: `this database has ${found.length} histories`,
    found: lines.join('\n'),
    expected: 'one history, or the name of the one to take over',
    next:
      tools.size > 1
        ? `say whose it is: \`import --from ${[...tools][0]}\``
        : `say which table it is: \`import --history ${found[0]!.table.schema}.${found[0]!.table.name}\``,
  });
}

function none(ledgerSchema: string, place: LedgerPlace): ProblemError {
  const foreign =
    place.kind === 'foreign' ? `${ledgerName(ledgerSchema)}, a table with columns that no known tool has` : '';
  return new ProblemError({
    code: 'history-not-found',
    message: 'there is no history of a migration tool that is known',
    found: foreign || 'none of the tables that such tools keep',
    expected: 'golang-migrate, dbmate, goose, Flyway or another known tool to have migrated this database',
    next: [
      'name the table with `import --history <schema.table>` where it has another name',
      'or record what the schema has already: `baseline <version>`',
    ].join('\n'),
  });
}
