/** The database that a target of `drydock.yaml` leads to. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { resolveUrl } from '../runbook/target-url.ts';
import { findTarget, requireRunbookAllowed } from '../runbook/targets.ts';
import type { DatabaseChoice, DatabaseGround } from './database-choice.ts';
import { NO_MIGRATIONS } from './migration-set.ts';

/** Errors: those of reading targets, `runbook-not-allowed`, `url-variable-missing`, `url-file-missing`. */
export async function databaseOfTarget(
  target: string,
  { name, root, environment }: DatabaseGround,
): Promise<DatabaseChoice> {
  const found = await findTarget(target, root);
  if (name !== NO_MIGRATIONS) requireRunbookAllowed(found, name);
  const url = await resolveUrl(found, {
    lookup: environment.lookup,
    readFile: (file) => readFile(path.resolve(root, file), 'utf8'),
  });
  return { url, target: found.view };
}
