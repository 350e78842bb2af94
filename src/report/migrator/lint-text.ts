/** A lint report for a terminal: by file, each finding with its line, a caret, what to write instead and where to read more. */
import { assertNever } from '../../model/assert-never.ts';
import { countFindings, countsText, type Finding, type LintReport } from '../../model/lint.ts';
import { type Palette, PLAIN } from '../palette.ts';
import { oneLine, printable } from '../printable.ts';
import { COLUMNS, wrap } from '../wrap.ts';

/** Without a line break at its end. Why a rule is one is told at its first finding. */
export function lintText(report: LintReport, palette: Palette = PLAIN): string {
  const files = [...new Set(report.findings.map(({ file }) => file))];
  const explained = new Set<string>();
  const blocks = files.map((file) => {
    const findings = report.findings.filter((one) => one.file === file);
    return [palette.bold(file), ...findings.map((one) => findingLines(one, explained, palette).join('\n'))].join(
      '\n\n',
    );
  });
  return [...blocks, lastLines(report, palette).join('\n')].join('\n\n');
}

/** `lint: 2 errors, 1 warning; run lint to see them`, for the end of a dry run. */
export function lintSummary(report: Pick<LintReport, 'findings'>): string {
  const counts = countsText(countFindings(report.findings));
  return report.findings.length === 0 ? `lint: ${counts}` : `lint: ${counts}; run \`lint\``;
}

function findingLines(finding: Finding, explained: Set<string>, palette: Palette): string[] {
  const { severity, rule, line, column, message, why, instead, docs } = finding;
  const emphasis = severity === 'error' ? palette.red : palette.yellow;
  const reasons = explained.has(rule) ? [] : wrap(why, { first: '  ', rest: '  ' });
  explained.add(rule);
  return [
    `  ${emphasis(severity)} ${palette.bold(rule)} ${palette.dim(`line ${line}:${column}`)}`,
    ...wrap(oneLine(message), { first: '  ', rest: '  ' }),
    ...excerptLines(finding, emphasis, palette),
    ...reasons.map(palette.dim),
    ...insteadLines(instead, palette),
    `  ${palette.dim(`more: ${docs}`)}`,
  ];
}

/** As many characters of a line as are shown, with the caret in sight. */
const EXCERPT = COLUMNS - 12;

function excerptLines({ line, column, excerpt }: Finding, emphasis: Palette['red'], palette: Palette): string[] {
  const characters = Array.from(excerpt.replaceAll('\t', ' '));
  const from = column > EXCERPT ? column - Math.floor(EXCERPT / 2) : 0;
  const shown = printable(characters.slice(from, from + EXCERPT).join('')).trimEnd();
  const gutter = `  ${line} | `;
  const margin = ' '.repeat(gutter.length - 2);
  return [
    `  ${palette.dim(gutter)}${shown}`,
    `  ${palette.dim(`${margin}| `)}${' '.repeat(column - 1 - from)}${emphasis('^')}`,
  ];
}

function insteadLines(instead: string | null, palette: Palette): string[] {
  if (instead === null) return [];
  const lines = printable(instead).split('\n');
  return [
    `  instead:`,
    ...lines.map((line) => `    ${line.startsWith('--') ? palette.dim(line) : palette.green(line)}`),
  ];
}

function lastLines(report: LintReport, palette: Palette): string[] {
  const counts = countFindings(report.findings);
  if (report.scope.kind === 'pending' && report.migrations === 0) {
    return [`nothing to look at: no migration is pending on ${report.database}`];
  }
  const emphasis = counts.errors > 0 ? palette.red : counts.warnings > 0 ? palette.yellow : palette.green;
  return [
    `${emphasis(countsText(counts))} in ${scopeText(report)}${allowedText(report)}`,
    ...hints(report).map(palette.dim),
  ];
}

function allowedText({ allowed }: LintReport): string {
  const off = allowed.filter(({ by }) => by === 'runbook').length;
  const commented = allowed.length - off;
  return `${commented === 0 ? '' : `, ${commented} allowed by comments`}${off === 0 ? '' : `, ${off} of rules that the runbook has turned off`}`;
}

function scopeText({ scope, migrations, database }: LintReport): string {
  const amount = `${migrations} ${migrations === 1 ? 'migration' : 'migrations'}`;
  switch (scope.kind) {
    case 'pending':
      return `${amount} pending on ${database}`;
    case 'since':
      return `${amount} after ${scope.version}`;
    case 'all':
      return `${amount}, taken as one plan`;
    default:
      return assertNever(scope);
  }
}

function hints({ scope, serverVersion, database }: LintReport): string[] {
  const version = `PostgreSQL ${Math.floor(serverVersion / 10_000)}`;
  const asked = database === null ? `no database was asked; as for ${version}` : `as for ${version}`;
  if (scope.kind !== 'all') return database === null ? [asked] : [];
  return [`${asked}. Tables made here count as new; with --since <version> those made up to it are in use`];
}
