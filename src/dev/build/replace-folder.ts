/**
 * Puts a folder in the place of another, whole, also while others do the same to that place: whoever comes last stays. It does not know
 * what is in them.
 */
import { rename, rm } from 'node:fs/promises';
import { fieldOf } from '../../postgres/sqlstate.ts';

/** Each failed try means that somebody else has just put theirs there: so many do not come at once. */
const MOST_TRIES = 100;

/** Whoever opens the old one at this moment finds all of it, or, for an instant, nothing. `fresh` lies beside it and is gone afterwards. */
export async function replaceFolder(fresh: string, folder: string): Promise<void> {
  for (let tries = 1; ; tries += 1) {
    const old = `${fresh}.old-${tries}`;
    await rename(folder, old).catch(unlessAbsent);
    try {
      await rename(fresh, folder);
      return;
    } catch (error) {
      if (isTaken(error) && tries < MOST_TRIES) continue;
      // Better the old one than none.
      await rename(old, folder).catch(() => undefined);
      throw error;
    } finally {
      await rm(old, { recursive: true, force: true });
    }
  }
}

function unlessAbsent(error: unknown): void {
  if (fieldOf(error, 'code') !== 'ENOENT') throw error;
}

/** A folder is only put in the place of an empty one. */
function isTaken(error: unknown): boolean {
  return ['ENOTEMPTY', 'EEXIST'].includes(fieldOf(error, 'code') ?? '');
}
