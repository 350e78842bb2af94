/** The status of a database's migrations for a terminal: a line each, then the tables, then what stands in the way. */
import { assertNever } from '../../model/assert-never.ts';
import { formatDuration } from '../../model/duration.ts';
import type { MigrationStatus, MigratorStatus } from '../../model/migrator-status.ts';
import { instant } from '../instant.ts';
import { type Palette, PLAIN } from '../palette.ts';
import { oneLine } from '../printable.ts';
import { wrap } from '../wrap.ts';
import { differenceCount, differenceLines, unknownDriftText } from './drift-text.ts';

/** Without a line break at its end. */
export function statusText(status: MigratorStatus, palette: Palette = PLAIN): string {
  const width = Math.max(0, ...status.migrations.map((one) => labelOf(one).length));
  return [
    `database ${status.database}`,
    '',
    ...status.migrations.map((one) => migrationLine(one, width, palette)),
    '',
    ...tableLines(status),
    ...ignoredLines(status),
    ...driftLines(status, palette),
    ...claimLines(status, palette),
    ...status.problems.map((problem) => palette.red(`! ${problem.code}: ${oneLine(problem.message)}`)),
  ].join('\n');
}

/** `[x] 007 recipients    applied 2026-11-22 14:03:07 UTC in 12 ms by anna@workstation`. */
function migrationLine(migration: MigrationStatus, width: number, palette: Palette): string {
  const isApplied = migration.state === 'applied' || migration.state === 'missing';
  const mark = isApplied ? palette.green('[x]') : '[ ]';
  const remarked = remarks(migration, palette);
  const plain = detailOf(migration);
  const detail = remarked.length === 0 ? plain : [plain, ...remarked].filter((one) => one !== '').join('; ');
  const label = labelOf(migration);
  return `${mark} ${detail === '' ? label : `${label.padEnd(width)}  ${detail}`}`;
}

/** A repeatable migration's version is its whole name. */
function labelOf({ version, name }: MigrationStatus): string {
  return version.startsWith('R__') ? version : `${version} ${name}`;
}

function detailOf(migration: MigrationStatus): string {
  switch (migration.state) {
    case 'pending':
      return migration.appliedAt === null ? '' : `changed since it was run ${instant(migration.appliedAt)}`;
    case 'applied':
      return appliedText(migration);
    case 'missing':
      return `${appliedText(migration)}; its files are not on disk`;
    case 'unfinished':
      return migration.undoing
        ? 'unfinished: its rollback was cut off'
        : `unfinished: ${migration.partsDone} of ${migration.partsTotal} parts`;
    default:
      return assertNever(migration.state);
  }
}

function appliedText({ appliedAt, durationMs, appliedBy }: MigrationStatus): string {
  return `applied ${instant(appliedAt)} in ${formatDuration(durationMs ?? 0)} by ${oneLine(appliedBy ?? '')}`;
}

function remarks({ edited, outOfOrder }: MigrationStatus, palette: Palette): readonly string[] {
  if (edited.length === 0 && !outOfOrder) return NONE;
  const files = edited.length === 2 ? 'both its files were' : `its ${edited[0]} file was`;
  return [
    ...(edited.length > 0 ? [palette.red(`${files} edited since`)] : []),
    ...(outOfOrder ? [palette.red('out of order: a later one is applied')] : []),
  ];
}

const NONE: readonly string[] = [];

function ignoredLines({ ignored }: MigratorStatus): string[] {
  if (!ignored) return [];
  return wrap(`left alone, by their names: ${ignored.map(oneLine).join(', ')}`, { first: '', rest: '  ' });
}

/** More lines than this are for `diff`. */
const MOST_DRIFT_LINES = 20;

function driftLines({ drift }: MigratorStatus, palette: Palette): string[] {
  switch (drift.kind) {
    case 'none':
      return [];
    case 'unknown':
      return drift.why === 'no-ledger' ? [] : [`changes by hand: not known; ${unknownDriftText(drift.why)}`];
    case 'drifted': {
      const lines = differenceLines(drift.differences, { kind: 'last-run-and-now' }, palette);
      const rest =
        lines.length > MOST_DRIFT_LINES ? [`… ${lines.length - MOST_DRIFT_LINES} lines more: see \`diff\``] : [];
      const title = palette.yellow(`changed by hand since the last run, ${differenceCount(drift.differences)}`);
      return [title, ...[...lines.slice(0, MOST_DRIFT_LINES), ...rest].map((line) => `  ${line}`)];
    }
    default:
      return assertNever(drift);
  }
}

function tableLines({ tables, schemas }: MigratorStatus): string[] {
  if (tables.length === 0) return [`tables in ${schemas.join(', ')}: none`];
  return wrap(`tables: ${tables.join(', ')}`, { first: '', rest: '  ' });
}

function claimLines({ claim }: MigratorStatus, palette: Palette): string[] {
  if (!claim) return [];
  const { operation, workflowId, claimedAt } = claim;
  return [
    palette.yellow(`the ${operation} ${workflowId} holds the claim on this database since ${instant(claimedAt)}`),
  ];
}
