/** Which numbers a series of migrations leaves out. Points in time are no series: nobody expects those to be without gaps. */

const FIRST_TIMESTAMP = 100_000_000n;

/** One sentence per gap. `versions` are digits, in order of their numbers; the series begins with 1. */
export function gapsIn(versions: readonly string[]): string[] {
  return versions.flatMap((version, index) => {
    const number = BigInt(version);
    const previous = BigInt(versions[index - 1] ?? 0);
    if (number <= previous + 1n || number >= FIRST_TIMESTAMP) return [];
    const first = String(previous + 1n).padStart(version.length, '0');
    const last = String(number - 1n).padStart(version.length, '0');
    return [`${first === last ? `number ${first} is` : `numbers ${first} to ${last} are`} missing`];
  });
}
