/**
 * Everything that a status asks of a database, once what-is-there.ts has told what there is to ask, in two round trips: the ledger and the
 * tables; and, while whoever asked looks at those, what was changed by hand. Both as of one moment; where something was changed, its texts
 * are a third. What the answers mean for the files is decided in status.ts.
 */
import pg from 'pg';
import type { ClaimRow } from '../model/claim.ts';
import type { Drift } from '../model/drift.ts';
import { readOnlyInTwo } from '../postgres/read-only.ts';
import { SELECT_CLAIM } from './claim-table.ts';
import { driftFrom, type KeptCatalog, keptCatalogSql } from './drift/read-drift.ts';
import { SETTLE_SQL } from './drift/settled-session.ts';
import type { FingerprintScope } from './fingerprint.ts';
import { ABSENT_LEDGER, type Ledger, ledgerError, ledgerOf, ledgerRowsSql } from './ledger.ts';
import { LEDGER_TABLE } from './ledger-table.ts';
import type { WhatIsThere } from './what-is-there.ts';

export interface StatusLook {
  readonly ledger: Ledger;
  /** `schema.table` of every table of the schemas, sorted; the ledger left out. */
  readonly tables: readonly string[];
  /** Being asked for. Errors: the driver's own. */
  readonly rest: Promise<{ readonly drift: Drift; readonly claim: ClaimRow | null }>;
}

/** The client must not be in a transaction. Errors: `ledger-foreign`, the driver's own. */
export async function lookForStatus(
  client: pg.Client,
  scope: FingerprintScope,
  there: WhatIsThere,
): Promise<StatusLook> {
  const hasLedger = there.ledger === 'present';
  const first = [
    SETTLE_SQL,
    tablesSql(scope),
    hasLedger ? `select ${ledgerRowsSql(scope.ledgerSchema)} as all` : NOTHING,
  ];
  const second = [hasLedger && there.kept ? keptCatalogSql(scope) : NOTHING, there.claims ? SELECT_CLAIM : NOTHING];
  const answers = await readOnlyInTwo(client, first, second).catch((error: unknown) => {
    throw ledgerError(error, scope.ledgerSchema);
  });
  const [, tables, ledger] = answers.first.map(({ rows }) => rows);
  const rest = answers.second.then(async ([kept, claim]) => ({
    drift: hasLedger
      ? await driftFrom(client, scope, kept!.rows[0] as KeptCatalog | undefined)
      : ({ kind: 'unknown', why: 'no-ledger' } as const),
    claim: (claim!.rows[0] as ClaimRow | undefined) ?? null,
  }));
  rest.catch(() => undefined);
  return {
    ledger: hasLedger ? ledgerOf(ledger![0].all) : ABSENT_LEDGER,
    tables: tables![0].names ?? [],
    rest,
  };
}

/** Keeps the places of the others. */
const NOTHING = 'select where false';

function tablesSql({ schemas, ledgerSchema }: FingerprintScope): string {
  return `select json_agg(name order by name) as names from (select n.nspname || '.' || c.relname as name
       from pg_class c join pg_namespace n on n.oid = c.relnamespace
      where n.nspname in (${schemas.map((schema) => pg.escapeLiteral(schema)).join(', ')}) and c.relkind in ('r', 'p')
        and not (n.nspname = ${pg.escapeLiteral(ledgerSchema)} and c.relname = '${LEDGER_TABLE}')
      ) as tables`;
}
