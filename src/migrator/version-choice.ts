/** Which migration an operator means by a version: `7`, `007` or `007_recipients`; and which one they may have meant. */
import { ProblemError } from '../model/problem.ts';
import type { MigrationFile } from './files.ts';
import { fullName } from './plan-problems.ts';
import { sameVersion, versionKey } from './version-order.ts';

/** Errors: `migration-unknown`, with the nearest one. */
export function chooseVersion(files: readonly MigrationFile[], text: string): MigrationFile {
  const found = files.find((file) => fullName(file) === text || sameVersion(file.version, text));
  if (found) return found;
  const near = nearestTo(files, text);
  throw new ProblemError({
    code: 'migration-unknown',
    message: `there is no migration ${text}`,
    found: `${files.length} on disk, ${fullName(files[0]!)} to ${fullName(files.at(-1)!)}`,
    ...(near ? { expected: `the number of one of them; the nearest is ${fullName(near)}` } : {}),
    next: 'look at `status`',
  });
}

/** Whether `to` is asked for no migration at all: `none`, or `0` as other tools write it, where no migration has that number. */
export function meansNone(files: readonly MigrationFile[], text: string): boolean {
  return text === 'none' || (/^0+$/.test(text) && !files.some((file) => sameVersion(file.version, text)));
}

/** By number; versions of several numbers are as near as their first one. */
function nearestTo(files: readonly MigrationFile[], text: string): MigrationFile | undefined {
  const wanted = firstNumber(text);
  if (wanted === undefined) return undefined;
  const distance = (file: MigrationFile): bigint => {
    const difference = (firstNumber(file.version) ?? 0n) - wanted;
    return difference < 0n ? -difference : difference;
  };
  return files.reduce((best, file) => (distance(file) < distance(best) ? file : best));
}

function firstNumber(text: string): bigint | undefined {
  const digits = /^\d+/.exec(versionKey(text))?.[0];
  return digits === undefined ? undefined : BigInt(digits);
}
