/** Reads `runbooks/<name>.yaml`: the definition with its digest, or every problem of the file at once. Connects to nothing. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { canonicalJson } from '../model/canonical.ts';
import { ProblemError } from '../model/problem.ts';
import type { Runbook } from '../model/runbook.ts';
import { checkConsistency } from './consistency.ts';
import { sha256, toDefinition, type ValidationItemWithSql, withSql } from './definition.ts';
import { refuseFile } from './file-fault.ts';
import { nearest } from './nearest.ts';
import { checkReferences, namesIn } from './references.ts';
import { type RunbookFile, runbookSchema } from './schema.ts';
import { memberOf } from './schema-place.ts';
import { checkShape } from './shape-problems.ts';
import { checkStatementSql } from './statement-sql.ts';
import { type FileProblem, parseYaml, type YamlDocument } from './yaml-document.ts';

const FOLDER = 'runbooks';

export interface LoadedRunbook {
  /** JSON-safe and without SQL: statements carry a digest. */
  readonly definition: Runbook;
  /** sha256 hex over the canonical JSON of the definition, and so over the SQL's digests too. */
  readonly digest: string;
  /** Relative to the root: `runbooks/communication.yaml`. */
  readonly file: string;
  /** A validation with its SQL. Errors: `validation-unknown`. */
  readonly statements: (itemId: string) => ValidationItemWithSql;
}

/**
 * Loads and checks one runbook. `root` is the checkout.
 * Errors: `runbook-unknown` (lists those there are), `runbook-invalid` (all problems, each with line and column).
 */
export async function loadRunbook(name: string, root: string): Promise<LoadedRunbook> {
  const file = `${FOLDER}/${name}.yaml`;
  const names = await listRunbooks(root);
  if (!names.includes(name)) throw unknownRunbook(name, names);
  const document = parseYaml(await readFile(path.join(root, file), 'utf8'));
  refuseFile({ code: 'runbook-invalid', file, problems: document.syntaxProblems });
  const { data, problems } = checkShape(runbookSchema, document);
  const further = [
    ...checkConsistency(document),
    ...checkName(document, name),
    ...(await checkReferences(document, root)),
    ...(await checkStatementSql(document)),
  ];
  refuseFile({ code: 'runbook-invalid', file, problems: [...problems, ...further] });
  return loaded(file, data!);
}

/** Names of the runbooks below `root`, sorted. None where the folder is missing. */
export async function listRunbooks(root: string): Promise<readonly string[]> {
  const names = await namesIn(path.join(root, FOLDER));
  return names.flatMap((name) => /^(.+)\.yaml$/.exec(name)?.[1] ?? []).sort();
}

function checkName(document: YamlDocument, name: string): readonly FileProblem[] {
  const written = memberOf(document.value, 'name');
  if (typeof written !== 'string' || written === name) return [];
  return [document.at(['name'], `name: "${written}" is not the name of the file, "${name}"`)];
}

function loaded(file: string, data: RunbookFile): LoadedRunbook {
  const definition = toDefinition(data);
  const items = new Map(data.validation.map((entry) => [entry.id, withSql(entry)]));
  return {
    definition,
    digest: digestOf(definition),
    file,
    statements: (itemId) => items.get(itemId) ?? refuseItem(file, itemId, [...items.keys()]),
  };
}

/** sha256 hex. */
export function digestOf(definition: Runbook): string {
  return sha256(canonicalJson(definition));
}

function refuseItem(file: string, itemId: string, known: readonly string[]): never {
  throw new ProblemError({
    code: 'validation-unknown',
    message: `${file} has no validation "${itemId}"`,
    expected: `one of ${known.join(', ')}`,
    next: 'use the checkout that the run was planned with',
  });
}

function unknownRunbook(name: string, names: readonly string[]): ProblemError {
  const meant = nearest(name, names);
  return new ProblemError({
    code: 'runbook-unknown',
    message: `there is no runbook "${name}"`,
    found: names.length === 0 ? `no *.yaml in ${FOLDER}/` : `${FOLDER}/ holds ${names.join(', ')}`,
    ...(meant === undefined ? {} : { expected: `did you mean "${meant}"?` }),
    next: names.length === 0 ? `write ${FOLDER}/${name}.yaml` : `use one of ${names.join(', ')}`,
  });
}
