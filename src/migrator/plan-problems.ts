/** The words for files and ledger that do not fit together, and how several problems are told as one. */
import { type Problem, ProblemError } from '../model/problem.ts';
import type { MigrationFile, MirroredMigration } from './files.ts';
import type { LedgerRow } from './ledger.ts';
import type { PendingMigration } from './plan.ts';
import { isRepeatableVersion } from './repeatable-files.ts';

/** `007_recipients`; of a repeatable one its version, which is its whole name: `R__views`. */
export function fullName({ version, name }: { readonly version: string; readonly name: string }): string {
  return isRepeatableVersion(version) ? version : `${version}_${name}`;
}

export function editedProblem(file: MigrationFile, row: LedgerRow, edited: readonly ('up' | 'down')[]): Problem {
  const lines = edited.map((direction) => {
    const recorded = direction === 'up' ? row.upChecksum : row.downChecksum;
    const onDisk = file[direction];
    const has = onDisk ? `${onDisk.path} has checksum ${short(onDisk.checksum)}` : `${fullName(file)} has no mirror`;
    return `${has}, the ledger has ${recorded === null ? 'none' : short(recorded)}`;
  });
  const unfinished = row.finishedAt === null;
  return {
    code: 'migration-edited',
    message: `${fullName(file)} was edited after it was ${unfinished ? 'begun' : 'applied'}`,
    found: lines.join('\n'),
    expected: 'the files as they were when the migration was applied',
    next: unfinished
      ? 'run `rollback` to clear what the unfinished migration left, then `migrate`'
      : 'restore the files from version control, and put the change into a new migration; or, if the edit is meant, see `repair`',
    retry: 'stop',
  };
}

/** Errors: `migration-without-mirror`. */
export function requireMirror(file: MigrationFile): asserts file is MirroredMigration {
  if (file.down) return;
  throw new ProblemError({
    code: 'migration-without-mirror',
    message: `${fullName(file)} cannot be taken back`,
    found: `no down file beside ${file.up.path}`,
    expected: 'a mirror that undoes it',
    next: `write ${file.up.path.replace(/\.up\.sql$/, '.down.sql')}, then \`repair ${file.version}\` and run the same command again`,
  });
}

export function missingFileProblem(row: LedgerRow): Problem {
  return {
    code: 'migration-file-missing',
    message: `${fullName(row)} is applied, but its files are not on disk`,
    found: `the ledger has ${fullName(row)}, applied by ${row.appliedBy} at ${row.finishedAt ?? row.startedAt}`,
    expected: 'the files of every applied migration',
    next: 'use the checkout that holds it, or restore the files from version control; or, if they are gone on purpose, see `repair`',
    retry: 'stop',
  };
}

export function outOfOrderProblem(pending: PendingMigration, lastApplied: string): Problem {
  return {
    code: 'migration-out-of-order',
    message: `${fullName(pending.file)} is not applied, but ${lastApplied} is`,
    found: `${pending.version} comes before ${lastApplied}, the last one applied`,
    expected: 'migrations applied in the order of their numbers',
    next: 'give the new migration a number after the last one applied',
    retry: 'stop',
  };
}

/** Throws where there are problems: a single one as it is, several as one that lists them all. */
export function refuseProblems(problems: readonly Problem[]): void {
  const [first, ...others] = problems;
  if (!first) return;
  throw new ProblemError(others.length === 0 ? first : combined(problems));
}

/** One Problem of several: the code of the first, every message and finding, every distinct way out. */
function combined(problems: readonly Problem[]): Problem {
  const found = problems.map((one) => `${one.code}: ${one.message}${one.found ? `\n${indented(one.found)}` : ''}`);
  const next = [...new Set(problems.map((one) => one.next).filter((text) => text !== undefined))];
  return {
    code: problems[0]!.code,
    message: `${problems.length} problems with the migrations`,
    found: found.join('\n'),
    expected: 'files and ledger that fit together',
    next: next.join('\n'),
    retry: 'stop',
  };
}

function indented(text: string): string {
  return text
    .split('\n')
    .map((line) => `  ${line}`)
    .join('\n');
}

function short(checksum: string): string {
  return `${checksum.slice(0, 12)}…`;
}
