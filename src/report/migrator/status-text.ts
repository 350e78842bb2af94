/** The status of a database's migrations for a terminal: a line each, then the tables, then what stands in the way. */
import { assertNever } from '../../model/assert-never.ts';
import { formatDuration } from '../../model/duration.ts';
import type { MigrationStatus, MigratorStatus } from '../../model/migrator-status.ts';
import { instant } from '../instant.ts';
import { type Palette, PLAIN } from '../palette.ts';
import { oneLine } from '../printable.ts';
import { wrap } from '../wrap.ts';

/** Without a line break at its end. */
export function statusText(status: MigratorStatus, palette: Palette = PLAIN): string {
  const width = Math.max(0, ...status.migrations.map(({ name }) => name.length));
  return [
    `database ${status.database}`,
    '',
    ...status.migrations.map((one) => migrationLine(one, width, palette)),
    '',
    ...tableLines(status),
    ...claimLines(status, palette),
    ...status.problems.map((problem) => palette.red(`! ${problem.code}: ${oneLine(problem.message)}`)),
  ].join('\n');
}

/** `[x] 007 recipients    applied 2026-11-22 14:03:07 UTC in 12 ms by anna@workstation`. */
function migrationLine(migration: MigrationStatus, width: number, palette: Palette): string {
  const isApplied = migration.state === 'applied' || migration.state === 'missing';
  const mark = isApplied ? palette.green('[x]') : '[ ]';
  const detail = detailOf(migration);
  const name = detail === '' ? migration.name : migration.name.padEnd(width);
  return `${mark} ${migration.version} ${name}${detail === '' ? '' : `  ${detail}`}`;
}

function detailOf(migration: MigrationStatus): string {
  switch (migration.state) {
    case 'pending':
      return '';
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
