/** A fingerprint as a file: written once, read and compared later, perhaps by another version of Drydock. */
import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import type { SchemaDiff, TakenFingerprint } from '../../model/drift.ts';
import { ProblemError } from '../../model/problem.ts';
import { digestOf } from '../fingerprint.ts';
import { fingerprintSql } from '../fingerprint-sql.ts';
import { acrossMajors } from './comparable.ts';
import { compareCatalogs } from './compare-catalogs.ts';

export interface FingerprintFile extends TakenFingerprint {
  readonly kind: 'drydock-fingerprint';
  /** Which SQL made the texts: others cannot be compared. */
  readonly format: string;
}

function formatNow(): string {
  return createHash('sha256').update(fingerprintSql([], 'null')).digest('hex').slice(0, 16);
}

/** Replaces the file. Errors: `fingerprint-file-unwritable`. */
export async function writeFingerprintFile(file: string, taken: TakenFingerprint): Promise<void> {
  const contents: FingerprintFile = { kind: 'drydock-fingerprint', format: formatNow(), ...taken };
  await writeFile(file, `${JSON.stringify(contents, null, 2)}\n`).catch((error: Error) => {
    throw new ProblemError({
      code: 'fingerprint-file-unwritable',
      message: `${file} cannot be written`,
      found: error.message,
      expected: 'a path in a directory that is there, and the right to write',
      next: 'give --save another path',
    });
  });
}

/** Errors: `fingerprint-file-invalid`. */
export async function readFingerprintFile(file: string): Promise<FingerprintFile> {
  const text = await readFile(file, 'utf8').catch((error: Error) => {
    throw invalid(file, error.message);
  });
  const value = parsed(text);
  if (value?.kind !== 'drydock-fingerprint') throw invalid(file, 'it holds something else');
  if (digestOf(value.objects) !== value.digest)
    throw invalid(file, 'its digest is not that of its objects: it was edited');
  return value;
}

/** The file is the side of reference. Errors: `fingerprint-other-format`, `fingerprint-other-schemas`. */
export function compareWithFile(saved: FingerprintFile, taken: TakenFingerprint, file: string): SchemaDiff {
  if (saved.schemas.join() !== taken.schemas.join()) throw otherSchemas(saved, taken, file);
  if (saved.format !== formatNow() && saved.digest !== taken.digest) throw otherFormat(file);
  const { before, now, notes } = acrossMajors(
    { objects: saved.objects, major: saved.server },
    { objects: taken.objects, major: taken.server },
  );
  return {
    kind: 'databases',
    before: file,
    now: taken.database,
    schemas: taken.schemas,
    digestBefore: saved.digest,
    digestNow: taken.digest,
    differences: compareCatalogs(before, now),
    notes: [`${file} was saved at ${moment(saved.takenAt)}, of ${saved.database}`, ...notes],
  };
}

/** To the second: `2026-01-02 03:04:05 UTC`. */
function moment(iso: string): string {
  return `${iso.slice(0, 19).replace('T', ' ')} UTC`;
}

function parsed(text: string): FingerprintFile | undefined {
  try {
    const value = JSON.parse(text) as FingerprintFile;
    return Array.isArray(value?.objects) && Array.isArray(value.schemas) ? value : undefined;
  } catch {
    return undefined;
  }
}

function invalid(file: string, found: string): ProblemError {
  return new ProblemError({
    code: 'fingerprint-file-invalid',
    message: `${file} is no fingerprint that was saved`,
    found,
    expected: 'a file that `fingerprint --save` wrote',
    next: 'take it again with `fingerprint --save <file>`',
  });
}

function otherFormat(file: string): ProblemError {
  return new ProblemError({
    code: 'fingerprint-other-format',
    message: `${file} was saved by another version of Drydock, whose texts cannot be compared`,
    found: 'other texts for the same objects',
    expected: 'a file that this version saved',
    next: 'save it again with this version, on a database that is as it was',
  });
}

function otherSchemas(saved: TakenFingerprint, taken: TakenFingerprint, file: string): ProblemError {
  return new ProblemError({
    code: 'fingerprint-other-schemas',
    message: `${file} is of other schemas`,
    found: saved.schemas.join(', '),
    expected: taken.schemas.join(', '),
    next: 'compare with a file of the same schemas',
  });
}
