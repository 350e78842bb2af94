/** Whether a change of a column's type may lose something of its values. Pure; types are written as format_type gives them. */

/** Each holds every value of those before it. */
const WIDENING: readonly (readonly string[])[] = [
  ['smallint', 'integer', 'bigint', 'numeric'],
  ['real', 'double precision'],
];
const OF_LENGTH = /^(character varying|bit varying)(?:\((\d+)\))?$/;
const NUMERIC = /^numeric(?:\((\d+),(-?\d+)\))?$/;

/** What is not known to keep every value is taken for a loss. */
export function losesValues(before: string, now: string): boolean {
  if (before === now) return false;
  if (now === 'text' && before.startsWith('character varying')) return false;
  if (WIDENING.some((types) => types.includes(before) && types.indexOf(now) > types.indexOf(before))) return false;
  return !isLonger(before, now) && !isWiderNumeric(before, now);
}

function isLonger(before: string, now: string): boolean {
  const [old, next] = [OF_LENGTH.exec(before), OF_LENGTH.exec(now)];
  if (!old || !next || old[1] !== next[1]) return false;
  return next[2] === undefined || (old[2] !== undefined && Number(next[2]) >= Number(old[2]));
}

function isWiderNumeric(before: string, now: string): boolean {
  const [old, next] = [NUMERIC.exec(before), NUMERIC.exec(now)];
  if (!old || !next) return false;
  if (next[1] === undefined) return true;
  if (old[1] === undefined) return false;
  const [digits, scale] = [Number(old[1]), Number(old[2])];
  return Number(next[2]) >= scale && Number(next[1]) - Number(next[2]) >= digits - scale;
}
