/** Puts the result of a rehearsal where it is found again: in the target database, and as files below the checkout. */
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Problem } from '../../model/problem.ts';
import type { Rehearsal } from '../../model/rehearsal.ts';
import { asRehearsalProblem } from './rehearsal-problems.ts';
import { storeRehearsal } from './rehearsal-store.ts';
import { openMaintenance } from './throw-away.ts';

/** Null where it is stored; otherwise why not: the role may have no right to create there. */
export async function keepOnTarget(url: string, rehearsal: Rehearsal): Promise<Problem | null> {
  try {
    const session = await openMaintenance(url);
    try {
      await storeRehearsal(session.client, rehearsal);
      return null;
    } finally {
      await session.close();
    }
  } catch (error) {
    return asRehearsalProblem(error, 'storing the rehearsal on the target').problem;
  }
}

/** A file by its ending, such as `json`. Gives the paths that were written. */
export async function keepInFiles(
  directory: string,
  rehearsal: Rehearsal,
  texts: Readonly<Record<string, string>>,
): Promise<string[]> {
  await mkdir(directory, { recursive: true });
  const stem = `${rehearsal.takenAt.replace(/[-:]|\.\d+/g, '')}-${rehearsal.planDigest.slice(0, 8)}`;
  const files = Object.entries(texts).map(([ending, text]) => ({
    file: path.join(directory, `${stem}.${ending}`),
    text,
  }));
  for (const { file, text } of files) await writeFile(file, text);
  return files.map(({ file }) => file);
}
