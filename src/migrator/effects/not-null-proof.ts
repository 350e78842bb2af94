/** Whether a valid CHECK says already that a column is not null: the server then believes it and reads no row. */
import { quoteName } from './catalog-names.ts';
import type { CatalogTable } from './catalog-view.ts';

export function impliesNotNull(table: CatalogTable | undefined, column: string): boolean {
  const proof = `${quoteName(column)} is not null`;
  return (table?.constraints ?? []).some(
    ({ kind, validated, definition }) => kind === 'check' && validated && conjuncts(body(definition)).includes(proof),
  );
}

/** Of `CHECK ((a IS NOT NULL)) NOT VALID`, what stands in the outermost brackets. */
function body(definition: string): string {
  const from = definition.indexOf('(');
  return definition.slice(from + 1, definition.lastIndexOf(')'));
}

/** The parts of a condition that AND joins at its top, in lower case and without brackets around them. */
function conjuncts(condition: string): string[] {
  const text = withoutBrackets(condition.trim());
  const parts: string[] = [];
  let depth = 0;
  let from = 0;
  for (let at = 0; at < text.length; at += 1) {
    if (text[at] === '(') depth += 1;
    if (text[at] === ')') depth -= 1;
    if (depth === 0 && /^ and /i.test(text.slice(at, at + 5))) {
      parts.push(text.slice(from, at));
      from = at + 5;
    }
  }
  if (parts.length === 0) return [text.replace(/ IS NOT NULL$/i, ' is not null')];
  return [...parts, text.slice(from)].flatMap(conjuncts);
}

function withoutBrackets(text: string): string {
  if (!text.startsWith('(') || !text.endsWith(')')) return text;
  let depth = 0;
  for (let at = 0; at < text.length - 1; at += 1) {
    if (text[at] === '(') depth += 1;
    if (text[at] === ')') depth -= 1;
    if (depth === 0) return text;
  }
  return withoutBrackets(text.slice(1, -1).trim());
}
