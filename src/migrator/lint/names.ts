/** How names are written in findings and in SQL that is proposed. */
import { quoteName } from '../effects/catalog-names.ts';

export { nameFromParts, nameParts, quoteName, rangeVars, writtenName } from '../effects/catalog-names.ts';

/** `organization_id, id`. */
export function nameList(names: readonly string[]): string {
  return names.map(quoteName).join(', ');
}

/** A new name from parts, cut to what PostgreSQL keeps: `messages_body_check`. */
export function derivedName(...parts: readonly string[]): string {
  const end = parts.at(-1) ?? '';
  const begin = parts.slice(0, -1).join('_');
  return `${begin.slice(0, 62 - end.length)}_${end}`;
}
