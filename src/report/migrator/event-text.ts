/** One line per event of a migrator: for a terminal, a heartbeat or a log. Further lines name who is in the way. */
import { assertNever } from '../../model/assert-never.ts';
import { type Blocker, describeBackend, describeBlocker } from '../../model/backend.ts';
import { formatDuration } from '../../model/duration.ts';
import type { MigrationRef, MigratorEvent, SavedTable } from '../../model/migrator-event.ts';

/** The event in words, without a line break at its end. */
export function eventText(event: MigratorEvent): string {
  switch (event.kind) {
    case 'waiting-for-migrator':
      return `waiting for another migrator, ${formatDuration(event.waitedMs)} so far:${below(event.holders.map(describeBackend))}`;
    case 'orphan-ended':
      return `ended the backend of an earlier attempt: ${describeBackend(event.holder)}`;
    case 'stale-claim':
      return `passing by the claim of ${event.holder.workflowId}, run ${event.holder.runId}: that run is over`;
    case 'migrations-pending':
      return `${count(event.pending.length, 'migration')} to apply, ${event.applied} applied already`;
    case 'migration-started':
      return startedText(event);
    case 'part-finished':
      return `  ${nameOf(event.migration)}: part ${event.part + 1} of ${event.parts} done`;
    case 'lock-timeout':
      return `  ${event.doing}: try ${event.attempt} got no lock; again in ${formatDuration(event.pauseMs)}${blockedBy(event.blockers)}`;
    case 'waiting-for-sessions':
      return `  ${event.doing}: waiting for other sessions${blockedBy(event.blockers)}`;
    case 'waiting-for-build':
      return `  index ${event.index} is being built by pid ${event.pid}: waiting until it is done`;
    case 'index-adopted':
      return `  index ${event.index} was built to the end by an earlier attempt: taken as it is`;
    case 'debris-dropped':
      return `  INVALID index ${event.index}, left by a build that was cut off: dropped`;
    case 'migration-applied':
      return `applied ${nameOf(event.migration)} in ${formatDuration(event.durationMs)}`;
    case 'already-applied':
      return `${nameOf(event.migration)} is applied already`;
    case 'rollback-started':
      return event.of === 'applied'
        ? `rolling back ${nameOf(event.migration)}`
        : `${nameOf(event.migration)} is unfinished: clearing what it left; no applied migration is rolled back`;
    case 'statement-skipped':
      return `  line ${event.line} of the mirror skipped: ${event.reason}`;
    case 'rows-saved':
      return `  rows saved to ${event.directory}:${below(event.tables.map(tableText))}`;
    case 'rows-not-saved':
      return `  rows dropped without saving them, as was asked for:${below(event.tables.map(tableText))}`;
    case 'migration-reverted':
      return `${event.of === 'applied' ? 'rolled back' : 'cleared'} ${nameOf(event.migration)} in ${formatDuration(event.durationMs)}`;
    case 'nothing-to-do':
      return event.why === 'all-applied'
        ? 'nothing to do: every migration is applied'
        : 'nothing to roll back: no migration is applied';
    default:
      return assertNever(event);
  }
}

function startedText({ migration, parts, resumedAt }: Extract<MigratorEvent, { kind: 'migration-started' }>): string {
  const several = parts > 1 ? ` (${parts} parts)` : '';
  return resumedAt === null
    ? `applying ${nameOf(migration)}${several}`
    : `going on with ${nameOf(migration)}: ${resumedAt} of ${parts} parts are done`;
}

function blockedBy(blockers: readonly Blocker[]): string {
  return blockers.length === 0 ? '' : `:${below(blockers.map(describeBlocker))}`;
}

function tableText({ table, rows }: SavedTable): string {
  return `${table}: ${count(rows, 'row')}`;
}

function below(lines: readonly string[]): string {
  return lines.map((line) => `\n    ${line}`).join('');
}

function nameOf({ version, name }: MigrationRef): string {
  return `${version}_${name}`;
}

function count(amount: number, noun: string): string {
  return `${amount} ${noun}${amount === 1 ? '' : 's'}`;
}
