/** Reading values that came from outside (Temporal UI, CLI, another program) without trusting their shape. */

/** A value, or the sentence that says what is wrong with it. */
export type Parsed<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly reason: string };

export function accept<T>(value: T): Parsed<T> {
  return { ok: true, value };
}

export function refuse(reason: string): { readonly ok: false; readonly reason: string } {
  return { ok: false, reason };
}

/** The members of a JSON object; refused with what was found instead, and with an example of what to send. */
export function readObject(value: unknown, example: string): Parsed<Readonly<Record<string, unknown>>> {
  if (value !== null && typeof value === 'object' && !Array.isArray(value))
    return accept(value as Record<string, unknown>);
  return refuse(`expected a JSON object such as ${example}, found ${describeValue(value)}`);
}

/** A text member: trimmed, not empty, at most 500 characters, one line. */
export function readText(object: Readonly<Record<string, unknown>>, key: string, example: string): Parsed<string> {
  const value = object[key];
  if (value === undefined || value === null) return refuse(`"${key}" is missing; expected ${example}`);
  if (typeof value !== 'string')
    return refuse(`"${key}" has to be a text, found ${describeValue(value)}; expected ${example}`);
  const text = value.replace(/\s+/g, ' ').trim();
  if (text === '') return refuse(`"${key}" is empty; expected ${example}`);
  return text.length > 500 ? refuse(`"${key}" has ${text.length} characters; 500 are the most`) : accept(text);
}

/** As readText, but absent is an empty text. */
export function readOptionalText(
  object: Readonly<Record<string, unknown>>,
  key: string,
  example: string,
): Parsed<string> {
  const value = object[key];
  return value === undefined || value === null || value === '' ? accept('') : readText(object, key, example);
}

/** Members that nobody reads are a typing error, not a detail: refused by name. */
export function refuseUnknownKeys(object: Readonly<Record<string, unknown>>, known: readonly string[]): Parsed<null> {
  const unknown = Object.keys(object).filter((key) => !known.includes(key));
  if (unknown.length === 0) return accept(null);
  return refuse(`unknown ${unknown.map((key) => `"${key}"`).join(', ')}; known: ${known.join(', ')}`);
}

/** The first refusal among several results, if there is one. */
export function firstRefusal(
  ...results: readonly Parsed<unknown>[]
): { readonly ok: false; readonly reason: string } | undefined {
  for (const result of results) if (!result.ok) return result;
  return undefined;
}

function describeValue(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'an array';
  if (typeof value === 'string') return `the text ${JSON.stringify(value.slice(0, 40))}`;
  return typeof value === 'object' ? 'an object' : `the ${typeof value} ${String(value)}`;
}
