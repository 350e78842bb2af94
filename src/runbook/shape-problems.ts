/** Zod's findings in plain words, each with its place in the file. It knows zod and YAML places, and nothing of runbooks. */
import type { z } from 'zod';
import { didYouMean, nearest } from './nearest.ts';
import { memberOf, openKeysAt, valueAt } from './schema-place.ts';
import type { DataPath, FileProblem, YamlDocument } from './yaml-document.ts';

type Issue = z.core.$ZodIssue;
type RawIssue = z.core.$ZodRawIssue;

const PLAIN_TYPE: Readonly<Record<string, string>> = {
  object: 'a map of keys',
  record: 'a map of keys',
  array: 'a list',
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
};

/** The parsed value, or every way in which its shape is wrong. */
export function checkShape<T extends z.ZodType>(
  schema: T,
  document: YamlDocument,
): { readonly data: z.output<T> | undefined; readonly problems: readonly FileProblem[] } {
  const result = schema.safeParse(document.value, { error: plainMessage, reportInput: true });
  if (result.success) return { data: result.data, problems: [] };
  const { issues } = result.error;
  const misspelt = misspeltKeys(schema, document.value, issues);
  const problems = issues.flatMap((issue) => describe(schema, document, issue, misspelt));
  return { data: undefined, problems };
}

function plainMessage(issue: RawIssue): string | undefined {
  if (issue.input === undefined && issue.code !== 'unrecognized_keys') return 'missing';
  switch (issue.code) {
    case 'invalid_type':
      return `expected ${PLAIN_TYPE[String(issue.expected)] ?? String(issue.expected)}, found ${kindOf(issue.input)}`;
    case 'invalid_value':
      return notOneOf(issue.input, (issue.values as readonly unknown[]).map(String));
    case 'invalid_union':
      return 'missing';
    case 'too_small':
      return issue.origin === 'array' ? 'this list is empty' : `the least is ${String(issue.minimum)}`;
    case 'too_big':
      return `the most is ${String(issue.maximum)}`;
    default:
      return undefined;
  }
}

function kindOf(value: unknown): string {
  if (value === null) return 'nothing';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'number' && !Number.isInteger(value)) return 'a fraction';
  return PLAIN_TYPE[typeof value] ?? typeof value;
}

function notOneOf(found: unknown, allowed: readonly string[]): string {
  const word = typeof found === 'string' ? `"${found}"` : typeof found === 'object' ? kindOf(found) : String(found);
  const hint = typeof found === 'string' ? didYouMean(found, allowed) : '';
  const choice = allowed.length === 1 ? allowed[0] : `one of ${allowed.join(', ')}`;
  return `expected ${choice}, found ${word}${hint}`;
}

/** For each unknown key that is close to an accepted one: `path/acceptedKey`, whose absence is then no second problem. */
function misspeltKeys(schema: z.ZodType, value: unknown, issues: readonly Issue[]): ReadonlySet<string> {
  const found = new Set<string>();
  for (const issue of issues) {
    if (issue.code !== 'unrecognized_keys') continue;
    const path = issue.path as DataPath;
    const accepted = openKeysAt(schema, value, path);
    for (const key of issue.keys) {
      const meant = nearest(key, accepted);
      if (meant !== undefined) found.add([...path, meant].join('/'));
    }
  }
  return found;
}

function describe(
  schema: z.ZodType,
  document: YamlDocument,
  issue: Issue,
  misspelt: ReadonlySet<string>,
): readonly FileProblem[] {
  const path = issue.path as DataPath;
  if (issue.code === 'unrecognized_keys') {
    const accepted = openKeysAt(schema, document.value, path);
    return issue.keys.map((key) => document.atKey(path, key, `unknown key "${key}"${didYouMean(key, accepted)}`));
  }
  if (issue.code === 'invalid_union' && 'discriminator' in issue) return [unknownKind(document, issue)];
  if (path.length === 0 && document.value == null) return [document.at(path, 'the file is empty')];
  if (issue.message !== 'missing') return [document.at(path, `${spoken(path)}${issue.message}`)];
  if (misspelt.has(path.join('/'))) return [];
  return [missing(document, path)];
}

function unknownKind(document: YamlDocument, issue: Issue): FileProblem {
  const path = issue.path as DataPath;
  const { discriminator, options } = issue as unknown as { discriminator: string; options: readonly string[] };
  const parent = valueAt(document.value, path.slice(0, -1));
  const found = memberOf(parent, discriminator);
  if (found !== undefined) return document.at(path, `${spoken(path)}${notOneOf(found, options.map(String))}`);
  const instead = Object.keys((parent ?? {}) as object).find((key) => nearest(key, [discriminator]) !== undefined);
  if (instead === undefined) return missing(document, path);
  return document.atKey(path.slice(0, -1), instead, `unknown key "${instead}"${didYouMean(instead, [discriminator])}`);
}

function missing(document: YamlDocument, path: DataPath): FileProblem {
  return document.at(path.slice(0, -1), `missing key "${String(path.at(-1))}"`);
}

/** The last key of a path as the beginning of a sentence: `maxAge: `. A place in a list says nothing. */
function spoken(path: DataPath): string {
  const last = path.at(-1);
  return typeof last === 'string' ? `${last}: ` : '';
}
