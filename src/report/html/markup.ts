/** HTML as a value that is known to be safe: text goes in through `html` and is escaped, markup is only written here. */
import { printable } from '../printable.ts';

export class Markup {
  readonly source: string;

  constructor(source: string) {
    this.source = source;
  }
}

type Part = string | number | Markup | readonly Markup[];

/** A template whose inserted texts are escaped; markup and lists of it go in as they are. */
export function html(strings: TemplateStringsArray, ...parts: readonly Part[]): Markup {
  const source = strings.reduce(
    (text, string, index) => text + string + (index < parts.length ? partText(parts[index]!) : ''),
    '',
  );
  return new Markup(source);
}

/** Nothing. */
export const EMPTY = new Markup('');

function partText(part: Part): string {
  if (part instanceof Markup) return part.source;
  if (Array.isArray(part)) return (part as readonly Markup[]).map((one) => one.source).join('');
  return escapeHtml(String(part));
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

export function escapeHtml(text: string): string {
  return printable(text).replace(/[&<>"']/g, (character) => ENTITIES[character] ?? character);
}
