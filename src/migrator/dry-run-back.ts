/**
 * What going back would do: which mirrors would run, with what each statement does to the tables that are there, and which rows
 * would go. The mirrors are tried in a transaction that is taken back; nothing is changed.
 */
import { assertNever } from '../model/assert-never.ts';
import type { DryRunBack, DryRunMirror } from '../model/dry-run-back.ts';
import type { DryRunMigration } from '../model/migrator-status.ts';
import { describeFile, inReadOnlyTransaction, readEffects, statementsOf } from './dry-run.ts';
import type { FileEffects } from './effects/plan-effects.ts';
import { mergeTouched } from './effects/touched-tables.ts';
import type { MigrationFile, MirroredMigration } from './files.ts';
import { type LedgerRow, readLedger } from './ledger.ts';
import { limitsOf } from './lock-policy.ts';
import { lastRows, wayTo } from './move.ts';
import { mirrorFor } from './roll-back.ts';
import { type AnalysedFile, analyseFile } from './statements.ts';
import type { Work } from './work.ts';
import { wouldLose } from './would-lose.ts';

/** As `rollback`, `rollback --count`, `to` and `redo` are asked; `to` has to lead down. */
export type BackRequest =
  | { readonly kind: 'last' }
  | { readonly kind: 'steps'; readonly count: number }
  | { readonly kind: 'to'; readonly version: string }
  | { readonly kind: 'redo' };

/** Errors: those of going back, with the place in the file; `rows-hidden`, `lock-timeout`. */
export async function dryRunBack(
  work: Work,
  files: readonly MigrationFile[],
  request: BackRequest,
): Promise<DryRunBack> {
  const { client, describe } = work.session;
  const { rows } = await readLedger(client, work.ledgerSchema);
  const back = rowsFor(request, files, rows);
  const steps: Step[] = [];
  for (const row of [...back].reverse()) steps.push(await stepFor(files, row));
  const again = request.kind === 'redo' ? await Promise.all(steps.map(({ file }) => againFor(file))) : [];
  const effects = await inReadOnlyTransaction(client, () => readEffects(client, [...steps, ...again]));
  return {
    database: describe,
    applied: rows.length,
    reverting: steps.map((step, index) => mirrorOf(step, effects[index]!)),
    again: again.map((one, index) => migrationOf(one, effects[steps.length + index]!)),
    limits: limitsOf(work.policy),
    touched: mergeTouched(effects.map(({ touched }) => touched)),
    lost: await wouldLose(work, files, steps.length),
  };
}

/** In the order of the ledger. */
function rowsFor(
  request: BackRequest,
  files: readonly MigrationFile[],
  rows: readonly LedgerRow[],
): readonly LedgerRow[] {
  switch (request.kind) {
    case 'last':
    case 'redo':
      return rows.slice(-1);
    case 'steps':
      return lastRows(rows, request.count);
    case 'to': {
      const way = wayTo(files, rows, request.version);
      return way.kind === 'down' ? way.rows : [];
    }
    default:
      return assertNever(request);
  }
}

interface Step extends Pick<AnalysedFile, 'statements'> {
  readonly row: LedgerRow;
  readonly file: MirroredMigration;
  readonly down: AnalysedFile;
}

async function stepFor(files: readonly MigrationFile[], row: LedgerRow): Promise<Step> {
  const file = mirrorFor(files, row);
  const down = await analyseFile(file.down);
  return { row, file, down, statements: down.parts.flatMap(statementsOf) };
}

interface Again extends Pick<AnalysedFile, 'statements'> {
  readonly file: MirroredMigration;
  readonly up: AnalysedFile;
}

async function againFor(file: MirroredMigration): Promise<Again> {
  const up = await analyseFile(file.up);
  return { file, up, statements: up.parts.flatMap(statementsOf) };
}

function mirrorOf({ row, file, down, statements }: Step, effects: FileEffects): DryRunMirror {
  return {
    version: file.version,
    name: file.name,
    path: file.down.path,
    checksum: file.down.checksum,
    state: row.finishedAt === null ? 'unfinished' : 'applied',
    ...describeFile(down, statements, effects),
  };
}

function migrationOf({ file, up, statements }: Again, effects: FileEffects): DryRunMigration {
  return {
    version: file.version,
    name: file.name,
    path: file.up.path,
    downPath: file.down.path,
    upChecksum: file.up.checksum,
    downChecksum: file.down.checksum,
    partsDone: 0,
    ...describeFile(up, statements, effects),
  };
}
