/**
 * What a rollback would lose, counted and nothing else: its mirrors are run in one transaction that is taken back at the end,
 * blocks that commit by themselves without their commits. Other statements that no transaction can hold are passed by: none of
 * them drops rows of this database.
 */
import type { WouldBeLost } from '../model/would-be-lost.ts';
import { unlessCommitsItself } from './commits-itself.ts';
import { runStrictly, runTolerantly } from './down-statements.ts';
import type { MigrationRef, SavedTable } from './events.ts';
import type { MigrationFile } from './files.ts';
import { type LostByBlock, lostByBlock } from './guarded-block.ts';
import { countOf, END_REHEARSAL, type GuardedTransaction, lostBy, runPass } from './guarded-transaction.ts';
import { type LedgerRow, readLedger } from './ledger.ts';
import { dropLedgerSql } from './ledger-table.ts';
import { withLockRetries } from './lock-retries.ts';
import { countRows } from './lost-rows.ts';
import { fullName } from './plan-problems.ts';
import { mirrorFor } from './roll-back.ts';
import { CLEAN_SESSION } from './script.ts';
import { analyseFile, type SqlStatement } from './statements.ts';
import { asProblem, beginningOf, rollback } from './step-transaction.ts';
import { send, type Work } from './work.ts';

export type { WouldBeLost } from '../model/would-be-lost.ts';

/**
 * For so many steps back, the last one first; fewer where fewer are applied. Locks are taken as by the rollback, for as long as
 * its mirrors take without rows being saved, and given back. Sequences that a mirror asks stay advanced.
 * Errors: those of going back, with the place in the file; `loss-unknown`, `rows-hidden`, `lock-timeout`.
 */
export async function wouldLose(
  work: Work,
  files: readonly MigrationFile[],
  steps: number,
): Promise<readonly WouldBeLost[]> {
  const { rows } = await readLedger(work.session.client, work.ledgerSchema);
  const back = rows.slice(Math.max(0, rows.length - steps)).reverse();
  const mirrors = await Promise.all(back.map((row) => mirrorOf(files, row)));
  const doing = 'trying the rollback';
  try {
    return await withLockRetries(work, {
      doing,
      attempt: () => tryAll(work, mirrors, rows.length),
      takeBack: () => rollback(work),
    });
  } catch (error) {
    throw asProblem(error, { doing });
  } finally {
    await rollback(work);
    await send(work, CLEAN_SESSION).catch(() => undefined);
  }
}

interface Mirror {
  readonly migration: MigrationRef;
  readonly row: LedgerRow;
  readonly file: GuardedTransaction['file'];
  readonly parts: readonly (readonly SqlStatement[])[];
}

async function mirrorOf(files: readonly MigrationFile[], row: LedgerRow): Promise<Mirror> {
  const { down, version, name } = mirrorFor(files, row);
  const { parts } = await analyseFile(down);
  return {
    migration: { version, name },
    row,
    file: down,
    parts: parts.flatMap((part) => {
      if (part.kind === 'transaction') return [part.statements];
      return part.work.kind === 'block' ? [[part.statement]] : [];
    }),
  };
}

async function tryAll(work: Work, mirrors: readonly Mirror[], applied: number): Promise<readonly WouldBeLost[]> {
  await send(work, [CLEAN_SESSION, 'begin;', ...beginningOf(work)].join('\n'));
  const found: WouldBeLost[] = [];
  for (const [index, mirror] of mirrors.entries()) {
    // The ledger goes before the last mirror, which may drop its schema.
    if (index === applied - 1) await send(work, dropLedgerSql(work.ledgerSchema));
    found.push(await tryOne(work, mirror));
  }
  return found;
}

async function tryOne(work: Work, { migration, row, file, parts }: Mirror): Promise<WouldBeLost> {
  const tables: SavedTable[] = [];
  for (const statements of parts) {
    const run = row.finishedAt === null ? runTolerantly : runStrictly;
    const doing = `trying the rollback of ${fullName(migration)}`;
    const transaction: GuardedTransaction = { doing, file, statements, run, before: [], after: [] };
    const { lost, quiet } = await lostByAny(work, transaction, migration);
    tables.push(...(await countRows(work, lost)).map(countOf));
    await runPass(work, quiet, 'rehearsal');
  }
  return { migration, downPath: file.path, tables };
}

async function lostByAny(work: Work, transaction: GuardedTransaction, migration: MigrationRef): Promise<LostByBlock> {
  try {
    return { lost: await lostBy(work, transaction), quiet: transaction };
  } catch (error) {
    unlessCommitsItself(error);
    await send(work, END_REHEARSAL);
    return lostByBlock(work, transaction, migration);
  }
}
