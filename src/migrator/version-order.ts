/**
 * The one way in which versions are compared: `9` before `010`, `1.9` before `1.10`, and `1`, `01` and `1.0` as one version.
 * Digits of any length, or several runs of them between dots or underscores, as Flyway has them. It knows no file and no ledger.
 */

const DIGITS = /^\d+$/;

/** Negative, zero or positive, for sorting. */
export function compareVersions(a: string, b: string): number {
  return areAlike(a, b) ? compareTexts(a, b) : compareKeys(versionKey(a), versionKey(b));
}

/** Nearly every version is one number, and written with as many digits as its neighbours: then the texts say it all. */
function areAlike(a: string, b: string): boolean {
  return a.length === b.length && DIGITS.test(a) && DIGITS.test(b);
}

function compareTexts(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

export function sameVersion(a: string, b: string): boolean {
  return versionKey(a) === versionKey(b);
}

/**
 * Equal for two spellings of one version, and for nothing else: `7` for `007`, `1.2` for `01_2.0`. For maps. What begins with no
 * digit is a name and stands for itself.
 */
export function versionKey(version: string): string {
  let key = keys.get(version);
  if (key === undefined) {
    key = keyOf(version);
    keys.set(version, key);
  }
  return key;
}

/** The same few are asked for again and again. */
const keys = new Map<string, string>();

function keyOf(version: string): string {
  if (DIGITS.test(version)) return withoutZeros(version);
  if (!/^\d/.test(version)) return version;
  const parts = version.split(/[._]/).map((part) => (DIGITS.test(part) ? withoutZeros(part) : part));
  while (parts.length > 1 && parts.at(-1) === '0') parts.pop();
  return parts.join('.');
}

/** The same for what `versionKey` gave: for many that are sorted at once. */
export function compareKeys(left: string, right: string): number {
  if (areAlike(left, right)) return compareTexts(left, right);
  return left.includes('.') || right.includes('.') ? compareSeries(left, right) : compareParts(left, right);
}

function compareSeries(a: string, b: string): number {
  const left = a.split('.');
  const right = b.split('.');
  const count = Math.max(left.length, right.length);
  for (let at = 0; at < count; at += 1) {
    const order = compareParts(left[at] ?? '0', right[at] ?? '0');
    if (order !== 0) return order;
  }
  return 0;
}

/** Numbers by size, before anything that is none. */
function compareParts(a: string, b: string): number {
  if (a === b) return 0;
  const areNumbers = DIGITS.test(a) && DIGITS.test(b);
  if (areNumbers && a.length !== b.length) return a.length - b.length;
  if (!areNumbers && DIGITS.test(a) !== DIGITS.test(b)) return DIGITS.test(a) ? -1 : 1;
  return compareTexts(a, b);
}

function withoutZeros(digits: string): string {
  let zeros = 0;
  while (zeros < digits.length - 1 && digits.charCodeAt(zeros) === 48) zeros += 1;
  return zeros === 0 ? digits : digits.slice(zeros);
}
