/** One line per event of a migrator: for a terminal, a heartbeat or a log. Further lines name who is in the way. */
import { assertNever } from '../../model/assert-never.ts';
import { type Blocker, describeBackend, describeBlocker } from '../../model/backend.ts';
import { formatDuration } from '../../model/duration.ts';
import type { BuildProgress, MigrationRef, MigratorEvent, SavedTable } from '../../model/migrator-event.ts';

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
      return `  ${event.doing}: try ${event.attempt} got no lock; again in ${formatDuration(event.pauseMs)}${waitText(event)}`;
    case 'waiting-for-sessions':
      return `  ${event.doing}: waiting for other sessions${waitText(event)}`;
    case 'blocker-cancelled':
      return `  ${event.doing}: cancelled, as the allow list says, after ${formatDuration(event.waitedMs)}:${below([describeBlocker(event.blocker)])}`;
    case 'blocker-terminated':
      return `  ${event.doing}: ended, as the allow list says, after ${formatDuration(event.waitedMs)}:${below([describeBlocker(event.blocker)])}`;
    case 'blocker-spared':
      return `  ${event.doing}: on the allow list, but left alone, because ${SPARED[event.why]}:${below([describeBlocker(event.blocker)])}`;
    case 'limit-kept':
      return `  ${event.doing}: line ${event.line} asks for ${event.setting} = ${event.asked || 'nothing readable'}; ${keptText(event)} is kept`;
    case 'limit-not-held':
      return `  ${event.doing}: the block in line ${event.line} sets ${event.setting} by itself: our limit does not hold inside it`;
    case 'build-progress':
      return `  ${progressText(event.build)}`;
    case 'waiting-for-build':
      return `  index ${event.index} is being built by pid ${event.pid}: waiting until it is done`;
    case 'index-adopted':
      return `  index ${event.index} was built to the end by an earlier attempt: taken as it is`;
    case 'statement-done-already':
      return `  ${event.doing}: line ${event.line} is ${event.how === 'found' ? 'done already: found in the database' : 'taken as done, as was asked for'}`;
    case 'debris-dropped':
      return `  INVALID index ${event.index}, left by a build that was cut off: dropped`;
    case 'migration-applied':
      return `applied ${nameOf(event.migration)} in ${formatDuration(event.durationMs)}`;
    case 'already-applied':
      return `${nameOf(event.migration)} is applied already`;
    case 'rollbacks-pending':
      return `${count(event.migrations.length, 'migration')} to roll back: ${event.migrations.map(nameOf).join(', ')}`;
    case 'rollback-started':
      return event.of === 'applied'
        ? `rolling back ${nameOf(event.migration)}`
        : `${nameOf(event.migration)} is unfinished: clearing what it left; no applied migration is rolled back`;
    case 'statement-skipped':
      return `  line ${event.line} of the mirror skipped: ${event.reason}`;
    case 'rows-at-stake':
      return `  rolling back ${nameOf(event.migration)} loses what is in:${below(event.tables.map(tableText))}`;
    case 'rows-saved':
      return `  saved to ${event.directory}; to put it back, once migrated again:${below([event.restore])}`;
    case 'rows-not-saved':
      return `  rows dropped without saving them, as was asked for:${below(event.tables.map(tableText))}`;
    case 'loss-not-counted':
      return `  line ${event.line} of the mirror commits by itself: what it drops is neither counted nor saved, as was asked for`;
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

function waitText({ blockers, queuedBehind }: { blockers: readonly Blocker[]; queuedBehind: number }): string {
  const behind = queuedBehind === 0 ? '' : `; ${count(queuedBehind, 'session')} waiting behind us`;
  return blockers.length === 0 ? behind : `${behind}:${below(blockers.map(describeBlocker))}`;
}

const SPARED = {
  protected: 'superusers, replication, the server itself and Drydock are never ended',
  'no-right': 'this role may not see or end it (grant it pg_read_all_stats and pg_signal_backend)',
} as const;

function keptText({ keptMs }: { readonly keptMs: number }): string {
  return keptMs === 0 ? 'no limit' : formatDuration(keptMs);
}

function progressText({ index, table, percent, phase, lockersTotal, lockersDone }: BuildProgress): string {
  const what = index === null ? `an index on ${table}` : `index ${index}`;
  const lockers = lockersTotal > 0 ? `, ${lockersDone} of ${count(lockersTotal, 'session')} done` : '';
  return `${what}: ${percent} %, ${phase}${lockers}`;
}

function tableText({ table, rows, columns }: SavedTable): string {
  return `${table}: ${count(rows, 'row')}${columns ? ` with a value in ${columns.join(', ')}` : ''}`;
}

function below(lines: readonly string[]): string {
  return lines.map((line) => `\n    ${line}`).join('');
}

/** A repeatable migration's version is its whole name. */
function nameOf({ version, name }: MigrationRef): string {
  return version.startsWith('R__') ? version : `${version}_${name}`;
}

function count(amount: number, noun: string): string {
  return `${amount} ${noun}${amount === 1 ? '' : 's'}`;
}
