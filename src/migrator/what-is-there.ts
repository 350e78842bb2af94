/** What a database has of this tool, so that nothing is asked for that is not there: one statement, and the row it gives. */
import pg from 'pg';
import { CLAIMS } from './claim-table.ts';
import { hasCatalogColumns } from './drift/keep-catalog.ts';
import { type LedgerState, ledgerStateOf } from './ledger.ts';
import { ledgerName } from './ledger-table.ts';

export interface WhatIsThere {
  readonly ledger: LedgerState;
  /** Whether the ledger has the columns of a kept catalog. */
  readonly kept: boolean;
  readonly claims: boolean;
}

export function whatIsThereSql(ledgerSchema: string): string {
  const ledger = pg.escapeLiteral(ledgerName(ledgerSchema));
  return `select ${ledgerStateOf(ledgerSchema)} as ledger, ${hasCatalogColumns(ledger)} as kept,
            to_regclass(${pg.escapeLiteral(CLAIMS)}) is not null as claims`;
}
