/** A dry run for a terminal: SQL that could be pasted as it is, with everything else as comments. */
import { type LockLimits, limitWords } from '../../model/lock-limits.ts';
import type { DryRun, DryRunMigration } from '../../model/migrator-status.ts';
import { effectsLine, isHarmless, sizesOnce } from '../effects-text.ts';
import { printable } from '../printable.ts';

/** Without a line break at its end. */
export function dryRunText(run: DryRun): string {
  const { pending, onDisk, applied, problems } = run;
  const intact = problems.length === 0 ? ', none of them edited since' : '';
  const head = [
    `-- dry run on ${run.database}: read-only, nothing is changed`,
    `-- ${count(onDisk, 'migration')} on disk, ${mirrorsText(run)}; ${applied} applied${applied > 0 ? intact : ''}; ${pending.length} to apply${pending.length > 0 ? ', in this order' : ''}`,
  ];
  const bodies = pending.map((one, index) => migrationText(one, `${index + 1} of ${pending.length}`, run.limits));
  return [head.join('\n'), ...bodies].join('\n\n');
}

/** Behind how many there are. */
function mirrorsText({ onDisk, withoutMirror, repeatable }: DryRun): string {
  if (withoutMirror + repeatable === 0) return 'each with its mirror';
  return [
    ...(withoutMirror > 0 ? [`${partOf(withoutMirror, onDisk)}without a mirror`] : []),
    ...(repeatable > 0 ? [`${partOf(repeatable, onDisk)}repeatable`] : []),
  ].join(', ');
}

function partOf(some: number, all: number): string {
  if (some < all) return `${some} of them `;
  return all === 1 ? '' : 'all of them ';
}

/** `place`: `1 of 9`. */
export function migrationText(migration: DryRunMigration, place: string, limits: LockLimits): string {
  return [
    `-- ${place}: ${migration.path}`,
    `-- sha256 ${migration.upChecksum}`,
    `-- mirror ${migration.downPath ?? 'none: it cannot be taken back'}`,
    ...(migration.downChecksum === null ? [] : [`-- sha256 ${migration.downChecksum}`]),
    ...bodyLines(migration, limits),
  ].join('\n');
}

type Body = Pick<DryRunMigration, 'transaction' | 'parts' | 'touched' | 'sql'> &
  Partial<Pick<DryRunMigration, 'partsDone'>>;

/** What a file is run in, what its statements do, and the statements. */
export function bodyLines(body: Body, limits: LockLimits): string[] {
  return [`-- ${partsText(body, limits)}`, ...effectsText(body), printable(body.sql.trimEnd())];
}

/** A line per statement that others may have to wait for or that touches rows, and one for all others. */
function effectsText({ parts, touched }: Body): string[] {
  const effects = parts.flatMap((part) => part.statements).flatMap((statement) => statement.effects ?? []);
  const notable = effects.filter((one) => !isHarmless(one));
  const sizeOf = sizesOnce(touched);
  const lines = notable.map(
    (one) => `--   line ${one.line}: ${printable(effectsLine(one, sizeOf)).replaceAll('\n', ' ')}`,
  );
  const others = effects.length - notable.length;
  if (others === 0) return lines;
  const whose = notable.length === 0 ? (others === 1 ? 'it' : 'all of them') : count(others, 'other statement');
  const verbs = others === 1 ? ['makes', 'touches'] : ['make', 'touch'];
  return [...lines, `--   ${whose} ${verbs[0]} nobody wait and ${verbs[1]} no rows that are there`];
}

/** `one transaction of 7 statements`; with several parts, each by its lines. */
function partsText({ transaction, parts, partsDone = 0 }: Body, limits: LockLimits): string {
  const waits = ({ lockPolicy }: Body['parts'][number]) => ` (${limitWords(lockPolicy, limits)})`;
  const [only] = parts;
  if (!only) return 'no statement';
  if (parts.length === 1 && only.kind === 'transaction') {
    return `one transaction of ${count(only.statements.length, 'statement')}${waits(only)}`;
  }
  const texts = parts.map((part, index) => {
    const { kind, statements } = part;
    const line = statements[0]!.line;
    const what =
      kind === 'transaction'
        ? `a transaction of ${count(statements.length, 'statement')}`
        : 'a statement outside a transaction';
    return `${what} from line ${line}${index < partsDone ? ' (done)' : waits(part)}`;
  });
  const asked = transaction === 'none' ? ', statement by statement as the file asks' : '';
  return `${count(parts.length, 'part')}${asked}: ${texts.join(', ')}`;
}

export function count(amount: number, noun: string): string {
  return `${amount} ${noun}${amount === 1 ? '' : 's'}`;
}
