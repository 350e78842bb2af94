/**
 * What a runbook file must hold true across several of its values: ids that occur once, expectations that can be met.
 * It looks at the raw value, which may be wrong in other ways, so that all problems are said at once.
 */
import { parseDuration } from '../model/duration.ts';
import { LINT_RULE_NAMES } from '../model/lint-rule-names.ts';
import { PLACEHOLDER_FORM, PLACEHOLDER_NAME } from './fields.ts';
import { didYouMean } from './nearest.ts';
import { memberOf, valueAt } from './schema-place.ts';
import type { DataPath, FileProblem, YamlDocument } from './yaml-document.ts';

const ROW_KINDS = ['all-not-null', 'rows', 'no-rows', 'column-contains'];
const SECTIONS = ['checklist', 'execution', 'validation'] as const;

/** Problems between values; none where the shape is too broken to tell. */
export function checkConsistency(document: YamlDocument): readonly FileProblem[] {
  return [
    ...SECTIONS.flatMap((section) => duplicateIds(document, section)),
    ...withIndex(valueAt(document.value, ['validation'])).flatMap(([index, item]) => checkItem(document, index, item)),
    ...emptyMatches(document),
    ...impossibleWindow(document),
    ...placeholderNames(document, []),
    ...lintRules(document),
  ];
}

function duplicateIds(document: YamlDocument, section: string): readonly FileProblem[] {
  const seen = new Set<unknown>();
  const problems: FileProblem[] = [];
  for (const [index, item] of withIndex(valueAt(document.value, [section]))) {
    const id = memberOf(item, 'id');
    if (typeof id !== 'string') continue;
    if (seen.has(id)) problems.push(document.at([section, index, 'id'], `id "${id}" is used twice in ${section}`));
    seen.add(id);
  }
  return problems;
}

function checkItem(document: YamlDocument, index: number, item: unknown): readonly FileProblem[] {
  const statements = withIndex(memberOf(item, 'statements'));
  const problems = statements.flatMap(([position, statement]) =>
    checkStatement(document, ['validation', index, 'statements', position], statement),
  );
  const expects = statements.some(([, statement]) => memberOf(statement, 'expect') !== undefined);
  if (statements.length === 0 || expects) return problems;
  const text = 'nothing is expected of any of these statements, so this validation could not fail';
  return [...problems, document.atKey(['validation', index], 'statements', text)];
}

function checkStatement(document: YamlDocument, path: DataPath, statement: unknown): readonly FileProblem[] {
  if (statement === null || typeof statement !== 'object') return [];
  const isQuery = memberOf(statement, 'sql') !== undefined;
  const isExplain = memberOf(statement, 'explain') !== undefined;
  if (isQuery === isExplain) return [document.at(path, 'a statement has either "sql" or "explain"')];
  return checkExpectation(document, [...path, 'expect'], memberOf(statement, 'expect'), isExplain);
}

function checkExpectation(
  document: YamlDocument,
  path: DataPath,
  expect: unknown,
  isExplain: boolean,
): readonly FileProblem[] {
  const kind = memberOf(expect, 'kind');
  if (isExplain && expect === undefined) return [document.at(path.slice(0, -1), 'an "explain" needs an "expect"')];
  if (isExplain && ROW_KINDS.includes(String(kind)))
    return [
      document.at(path, `"${String(kind)}" looks at rows and fits "sql"; an "explain" can be held to uses-index`),
    ];
  if (!isExplain && kind === 'uses-index')
    return [document.at(path, '"uses-index" looks at a plan: write the statement under "explain" instead of "sql"')];
  const bounds = ['atLeast', 'exactly'].filter((key) => memberOf(expect, key) !== undefined);
  if (kind === 'rows' && bounds.length !== 1) return [document.at(path, '"rows" needs either "atLeast" or "exactly"')];
  return [];
}

function emptyMatches(document: YamlDocument): readonly FileProblem[] {
  return withIndex(valueAt(document.value, ['troubleshooting'])).flatMap(([index, entry]) => {
    const match = memberOf(entry, 'match');
    const isEmpty = match !== null && typeof match === 'object' && Object.keys(match).length === 0;
    const text = 'an empty match explains nothing: give sqlstate, code or pattern';
    return isEmpty ? [document.at(['troubleshooting', index, 'match'], text)] : [];
  });
}

/** Only where both are written: the default of one may be changed by a target together with the other. */
function impossibleWindow(document: YamlDocument): readonly FileProblem[] {
  const [drainMs, timeoutMs] = ['drain', 'drainTimeout'].map((key) =>
    parseDuration(String(valueAt(document.value, ['window', key]))),
  );
  if (drainMs === undefined || timeoutMs === undefined || timeoutMs >= drainMs) return [];
  return [document.at(['window', 'drainTimeout'], 'drainTimeout: shorter than the drain that it waits for')];
}

/** Of `placeholders:` in the map at `path`. */
export function placeholderNames(document: YamlDocument, path: DataPath): readonly FileProblem[] {
  const place = [...path, 'placeholders'];
  const given = valueAt(document.value, place);
  if (given === null || typeof given !== 'object') return [];
  const wrong = Object.keys(given).filter((name) => !PLACEHOLDER_NAME.test(name));
  return wrong.map((name) => document.atKey(place, name, `"${name}": ${PLACEHOLDER_FORM}`));
}

function lintRules(document: YamlDocument): readonly FileProblem[] {
  const place = ['lint', 'rules'];
  const given = valueAt(document.value, place);
  if (given === null || typeof given !== 'object') return [];
  const unknown = Object.keys(given).filter((name) => !LINT_RULE_NAMES.includes(name));
  return unknown.map((name) =>
    document.atKey(place, name, `"${name}" is no lint rule${didYouMean(name, LINT_RULE_NAMES)}`),
  );
}

function withIndex(value: unknown): readonly (readonly [number, unknown])[] {
  return Array.isArray(value) ? value.map((item, index) => [index, item] as const) : [];
}
