/** The version that comes after those of a directory, in their own style: counted with leading zeros, or a point in time. */
import { compareVersions } from './version-order.ts';

/** Counted numbers are below this; what is above it is a moment. */
const FIRST_MOMENT = 100_000_000n;
/** Of a directory without migrations. */
const FIRST = '001';

/** `versions`: digits as written, in any order. `now`: in UTC. */
export function versionAfter(versions: readonly string[], now: Date): string {
  const last = [...versions].sort(compareVersions).at(-1);
  if (last === undefined) return FIRST;
  const next = (BigInt(last) + 1n).toString().padStart(last.length, '0');
  if (BigInt(last) < FIRST_MOMENT) return next;
  const moment = momentLike(last, now);
  // Somebody's clock was ahead: the order of the files counts.
  return BigInt(moment) > BigInt(last) ? moment : next;
}

/** `20261122143055`, or seconds or milliseconds since 1970, whichever has as many digits. */
function momentLike(example: string, now: Date): string {
  if (example.length === 10) return String(Math.floor(now.getTime() / 1000));
  if (example.length === 13) return String(now.getTime());
  const written = now.toISOString().replaceAll(/\D/g, '');
  return written.slice(0, Math.min(Math.max(example.length, 12), 17)).padEnd(example.length, '0');
}
