/** Text that came from people and servers, made harmless: it may not move a terminal's cursor or turn its own direction round. */

const HARMFUL = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

/** Neither harmful nor a break nor a tab: as nearly every text is. */
const PLAIN = /^[ -~]*$/;

/** The text with tabs as spaces and every other control character (line breaks excepted) shown as `�`. */
export function printable(text: string): string {
  if (PLAIN.test(text)) return text;
  return text.replace(/\r\n/g, '\n').replace(/\t/g, '  ').replace(HARMFUL, '�');
}

/** As printable, on one line: breaks become ` / `. */
export function oneLine(text: string): string {
  if (PLAIN.test(text)) return text.trim();
  return printable(text)
    .trim()
    .replace(/\s*\n\s*/g, ' / ');
}

/** A JSON-safe value with every text in it made printable; its shape stays. */
export function printableValue<T>(value: T): T {
  if (typeof value === 'string') return printable(value) as T;
  if (Array.isArray(value)) return value.map(printableValue) as T;
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, printableValue(member)])) as T;
}
