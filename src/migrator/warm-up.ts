/**
 * What a fresh session's first statements are slow for is reading the catalogs into its memory. While this process reads the files,
 * the server has nothing to do: it does that meanwhile. It changes nothing, and nothing depends on it.
 */

import type { Session } from '../postgres/connect.ts';
import { catalogSignatureSql } from './drift/catalog-signature.ts';
import { literalsOf } from './drift/keep-catalog.ts';
import type { FingerprintScope } from './fingerprint.ts';
import { fingerprintSql } from './fingerprint-sql.ts';

/** Asked about no schema at all: what there is to find in one may take long. */
const NO_SCHEMA = [`''`];

export function warmUp({ client }: Pick<Session, 'client'>, scope: FingerprintScope): void {
  const { ledger } = literalsOf(scope);
  const queries = [`select ${catalogSignatureSql(NO_SCHEMA, ledger)}`, fingerprintSql(NO_SCHEMA, ledger)];
  client.query(queries.join(';\n')).catch(() => undefined);
}
