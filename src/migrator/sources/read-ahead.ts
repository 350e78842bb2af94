/** Reads the texts of a large directory in small helpings, so that a connection that is being opened meanwhile is not held up. */
import type { Listing } from './listing.ts';

/** A helping takes a millisecond or two. */
const HELPING = 100;

/** What cannot be read is left to whoever needs it. */
export async function readAhead(listing: Listing): Promise<void> {
  const names = listing.names.filter((name) => name.endsWith('.sql'));
  for (let from = 0; from + HELPING < names.length; from += HELPING) {
    for (const name of names.slice(from, from + HELPING)) tryRead(listing, name);
    await new Promise((resolve) => setImmediate(resolve));
  }
}

function tryRead(listing: Listing, name: string): void {
  try {
    listing.text(name);
  } catch {
    // It is read again, and then its error is told.
  }
}
